"""What somebody can see and change of their own: who they are, and their address book."""

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from shop.accounts import actions as accounts
from shop.accounts import queries as account_queries
from shop.accounts.errors import AddressBookIsFull, EmailTaken
from shop.accounts.rules import MOST_ADDRESSES
from shop.letters import actions as letters
from shop.letters import queries as letter_queries
from shop.storefront import visitors
from shop.storefront.answers import answers_refusals, for_methods
from shop.storefront.limits import limited
from shop.storefront.people_forms import ADDRESS_NAMES, AddressForm, DetailsForm
from shop.storefront.sentences import sentence_of
from shop.storefront.visitors import for_users


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
@for_users
def account(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show what somebody says of themselves; by POST, change it."""
    if request.method != "POST":
        told = {name: getattr(request.user, name) for name in DetailsForm.base_fields}
        return _account(request, DetailsForm(initial=told), user_id=user_id)
    form = DetailsForm(request.POST)
    if not (form.is_valid() and _are_changed(form, user_id=user_id)):
        return _account(request, form, user_id=user_id)
    messages.success(request, "Your details were saved.")
    return redirect("account")


@never_cache
@for_methods("POST")
@answers_refusals
@limited
@for_users
def choose_letters(request: HttpRequest, user_id: int) -> HttpResponse:
    """Keep whether somebody wants a letter about what they leave in the cart."""
    agrees = "left_cart" in request.POST
    letters.set_cart_consent(user_id=user_id, agrees=agrees)
    kept = "We write to you about what you leave in the cart, once for each."
    messages.success(request, kept if agrees else "We write to you about orders alone.")
    return redirect("account")


@never_cache
@for_methods("GET", "HEAD")
@for_users
def address_list(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show somebody's address book."""
    addresses = account_queries.addresses_of(user_id)
    is_full = len(addresses) >= MOST_ADDRESSES
    context = {"addresses": addresses, "is_full": is_full, "most": MOST_ADDRESSES}
    return visitors.render_for(request, "storefront/account_addresses.html", context)


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
@for_users
def add_address(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask for an address; by POST, add it to the book."""
    if request.method == "POST":
        return _keep(request, AddressForm(request.POST), user_id=user_id, address_id=None)
    name = {"name": visitors.details(request)["name"]}
    return _page(request, "account_address", AddressForm(initial=name))


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
@for_users
def change_address(request: HttpRequest, user_id: int, address_id: int) -> HttpResponse:
    """Show an address of somebody's own; by POST, change it."""
    address = account_queries.address(user_id=user_id, address_id=address_id)
    if request.method == "POST":
        return _keep(request, AddressForm(request.POST), user_id=user_id, address_id=address_id)
    known = {name: getattr(address, name) for name in ADDRESS_NAMES}
    return _page(request, "account_address", AddressForm(initial=known), address_id=address_id)


@never_cache
@for_methods("POST")
@answers_refusals
@limited
@for_users
def remove_address(request: HttpRequest, user_id: int, address_id: int) -> HttpResponse:
    """Take an address out of the book."""
    accounts.remove_address(user_id=user_id, address_id=address_id)
    messages.success(request, "The address was removed.")
    return redirect("account_addresses")


def _are_changed(form: DetailsForm, *, user_id: int) -> bool:
    """Change the details; where the shop refuses, say so at the field and return False."""
    try:
        accounts.change_details(user_id=user_id, details=form.cleaned_data)
    except EmailTaken as refusal:
        form.add_error("email", sentence_of(refusal))
        return False
    return True


def _keep(
    request: HttpRequest, form: AddressForm, *, user_id: int, address_id: int | None
) -> HttpResponse:
    """Write an address into the book, or show what is wrong with it."""
    if not form.is_valid():
        return _page(request, "account_address", form, address_id=address_id)
    try:
        accounts.keep_address(user_id=user_id, address=form.address, address_id=address_id)
    except AddressBookIsFull as refusal:
        form.add_error(None, sentence_of(refusal))
        return _page(request, "account_address", form, address_id=address_id)
    messages.success(request, "The address was saved.")
    return redirect("account_addresses")


def _account(request: HttpRequest, form: DetailsForm, *, user_id: int) -> HttpResponse:
    wants = letter_queries.wants_cart_letters(user_id)
    return _page(request, "account", form, wants_cart_letters=wants)


def _page(
    request: HttpRequest, page: str, form: forms.Form, **more: bool | int | None
) -> HttpResponse:
    context = {"form": form, **more}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return visitors.render_for(request, f"storefront/{page}.html", context, status=status)

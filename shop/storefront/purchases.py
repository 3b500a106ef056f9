"""The checkout: from a cart to an order, exactly once."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from shop.accounts import queries as accounts
from shop.accounts.errors import UnknownAddress
from shop.cart.queries import PricedCart
from shop.checkout import actions as checkout_actions
from shop.checkout.errors import AlreadyOrdered, CartChanged, KeyReused, TotalChanged
from shop.checkout.rules import Buyer, Draft, Key
from shop.gate.errors import TooManyRequests
from shop.lib.database_thread import with_database
from shop.lib.refusals import Busy, Refusal
from shop.lib.requests import name_user
from shop.orders import queries as orders
from shop.orders.rules import PostalAddress
from shop.storefront import tickets, visitors
from shop.storefront.answers import answers_refusals, fault, for_methods
from shop.storefront.baskets import cart_page, priced_cart, rows_of
from shop.storefront.forms import CheckoutForm, SentCheckoutForm
from shop.storefront.limits import FORMS
from shop.storefront.sentences import sentence_of, status_of
from shop.storefront.tickets import Ticket

if TYPE_CHECKING:
    from shop.accounts.models import Address


@csrf_exempt
@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
def checkout(request: HttpRequest) -> HttpResponse:
    """Show what the cart comes to and ask who orders it; by POST, order it.

    The ticket in the form is its protection against other sites. An order that goes through asks
    no database here: it may be one of many threads that answers.
    """
    if request.method == "POST":
        return _place_order(request)
    cart = priced_cart(request)
    if cart is None or not cart.can_be_ordered:
        return redirect("cart")
    form = CheckoutForm(initial=visitors.details(request), addresses=_book(request))
    return _checkout_page(request, cart, form)


def _book(request: HttpRequest) -> "Sequence[Address]":
    user_id = visitors.user_id(request)
    return [] if user_id is None else accounts.addresses_of(user_id)


def _place_order(request: HttpRequest) -> HttpResponse:
    try:
        ticket = _admitted(request)
        form = SentCheckoutForm(request.POST, of_user=ticket.user_id is not None)
        if not form.is_valid():
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return _once_more(request, "", status, ticket=ticket)
        order_id = _order_id(_draft(ticket, form))
    except TooManyRequests:
        raise
    except UnknownAddress:
        # The form itself says so, next to the addresses that there are.
        return _once_more(request, "", HTTPStatus.UNPROCESSABLE_ENTITY)
    except Refusal as refusal:
        return _once_more(request, sentence_of(refusal), status_of(refusal))
    response = redirect("order_detail", order_id=order_id)
    if ticket.user_id is None:
        visitors.remember_guests_order(request, response, order_id)
    return response


def _admitted(request: HttpRequest) -> Ticket:
    """Return the ticket of a form, having counted it: for its user, or for the address it is from.

    Raises TooManyRequests, or the Refusal for which there is no ticket.
    """
    address = f"address:{visitors.address_of(request)}"
    try:
        browser = tickets.browser_of(request)
        ticket = tickets.read(request.POST.get("ticket", ""), browser=browser)
    except Refusal:
        FORMS.admit(who=address)
        raise
    FORMS.admit(who=address if ticket.user_id is None else f"user:{ticket.user_id}")
    name_user(request, ticket.user_id)
    return ticket


def _order_id(draft: Draft) -> int:
    """Return the id of the order that the draft becomes, or has become before.

    Raises the Refusal for which there is no order.
    """
    try:
        return checkout_actions.place_order(draft=draft).order_id
    except AlreadyOrdered as refusal:
        return refusal.order_id
    except KeyReused:
        # Sent again with another address, after it had been ordered: the first one counts.
        order_ids = with_database(lambda: orders.ids_by_origin([draft.origin]))
        if draft.origin not in order_ids:
            raise
        return order_ids[draft.origin]


def _draft(ticket: Ticket, form: SentCheckoutForm) -> Draft:
    email, address = form.cleaned_data["email"], form.typed_address
    said = asdict(address) if address else form.address_id
    asked = [str(ticket.cart_id), str(ticket.total), email, said, form.payment_method]
    body = json.dumps(asked, sort_keys=True)
    return Draft(
        buyer=Buyer(
            email=email,
            address=PostalAddress(**asdict(address)) if address else None,
            address_id=form.address_id,
            user_id=ticket.user_id,
            token_version=ticket.token_version,
            keeps_address=form.keeps_address,
        ),
        payment_method=form.payment_method,
        cart_id=ticket.cart_id,
        cart_version=ticket.cart_version,
        expected_total=ticket.total,
        key=Key(
            scope=ticket.scope,
            key=ticket.key,
            body_hash=hashlib.sha256(body.encode()).hexdigest(),
        ),
    )


def _once_more(
    request: HttpRequest, sentence: str, status: HTTPStatus, *, ticket: Ticket | None = None
) -> HttpResponse:
    """Show the checkout again with what was typed, or the cart where that is in the way.

    With a ticket, what has changed since it was written is said as well.
    """
    try:
        return with_database(lambda: _shown_again(request, sentence, status, ticket=ticket))
    except Busy as refusal:
        # Nobody can be asked for the rest of the page.
        return fault(request, refusal)


def _shown_again(
    request: HttpRequest, sentence: str, status: HTTPStatus, *, ticket: Ticket | None
) -> HttpResponse:
    cart = priced_cart(request)
    change = _change_since(ticket, cart) if ticket and cart else None
    if change is not None:
        sentence = sentence_of(change)
    if cart is None or not cart.can_be_ordered:
        return cart_page(request, sentence=sentence, status=status)
    form = CheckoutForm(request.POST, addresses=_book(request))
    return _checkout_page(request, cart, form, sentence=sentence, status=status)


def _change_since(ticket: Ticket, cart: PricedCart) -> Refusal | None:
    """Return as what the checkout would refuse a cart that is not the one that was shown."""
    if cart.quote.total != ticket.total:
        return TotalChanged(expected=ticket.total, total=cart.quote.total)
    same = (ticket.cart_id, ticket.cart_version) == (cart.id, cart.version)
    return None if same else CartChanged()


def _checkout_page(
    request: HttpRequest,
    cart: PricedCart,
    form: CheckoutForm,
    *,
    sentence: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    user = request.user if request.user.is_authenticated else None
    ticket = Ticket(
        user_id=user.pk if user else None,
        token_version=user.token_version if user else None,
        cart_id=cart.id,
        cart_version=cart.version,
        total=cart.quote.total,
    )
    context = {
        "cart": cart,
        "units": cart.units,
        "rows": rows_of(cart),
        "form": form,
        "ticket": tickets.write(ticket, browser=tickets.browser_of(request)),
        "sentence": sentence,
        "bank_details": settings.BANK_DETAILS,
    }
    return visitors.render_for(request, "storefront/checkout.html", context, status=status)

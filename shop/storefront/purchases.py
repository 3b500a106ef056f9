"""The checkout: from a cart to an order, exactly once."""

import hashlib
import json
import logging
from dataclasses import asdict
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from shop.accounts import actions as account_actions
from shop.accounts import queries as accounts
from shop.cart.queries import PricedCart
from shop.checkout import actions as checkout_actions
from shop.checkout.errors import AlreadyOrdered, CartChanged, KeyReused, TotalChanged
from shop.checkout.rules import Buyer, Draft, Key
from shop.lib.refusals import Refusal
from shop.orders import queries as orders
from shop.orders.rules import PostalAddress
from shop.storefront import tickets, visitors
from shop.storefront.answers import answers_refusals, for_methods
from shop.storefront.baskets import cart_page, priced_cart, rows_of
from shop.storefront.forms import CheckoutForm
from shop.storefront.limits import limited
from shop.storefront.sentences import sentence_of, status_of
from shop.storefront.tickets import Ticket

logger = logging.getLogger(__name__)


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
def checkout(request: HttpRequest) -> HttpResponse:
    """Show what the cart comes to and ask who orders it; by POST, order it."""
    if request.method == "POST":
        return _place_order(request)
    cart = priced_cart(request)
    if cart is None or not cart.can_be_ordered:
        return redirect("cart")
    return _checkout_page(request, cart, _form(request))


def _form(request: HttpRequest) -> CheckoutForm:
    """Return the form with what was sent, or else with what we know of a user."""
    user_id = visitors.user_id(request)
    book = [] if user_id is None else accounts.addresses_of(user_id)
    if request.method == "POST":
        return CheckoutForm(request.POST, addresses=book)
    return CheckoutForm(initial=visitors.details(request), addresses=book)


def _place_order(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    try:
        ticket = tickets.read(request.POST.get("ticket", ""), user_id=visitors.user_id(request))
        if not form.is_valid():
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return _once_more(request, form, "", status, ticket=ticket)
        order_id = _order_id(_draft(ticket, form))
    except Refusal as refusal:
        return _once_more(request, form, sentence_of(refusal), status_of(refusal))
    _keep_address(form, user_id=ticket.user_id)
    response = redirect("order_detail", order_id=order_id)
    visitors.remember_order(request, response, order_id)
    return response


def _keep_address(form: CheckoutForm, *, user_id: int | None) -> None:
    """Keep the address for the next order. This one is placed, whatever becomes of that."""
    if user_id is None or not form.keeps_address:
        return
    try:
        account_actions.keep_address(user_id=user_id, address=form.address)
    except Refusal as refusal:
        logger.info("The address of an order was not kept: %s", refusal)


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
        order_ids = orders.ids_by_origin([draft.origin])
        if draft.origin not in order_ids:
            raise
        return order_ids[draft.origin]


def _draft(ticket: Ticket, form: CheckoutForm) -> Draft:
    email, address = form.cleaned_data["email"], asdict(form.address)
    asked = [str(ticket.cart_id), str(ticket.total), email, address, form.payment_method]
    body = json.dumps(asked, sort_keys=True)
    return Draft(
        buyer=Buyer(email=email, address=PostalAddress(**address), user_id=ticket.user_id),
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
    request: HttpRequest,
    form: CheckoutForm,
    sentence: str,
    status: HTTPStatus,
    *,
    ticket: Ticket | None = None,
) -> HttpResponse:
    """Show the checkout again with what was typed, or the cart where that is in the way.

    With a ticket, what has changed since it was written is said as well.
    """
    cart = priced_cart(request)
    change = _change_since(ticket, cart) if ticket and cart else None
    if change is not None:
        sentence = sentence_of(change)
    if cart is None or not cart.can_be_ordered:
        return cart_page(request, sentence=sentence, status=status)
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
    ticket = tickets.write(
        user_id=visitors.user_id(request),
        cart_id=cart.id,
        cart_version=cart.version,
        total=cart.quote.total,
    )
    context = {
        "cart": cart,
        "units": cart.units,
        "rows": rows_of(cart),
        "form": form,
        "ticket": ticket,
        "sentence": sentence,
        "bank_details": settings.BANK_DETAILS,
    }
    return visitors.render_for(request, "storefront/checkout.html", context, status=status)

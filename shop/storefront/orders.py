"""Orders: lists for those who may see them, one by one, and calling them off."""

from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from shop.catalog import queries as catalog
from shop.catalog.rules import Offer
from shop.letters import queries as letters
from shop.lib.refusals import Refusal
from shop.lib.replicas.reading import may_lag
from shop.orders import actions as order_actions
from shop.orders import queries as orders
from shop.orders.errors import UnknownOrder
from shop.orders.rules import OrderStatus, PaymentState
from shop.showcase import queries as showcase
from shop.showcase.rules import Picture
from shop.storefront import visitors
from shop.storefront.answers import answers_refusals, for_methods
from shop.storefront.forms import OrdersForm
from shop.storefront.limits import limited
from shop.storefront.sentences import sentence_of, status_of

if TYPE_CHECKING:
    from shop.orders.models import Order, OrderLine

# What the history of an order says, by what happened.
_HISTORY = {
    "paid": "Payment received",
    "refunded": "Money sent back",
    "shipped": "Sent to you",
    "completed": "Completed",
    "canceled": "Canceled",
    "expired": "Canceled: it was not paid in time",
}
_LOOK_ONLY = "You may look at this order, but not change it."


@never_cache
@for_methods("GET", "HEAD")
@answers_refusals
def order_list(request: HttpRequest) -> HttpResponse:
    """Show all orders to staff who may see them, users theirs, guests those of this browser."""
    if visitors.sees_all_orders(request):
        return _all_orders(request)
    user_id = visitors.user_id(request)
    if user_id is not None:
        return _orders_of(request, user_id)
    found = orders.guests_orders(visitors.guest_order_ids(request))
    if not found:
        return redirect_to_login(request.path)
    return _order_list(request, {"orders": found})


@never_cache
@for_methods("GET", "HEAD")
@answers_refusals
def order_detail(request: HttpRequest, order_id: int) -> HttpResponse:
    """Show an order to those who may see it; to others it does not exist."""
    return _order_page(request, order_id)


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
def cancel_order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Ask whether an order shall be called off; by POST, do so, unless it is on its way."""
    if request.method != "POST":
        return _ask_to_cancel(request, order_id)
    order = orders.whole(order_id)
    owner_id = order.user_id
    _check_may_see(request, order_id, owner_id=owner_id)
    if not visitors.may_cancel(request, order_id=order_id, owner_id=owner_id):
        return _order_page(request, order_id, sentence=_LOOK_ONLY, status=HTTPStatus.FORBIDDEN)
    try:
        order_actions.cancel(order_ids=[order_id], by=visitors.user_id(request))
    except Refusal as refusal:
        return _order_page(
            request, order_id, sentence=sentence_of(refusal), status=status_of(refusal)
        )
    messages.success(request, f"Order {order.number} has been canceled.")
    return redirect("order_detail", order_id=order_id)


@never_cache
@for_methods("GET", "HEAD")
@answers_refusals
@limited
def open_order(request: HttpRequest, number: str, seal: str) -> HttpResponse:
    """Lead whoever has the link from a letter to the order; to a user's by signing in first."""
    order_id, owner_id = orders.opened_by(number=number, seal=seal)
    page = reverse("order_detail", args=[order_id])
    if visitors.may_see(request, order_id=order_id, owner_id=owner_id):
        return redirect(page)
    if owner_id is not None:
        return redirect_to_login(page)
    response = redirect(page)
    visitors.remember_guests_order(request, response, order_id)
    return response


@never_cache
@for_methods("GET", "HEAD")
@answers_refusals
def invoice(request: HttpRequest, order_id: int) -> HttpResponse:
    """Hand out the invoice of an order to those who may see the order."""
    order = orders.whole(order_id)
    _check_may_see(request, order_id, owner_id=order.user_id)
    printed = letters.printed_invoice(order)
    return HttpResponse(
        printed.content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{printed.name}"'},
    )


def _ask_to_cancel(request: HttpRequest, order_id: int) -> HttpResponse:
    order = orders.whole(order_id)
    _check_may_see(request, order_id, owner_id=order.user_id)
    if not visitors.may_cancel(request, order_id=order_id, owner_id=order.user_id):
        return _order_page(request, order_id, sentence=_LOOK_ONLY, status=HTTPStatus.FORBIDDEN)
    if not orders.can_be_canceled(order):
        return redirect("order_detail", order_id=order_id)
    return visitors.render_for(request, "storefront/order_cancel.html", {"order": order})


@may_lag
def _orders_of(request: HttpRequest, user_id: int) -> HttpResponse:
    page = orders.page_of_user(user_id, cursor=request.GET.get("cursor"))
    return _order_list(request, {"orders": page.items, "page": page})


def _all_orders(request: HttpRequest) -> HttpResponse:
    form = OrdersForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    name, day = wanted.get("find"), wanted.get("date")
    order_id = orders.find(name) if name else None
    if order_id is not None:
        return redirect("order_detail", order_id=order_id)
    since, before = _span(day) if day else (None, None)
    page = orders.page_of_all(cursor=request.GET.get("cursor"), since=since, before=before)
    context = {"orders": page.items, "page": page, "form": form, "name": name, "day": day}
    context["for_staff"] = True
    if since is not None and before is not None:
        context["sums"] = orders.sums(since=since, before=before)
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return _order_list(request, context, status=status)


def _span(day: date) -> tuple[datetime, datetime]:
    """Return when a day begins and ends where the shop is."""
    begins = datetime.combine(day, time.min)
    ends = begins + timedelta(days=1)
    return timezone.make_aware(begins), timezone.make_aware(ends)


def _order_list(
    request: HttpRequest, context: dict[str, Any], *, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    return visitors.render_for(request, "storefront/order_list.html", context, status=status)


def _order_page(
    request: HttpRequest,
    order_id: int,
    *,
    sentence: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    order = orders.whole(order_id)
    _check_may_see(request, order_id, owner_id=order.user_id)
    may_cancel = visitors.may_cancel(request, order_id=order_id, owner_id=order.user_id)
    context = {
        "order": order,
        "rows": _rows(order),
        "history": [(_HISTORY.get(event.kind, event.kind), event) for event in order.history.all()],
        "may_review": _may_review(request, order),
        "bank_details": settings.BANK_DETAILS,
        "has_invoice": order.payment_state != PaymentState.UNPAID.value
        and letters.has_invoice(order_id),
        "can_be_canceled": may_cancel and orders.can_be_canceled(order),
        "for_staff": visitors.sees_all_orders(request),
        "sentence": sentence,
    }
    return visitors.render_for(request, "storefront/order_detail.html", context, status=status)


def _may_review(request: HttpRequest, order: "Order") -> bool:
    """Tell whether the visitor is who bought it, and has not called it off."""
    is_theirs = order.user_id is not None and order.user_id == visitors.user_id(request)
    return is_theirs and order.status != OrderStatus.CANCELED.value


def _rows(order: "Order") -> list[tuple["OrderLine", Offer | None, Picture | None]]:
    """Return what was ordered, each line with what the catalogue says of it today."""
    lines = order.lines.all()
    offers = catalog.offers([line.variant_id for line in lines])
    pictures = showcase.pictures_by_variant(
        {variant_id: offer.product_id for variant_id, offer in offers.items()}
    )
    return [(line, offers.get(line.variant_id), pictures.get(line.variant_id)) for line in lines]


def _check_may_see(request: HttpRequest, order_id: int, *, owner_id: int | None) -> None:
    """Raise UnknownOrder for whoever may not know that there is such an order."""
    if not visitors.may_see(request, order_id=order_id, owner_id=owner_id):
        raise UnknownOrder(order_id=order_id)

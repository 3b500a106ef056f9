"""Orders: lists for those who may see them, one by one, and calling them off."""

from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shop.lib.refusals import Refusal
from shop.orders import actions as order_actions
from shop.orders import queries as orders
from shop.orders.errors import UnknownOrder
from shop.storefront import visitors
from shop.storefront.answers import answers_refusals
from shop.storefront.countries import country_name
from shop.storefront.forms import OrdersForm
from shop.storefront.sentences import sentence_of, status_of


@never_cache
@require_safe
@answers_refusals
def order_list(request: HttpRequest) -> HttpResponse:
    """Show staff all orders, users theirs, and guests what they ordered in this browser."""
    if visitors.is_staff(request):
        return _all_orders(request)
    user_id = visitors.user_id(request)
    if user_id is not None:
        page = orders.page_of_user(user_id, cursor=request.GET.get("cursor"))
        return _order_list(request, {"orders": page.items, "page": page})
    found = orders.guests_orders(visitors.guest_order_ids(request))
    if not found:
        return redirect("account_login")
    return _order_list(request, {"orders": found})


@never_cache
@require_safe
@answers_refusals
def order_detail(request: HttpRequest, order_id: int) -> HttpResponse:
    """Show an order to those who may see it; to others it does not exist."""
    return _order_page(request, order_id)


@never_cache
@require_POST
@answers_refusals
def cancel_order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Call an order off, as long as it is not on its way."""
    _check_may_see(request, order_id, owner_id=orders.owner(order_id))
    try:
        order_actions.cancel(order_ids=[order_id], by=visitors.user_id(request))
    except Refusal as refusal:
        return _order_page(
            request, order_id, sentence=sentence_of(refusal), status=status_of(refusal)
        )
    return redirect("order_detail", order_id=order_id)


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
    context = {
        "order": order,
        "country": country_name(order.country),
        "can_be_canceled": orders.can_be_canceled(order),
        "sentence": sentence,
    }
    return visitors.render_for(request, "storefront/order_detail.html", context, status=status)


def _check_may_see(request: HttpRequest, order_id: int, *, owner_id: int | None) -> None:
    """Raise UnknownOrder for whoever may not know that there is such an order."""
    if not visitors.may_see(request, order_id=order_id, owner_id=owner_id):
        raise UnknownOrder(order_id=order_id)

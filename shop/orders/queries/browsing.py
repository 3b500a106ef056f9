"""Orders as people look at them: one by one, in pages, and day by day."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q

from shop.lib.keyset import Page, page
from shop.lib.refusals import Refusal
from shop.orders import rules
from shop.orders.errors import UnknownOrder
from shop.orders.models import Order, OrderEvent, OrderLine
from shop.orders.rules import (
    FulfilmentState,
    OrderState,
    OrderStatus,
    PaymentMethod,
    PaymentState,
)
from shop.pricing.rules import ZERO

if TYPE_CHECKING:
    from django.db.models import QuerySet

PAGE_SIZE = 24
_NEWEST_FIRST = ("-placed_at", "-id")


@dataclass(frozen=True, slots=True)
class Sum:
    """So many orders, and what they come to together; canceled ones are a sum by themselves."""

    currency: str
    is_canceled: bool
    count: int
    total: Decimal


def whole(order_id: int) -> Order:
    """Return an order with its `lines` and its `history`, in three queries. Raises UnknownOrder."""
    order = _with_parts(Order.objects.filter(id=order_id)).first()
    if order is None:
        raise UnknownOrder(order_id=order_id)
    return order


def owner(order_id: int) -> int | None:
    """Return the id of the user whose order it is, None for a guest's. Raises UnknownOrder."""
    owners = Order.objects.filter(id=order_id).values_list("user_id", flat=True)
    for user_id in owners:
        return user_id
    raise UnknownOrder(order_id=order_id)


def can_be_canceled(order: Order) -> bool:
    """Tell whether canceling the order, as it was read, would go through."""
    state = OrderState(
        number=order.number,
        method=PaymentMethod(order.payment_method),
        status=OrderStatus(order.status),
        payment=PaymentState(order.payment_state),
        fulfilment=FulfilmentState(order.fulfilment_state),
    )
    try:
        rules.cancel(state)
    except Refusal:
        return False
    return True


def find(name: str) -> int | None:
    """Return the id of the order with exactly this number or origin, None where there is none."""
    found = Order.objects.filter(Q(number=name) | Q(origin=name)).order_by("id")
    return found.values_list("id", flat=True).first()


def page_of_all(
    *, cursor: str | None, since: datetime | None = None, before: datetime | None = None
) -> Page[Order]:
    """Return a page of all orders, the newest first, placed in that time. Raises InvalidCursor."""
    orders = _placed(since, before)
    return page(orders, ordering=_NEWEST_FIRST, size=PAGE_SIZE, cursor=cursor)


def page_of_user(user_id: int, *, cursor: str | None) -> Page[Order]:
    """Return a page of a user's orders, the newest first. Raises InvalidCursor."""
    orders = Order.objects.filter(user_id=user_id)
    return page(orders, ordering=_NEWEST_FIRST, size=PAGE_SIZE, cursor=cursor)


def page_of_whole(
    *, user_id: int | None, status: OrderStatus | None, cursor: str | None, size: int
) -> Page[Order]:
    """Return a page of orders as `whole` returns them, the newest first, in three queries.

    Those of a user, or (None) everybody's; in one status, or (None) in any. Raises InvalidCursor.
    """
    orders = Order.objects.all() if user_id is None else Order.objects.filter(user_id=user_id)
    if status is not None:
        orders = orders.filter(status=status.value)
    return page(_with_parts(orders), ordering=_NEWEST_FIRST, size=size, cursor=cursor)


def guests_orders(order_ids: Collection[int]) -> list[Order]:
    """Return those of these orders that no user owns, the newest first."""
    return list(
        Order.objects.filter(id__in=order_ids, user_id__isnull=True).order_by(*_NEWEST_FIRST)
    )


def sums(*, since: datetime, before: datetime) -> list[Sum]:
    """Return what the orders placed in that time come to, in one query.

    Added here and not by the database: SQLite would add binary fractions.
    """
    totals: defaultdict[tuple[str, bool], list[Decimal]] = defaultdict(list)
    for currency, status, total in _placed(since, before).values_list(
        "currency", "status", "total"
    ):
        totals[currency, status == OrderStatus.CANCELED.value].append(total)
    return [
        Sum(currency=currency, is_canceled=is_canceled, count=len(added), total=sum(added, ZERO))
        for (currency, is_canceled), added in sorted(totals.items())
    ]


def _with_parts(orders: "QuerySet[Order]") -> "QuerySet[Order]":
    """Read with orders what was bought, and what happened to them since."""
    return orders.prefetch_related(
        Prefetch("lines", OrderLine.objects.order_by("position")),
        Prefetch("history", OrderEvent.objects.select_related("by").order_by("id")),
    )


def _placed(since: datetime | None, before: datetime | None) -> "QuerySet[Order]":
    orders = Order.objects.all()
    if since is not None:
        orders = orders.filter(placed_at__gte=since)
    if before is not None:
        orders = orders.filter(placed_at__lt=before)
    return orders

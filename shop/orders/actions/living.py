"""The life of a placed order: each verb checks, writes and tells, or changes nothing."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from django.db import connection
from django.utils import timezone

from shop.events import actions as events
from shop.events.rules import News
from shop.inventory import actions as inventory
from shop.inventory.actions import Outgoing
from shop.inventory.rules import Share
from shop.lib.transactions import durable
from shop.orders import rules
from shop.orders.errors import UnknownOrder
from shop.orders.models import Allocation, Order, OrderEvent, OrderLine
from shop.orders.rules import (
    AllocationState,
    FulfilmentState,
    OrderState,
    OrderStatus,
    PaymentMethod,
    PaymentState,
)

EXPIRED_AT_ONCE = 100


@durable
def mark_paid(*, order_ids: Collection[int], by: int | None) -> None:
    """The money of all these orders has come.

    Raises UnknownOrder, OrderIsCanceled or OrderIsPaid, and then none of them is marked.
    """
    _advance(_lock(order_ids), step=rules.mark_paid, kind="paid", by=by)


@durable
def ship(*, order_ids: Collection[int], by: int | None) -> None:
    """All these orders leave: their units are off the shelves.

    Raises UnknownOrder, OrderIsCanceled, OrderIsShipped or OrderIsUnpaid, and then none leaves.
    """
    _ship(_lock(order_ids), by=by)


@durable
def complete(*, order_ids: Collection[int], by: int | None) -> None:
    """Nothing is left to do for these orders.

    Raises UnknownOrder, OrderIsCanceled, OrderIsCompleted, OrderIsUnpaid or OrderIsUnshipped, and
    then none of them changes.
    """
    _advance(_lock(order_ids), step=rules.complete, kind="completed", by=by)


@durable
def cancel(*, order_ids: Collection[int], by: int | None) -> None:
    """These purchases are off: their stock is for sale again.

    Raises UnknownOrder, OrderIsCanceled, OrderIsCompleted or OrderIsShipped, and then none of
    them changes.
    """
    _cancel(_lock(order_ids), kind="canceled", by=by)


@durable
def mark_refunded(*, order_ids: Collection[int], by: int | None) -> None:
    """The money that was due back for all these orders has been sent.

    Raises UnknownOrder or OrderOwesNothing, and then none of them changes.
    """
    _advance(_lock(order_ids), step=rules.refund, kind="refunded", by=by)


@durable
def settle(*, order_ids: Collection[int], by: int | None) -> None:
    """Bring orders that were paid and delivered elsewhere to their end, from wherever they stand.

    Canceled orders stay canceled. Raises UnknownOrder.
    """
    orders = [order for order in _lock(order_ids) if order.status == OrderStatus.PENDING]
    unpaid = [order for order in orders if order.payment_state == PaymentState.UNPAID]
    unshipped = [order for order in orders if order.fulfilment_state == FulfilmentState.UNSHIPPED]
    _advance(unpaid, step=rules.mark_paid, kind="paid", by=by)
    _ship(unshipped, by=by)
    _advance(orders, step=rules.complete, kind="completed", by=by)


def expire_unpaid(*, now: datetime) -> int:
    """Cancel the orders that have waited for their money long enough; return how many."""
    expired = 0
    while count := _expire_some(now):
        expired += count
    return expired


@durable
def _expire_some(now: datetime) -> int:
    # Whoever pays or cancels one of them at this moment holds its lock and wins.
    due = Order.objects.filter(expires_at__lte=now).select_for_update(
        skip_locked=connection.features.has_select_for_update_skip_locked
    )
    orders = list(due.order_by("expires_at", "id")[:EXPIRED_AT_ONCE])
    if orders:
        _cancel(orders, kind="expired", by=None)
    return len(orders)


def _ship(orders: Sequence[Order], *, by: int | None) -> None:
    _advance(orders, step=rules.ship, kind="shipped", by=by)
    inventory.ship(outgoing=_end_allocations(orders, AllocationState.SHIPPED), by=by)


def _cancel(orders: Sequence[Order], *, kind: str, by: int | None) -> None:
    _advance(orders, step=rules.cancel, kind=kind, by=by)
    ended = _end_allocations(orders, AllocationState.RELEASED)
    inventory.release(
        shares=[Share(level_id=item.level_id, quantity=item.quantity) for item in ended]
    )


def _lock(order_ids: Collection[int]) -> list[Order]:
    """Lock orders in key order. Raises UnknownOrder."""
    orders = list(Order.objects.select_for_update().filter(id__in=order_ids).order_by("id"))
    for missing in set(order_ids) - {order.id for order in orders}:
        raise UnknownOrder(order_id=missing)
    return orders


def _advance(
    orders: Sequence[Order],
    *,
    step: Callable[[OrderState], OrderState],
    kind: str,
    by: int | None,
) -> None:
    """Take every order one step on, and write down and tell that it happened."""
    if not orders:
        return
    outcomes: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for order in orders:
        after = step(_state(order))
        order.status = after.status.value
        order.payment_state = after.payment.value
        order.fulfilment_state = after.fulfilment.value
        outcomes[order.status, order.payment_state, order.fulfilment_state].append(order.id)
    for (status, payment, fulfilment), order_ids in outcomes.items():
        Order.objects.filter(id__in=order_ids).update(
            status=status,
            payment_state=payment,
            fulfilment_state=fulfilment,
            # Every step ends the wait: the money is here, is not waited for, or is not wanted.
            expires_at=None,
        )
    now = timezone.now()
    OrderEvent.objects.bulk_create(
        OrderEvent(order=order, kind=kind, at=now, by_id=by) for order in orders
    )
    events.emit_all(news=[_news(order, kind) for order in orders])


def _state(order: Order) -> OrderState:
    return OrderState(
        number=order.number,
        method=PaymentMethod(order.payment_method),
        status=OrderStatus(order.status),
        payment=PaymentState(order.payment_state),
        fulfilment=FulfilmentState(order.fulfilment_state),
    )


def _news(order: Order, kind: str) -> News:
    return News(
        name=f"order.{kind}",
        subject=f"order:{order.id}",
        payload={"order_id": order.id, "number": order.number, "origin": order.origin},
    )


def _end_allocations(orders: Sequence[Order], state: AllocationState) -> list[Outgoing]:
    """Move the orders' live allocations to a final state; return what they had promised."""
    order_ids = [order.id for order in orders]
    live = Allocation.objects.filter(
        line_id__in=OrderLine.objects.filter(order_id__in=order_ids).values("id"),
        state=AllocationState.LIVE.value,
    )
    ended = [
        Outgoing(level_id=level_id, quantity=quantity, reference=number)
        for level_id, quantity, number in live.order_by("id").values_list(
            "level_id", "quantity", "line__order__number"
        )
    ]
    live.update(state=state.value)
    return ended

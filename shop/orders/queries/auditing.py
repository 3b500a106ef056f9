"""What must be true of orders, checked over the whole database, row by row in bounded memory."""

from collections.abc import Collection, Iterator
from itertools import groupby
from operator import itemgetter

from django.db.models import F, IntegerField, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from shop.inventory import queries as inventory
from shop.lib.breaches import Breach, repeated_values
from shop.orders.models import Allocation, Order, OrderLine
from shop.orders.rules import AllocationState, FulfilmentState, OrderStatus
from shop.pricing.rules import ZERO

_ROWS_AT_ONCE = 2000


def breaches() -> Iterator[Breach]:
    """Yield every row that breaks an invariant of orders."""
    yield from _orders_without_lines()
    yield from _wrong_totals()
    yield from _wrong_line_amounts()
    yield from _wrongly_allocated_lines()
    yield from _allocations_of_other_variants()
    yield from _wrong_promises()
    yield from _wrong_completions()
    yield from repeated_values(
        Order.objects.all(), "origin", invariant="one-order-per-origin", row="origin"
    )
    yield from repeated_values(
        Order.objects.all(), "number", invariant="one-order-per-number", row="number"
    )


def _orders_without_lines() -> Iterator[Breach]:
    """An order is of something."""
    empty = Order.objects.filter(lines__isnull=True).order_by("id")
    for number in empty.values_list("number", flat=True).iterator(chunk_size=_ROWS_AT_ONCE):
        yield Breach("order-lines", f"order {number}", "has no lines")


def _wrong_totals() -> Iterator[Breach]:
    """Order total = lines + shipping + tax - discount. Added here: SQLite would add floats."""
    rows = (
        Order.objects.order_by("id")
        .values_list(
            "id",
            "number",
            "total",
            "goods_total",
            "shipping_total",
            "tax_total",
            "discount_total",
            "lines__amount",
        )
        .iterator(chunk_size=_ROWS_AT_ONCE)
    )
    for _, order_rows in groupby(rows, itemgetter(0)):
        first, *others = order_rows
        _, number, total, goods, shipping, tax, discount, _ = first
        lines = sum((row[-1] for row in (first, *others) if row[-1] is not None), ZERO)
        if lines != goods:
            yield Breach(
                "order-goods", f"order {number}", f"its lines are {lines}, its goods {goods}"
            )
        if total != goods + shipping + tax - discount:
            yield Breach(
                "order-total",
                f"order {number}",
                f"{goods} + {shipping} + {tax} - {discount} is not {total}",
            )


def _wrong_line_amounts() -> Iterator[Breach]:
    """A line's amount = its quantity x its price."""
    lines = OrderLine.objects.order_by("id").values_list(
        "order__number", "position", "quantity", "unit_price", "amount"
    )
    for number, position, quantity, price, amount in lines.iterator(chunk_size=_ROWS_AT_ONCE):
        if quantity * price != amount:
            yield Breach(
                "line-amount",
                f"order {number} line {position}",
                f"{quantity} x {price} is not {amount}",
            )


def _wrongly_allocated_lines() -> Iterator[Breach]:
    """Every unit of every line is allocated, and is where its order says it is."""
    live = Q(order__status=OrderStatus.PENDING.value) & Q(
        order__fulfilment_state=FulfilmentState.UNSHIPPED.value
    )
    shipped = Q(order__fulfilment_state=FulfilmentState.SHIPPED.value)
    released = Q(order__status=OrderStatus.CANCELED.value)
    for state, orders in (
        (AllocationState.LIVE, live),
        (AllocationState.SHIPPED, shipped),
        (AllocationState.RELEASED, released & ~shipped),
    ):
        in_state = Sum("allocations__quantity", filter=Q(allocations__state=state.value))
        in_all = Sum("allocations__quantity")
        wrong = (
            OrderLine.objects.filter(orders)
            .annotate(
                right=Coalesce(in_state, 0, output_field=IntegerField()),
                allocated=Coalesce(in_all, 0, output_field=IntegerField()),
            )
            .exclude(right=F("quantity"), allocated=F("quantity"))
            .order_by("id")
            .values_list("order__number", "position", "quantity", "right", "allocated")
        )
        for number, position, quantity, right, allocated in wrong.iterator(
            chunk_size=_ROWS_AT_ONCE
        ):
            yield Breach(
                "line-allocation",
                f"order {number} line {position}",
                f"{right} of {quantity} units are {state.value.lower()}, {allocated} allocated",
            )


def _allocations_of_other_variants() -> Iterator[Breach]:
    """A line's stock is of the line's own variant."""
    strange = Allocation.objects.exclude(level__variant_id=F("line__variant_id")).order_by("id")
    for number, position, sku in strange.values_list(
        "line__order__number", "line__position", "level__variant__sku"
    ).iterator(chunk_size=_ROWS_AT_ONCE):
        yield Breach(
            "allocation-variant",
            f"order {number} line {position}",
            f"is allocated from the stock of {sku}",
        )


def _wrong_promises() -> Iterator[Breach]:
    """A level's promises = its live allocations + its holds."""
    for level, units in _off_their_promises():
        yield Breach(
            "stock-promises",
            level.name,
            f"promised {level.promised}, but {units} allocated and {level.held} held",
        )


def levels_off_their_promises() -> list[int]:
    """Return the ids of levels that promise another number of units than orders and carts have."""
    return [level.level_id for level, _ in _off_their_promises()]


def allocated_by_level(level_ids: Collection[int]) -> dict[int, int]:
    """Return how many units of these levels are allocated to open orders; those with any only."""
    return _allocated(Allocation.objects.filter(level_id__in=level_ids))


def _off_their_promises() -> Iterator[tuple[inventory.Promise, int]]:
    allocated = _allocated(Allocation.objects.all())
    for level in inventory.promises():
        units = allocated.get(level.level_id, 0)
        if level.promised != units + level.held:
            yield level, units


def _allocated(allocations: QuerySet[Allocation]) -> dict[int, int]:
    live = allocations.filter(state=AllocationState.LIVE.value)
    return dict(live.order_by().values_list("level_id").annotate(units=Sum("quantity")))


def _wrong_completions() -> Iterator[Breach]:
    """A completed order is paid and shipped."""
    unfinished = Order.objects.filter(status=OrderStatus.COMPLETED.value).exclude(
        payment_state="Paid", fulfilment_state=FulfilmentState.SHIPPED.value
    )
    for number, payment, fulfilment in unfinished.values_list(
        "number", "payment_state", "fulfilment_state"
    ).iterator():
        yield Breach(
            "order-completion", f"order {number}", f"completed, but {payment} and {fulfilment}"
        )

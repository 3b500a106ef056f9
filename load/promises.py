"""What people were promised, held against the tables of the shop."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from load.journal import Acknowledged, Record
from shop.orders.models import Allocation, Order
from shop.orders.rules import OrderStatus

_AT_ONCE = 500


def breaches(record: Record) -> Iterator[str]:
    """Return what was promised and is not so."""
    yield from record.contradictions
    yield from _lost_orders(record)
    yield from _oversold(record)


def _lost_orders(record: Record) -> Iterator[str]:
    ids = iter(sorted(record.orders))
    while some := list(islice(ids, _AT_ONCE)):
        found = _orders(some)
        for order_id in some:
            yield from _unlike(record, record.orders[order_id], found)


def _orders(ids: Sequence[int]) -> Mapping[int, Order]:
    return Order.objects.prefetch_related("lines").in_bulk(ids)


def _unlike(record: Record, promised: Acknowledged, found: Mapping[int, Order]) -> Iterator[str]:
    name = f"order {promised.order_id}"
    order = found.get(promised.order_id)
    if order is None:
        yield f"{name} was acknowledged and does not exist"
        return
    if f"{order.total:.2f}" != promised.total:
        yield f"{name} was acknowledged with {promised.total} and costs {order.total:.2f}"
    if promised.number and order.number != promised.number:
        yield f"{name} was acknowledged as {promised.number} and is {order.number}"
    units: dict[int, int] = defaultdict(int)
    for line in order.lines.all():
        units[line.variant_id] += line.quantity
    if dict(units) != promised.units:
        yield f"{name} was acknowledged with {promised.units} and has {dict(units)}"
    if promised.order_id in record.canceled and order.status != OrderStatus.CANCELED.value:
        yield f"{name} was canceled and is {order.status}"


def _oversold(record: Record) -> Iterator[str]:
    """Count the units of the flash product that the shop has set aside for these orders."""
    standing = Order.objects.filter(id__in=record.orders).exclude(status=OrderStatus.CANCELED.value)
    rows = Allocation.objects.filter(
        line__variant_id__in=record.flash_variants, line__order__in=standing
    )
    units = sum(rows.values_list("quantity", flat=True))
    promised = sum(
        record.orders[order_id].units.get(variant, 0)
        for order_id in standing.values_list("id", flat=True)
        for variant in record.flash_variants
    )
    if units > record.flash_stock:
        yield f"oversold: {units} of the flash product are allocated, of {record.flash_stock}"
    if units < promised:
        yield f"oversold: {promised} of the flash product were promised, {units} are allocated"

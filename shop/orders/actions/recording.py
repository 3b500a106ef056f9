"""Writing orders down: a constant number of queries for any number of orders and lines."""

from collections.abc import Sequence
from dataclasses import asdict

from django.db import connection

from shop.events import actions as events
from shop.events.rules import News
from shop.lib.codes import random_code
from shop.lib.transactions import require_transaction
from shop.orders.models import Allocation, Order, OrderLine
from shop.orders.rules import NewLine, NewOrder, PlacedOrder
from shop.pricing.rules import ZERO

# Twelve characters of five bits: the chance to guess one of a million orders is 1 in 10^12.
NUMBER_LENGTH = 12


def record(*, orders: Sequence[NewOrder]) -> list[PlacedOrder]:
    """Write orders with their lines, allocations and news; answer each, in their order.

    The caller has promised the stock already. Raises OutsideTransactionError, and IntegrityError
    when an origin has become an order before.
    """
    require_transaction()
    rows = _insert_orders(orders)
    lines = _insert_lines(rows, orders)
    Allocation.objects.bulk_create(
        Allocation(line_id=line_id, level_id=share.level_id, quantity=share.quantity)
        for line_id, line in lines
        for share in line.shares
    )
    placed = [
        PlacedOrder(id=row.id, number=row.number, order=order)
        for row, order in zip(rows, orders, strict=True)
    ]
    events.emit_all(news=[_news(order) for order in placed])
    return placed


def _insert_orders(orders: Sequence[NewOrder]) -> list[Order]:
    rows = Order.objects.bulk_create(_row(order) for order in orders)
    if not connection.features.can_return_rows_from_bulk_insert:
        ids = dict(
            Order.objects.filter(number__in=[row.number for row in rows]).values_list(
                "number", "id"
            )
        )
        for row in rows:
            row.id = ids[row.number]
    return rows


def _row(order: NewOrder) -> Order:
    return Order(
        number=random_code(NUMBER_LENGTH),
        origin=order.origin,
        payment_method=order.payment_method.value,
        user_id=order.user_id,
        email=order.email,
        **asdict(order.address),
        currency=order.quote.currency,
        goods_total=order.quote.goods,
        shipping_total=order.quote.shipping,
        tax_total=order.quote.tax,
        discount_total=order.quote.discount,
        total=order.quote.total,
        placed_at=order.placed_at,
        expires_at=order.expires_at,
    )


def _insert_lines(rows: Sequence[Order], orders: Sequence[NewOrder]) -> list[tuple[int, NewLine]]:
    """Insert the lines of all orders; return each line's id with what it was made of."""
    numbered = [
        (row.id, position, line)
        for row, order in zip(rows, orders, strict=True)
        for position, line in enumerate(order.lines, start=1)
    ]
    inserted = OrderLine.objects.bulk_create(
        OrderLine(
            order_id=order_id,
            position=position,
            variant_id=line.variant_id,
            sku=line.sku,
            name=line.name,
            variant_title=line.variant_title,
            quantity=line.quantity,
            unit_price=line.unit_price,
            amount=line.amount,
            tax=ZERO,
        )
        for order_id, position, line in numbered
    )
    if connection.features.can_return_rows_from_bulk_insert:
        ids = {(row.order_id, row.position): row.id for row in inserted}
    else:
        found = OrderLine.objects.filter(order_id__in=[row.id for row in rows])
        ids = {
            (order_id, position): line_id
            for order_id, position, line_id in found.values_list("order_id", "position", "id")
        }
    return [(ids[order_id, position], line) for order_id, position, line in numbered]


def _news(placed: PlacedOrder) -> News:
    order = placed.order
    return News(
        name="order.placed",
        subject=f"order:{placed.id}",
        payload={
            "order_id": placed.id,
            "number": placed.number,
            "origin": order.origin,
            "total": f"{order.quote.total:.2f}",
            "currency": order.quote.currency,
            "keeps_address": order.keeps_address,
        },
        request_id=order.request_id,
    )

"""What an order looks like: the same when it has just been placed as when it is read."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from shop.api.rendering import rendered
from shop.orders.rules import (
    METHODS_FOR_BUYERS,
    FulfilmentState,
    OrderStatus,
    PaymentMethod,
    PaymentState,
    PlacedOrder,
)

if TYPE_CHECKING:
    from shop.orders.models import Order, OrderEvent


class AddressBody(serializers.Serializer[Any]):
    """Where an order goes."""

    name = serializers.CharField()
    line1 = serializers.CharField()
    line2 = serializers.CharField()
    city = serializers.CharField()
    postcode = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1 alpha-2; empty where it is not known.")


class OrderLineBody(serializers.Serializer[Any]):
    """What was bought, as it was called and priced then."""

    position = serializers.IntegerField()
    variant = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()
    price = serializers.DecimalField(14, 2, help_text="For one unit.")
    amount = serializers.DecimalField(14, 2)


class HistoryBody(serializers.Serializer[Any]):
    """Something that happened to an order after it was placed."""

    kind = serializers.CharField(
        help_text="`paid`, `shipped`, `completed`, `canceled`, `expired`, `refunded`."
    )
    at = serializers.DateTimeField()
    by = serializers.CharField(
        allow_null=True,
        help_text="The username of who did it, for staff; null for others, and for the shop.",
    )


class OrderBody(serializers.Serializer[Any]):
    """An order."""

    id = serializers.IntegerField()
    number = serializers.CharField(help_text="What buyers are told; it cannot be guessed.")
    status = serializers.ChoiceField([status.value for status in OrderStatus])
    payment_state = serializers.ChoiceField([state.value for state in PaymentState])
    fulfilment_state = serializers.ChoiceField([state.value for state in FulfilmentState])
    payment = serializers.ChoiceField([method.value for method in PaymentMethod])
    user = serializers.IntegerField(allow_null=True, help_text="Whose it is; null for a guest's.")
    email = serializers.CharField()
    address = AddressBody()
    lines = OrderLineBody(many=True)
    currency = serializers.CharField()
    goods_total = serializers.DecimalField(14, 2)
    shipping_total = serializers.DecimalField(14, 2)
    tax_total = serializers.DecimalField(14, 2)
    discount_total = serializers.DecimalField(14, 2)
    total = serializers.DecimalField(
        14, 2, help_text="`goods_total + shipping_total + tax_total - discount_total`."
    )
    placed_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="Until when the money has to come; null where it need not."
    )
    history = HistoryBody(many=True)


BUYERS_METHODS = [method.value for method in METHODS_FOR_BUYERS]


def read_body(order: "Order", *, for_staff: bool) -> dict[str, Any]:
    """Return the body of an order that was read whole; who did what is for staff."""
    facts = {
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "payment_state": order.payment_state,
        "fulfilment_state": order.fulfilment_state,
        "payment": order.payment_method,
        "user": order.user_id,
        "email": order.email,
        "address": order,
        "lines": [
            {
                "position": line.position,
                "variant": line.variant_id,
                "sku": line.sku,
                "name": line.name,
                "title": line.variant_title,
                "quantity": line.quantity,
                "price": line.unit_price,
                "amount": line.amount,
            }
            for line in order.lines.all()
        ],
        "currency": order.currency,
        "goods_total": order.goods_total,
        "shipping_total": order.shipping_total,
        "tax_total": order.tax_total,
        "discount_total": order.discount_total,
        "total": order.total,
        "placed_at": order.placed_at,
        "expires_at": order.expires_at,
        "history": _history(order.history.all(), for_staff=for_staff),
    }
    return rendered(OrderBody, facts)


def placed_answer(placed: PlacedOrder) -> str:
    """Return the whole answer for an order that was written just now, from memory alone."""
    order, quote = placed.order, placed.order.quote
    facts = {
        "id": placed.id,
        "number": placed.number,
        "status": OrderStatus.PENDING.value,
        "payment_state": PaymentState.UNPAID.value,
        "fulfilment_state": FulfilmentState.UNSHIPPED.value,
        "payment": order.payment_method.value,
        "user": order.user_id,
        "email": order.email,
        "address": order.address,
        "lines": [
            {
                "position": position,
                "variant": line.variant_id,
                "sku": line.sku,
                "name": line.name,
                "title": line.variant_title,
                "quantity": line.quantity,
                "price": line.unit_price,
                "amount": line.amount,
            }
            for position, line in enumerate(order.lines, start=1)
        ],
        "currency": quote.currency,
        "goods_total": quote.goods,
        "shipping_total": quote.shipping,
        "tax_total": quote.tax,
        "discount_total": quote.discount,
        "total": quote.total,
        "placed_at": order.placed_at,
        "expires_at": order.expires_at,
        "history": [],
    }
    answer: bytes = JSONRenderer().render(rendered(OrderBody, facts))
    return answer.decode()


def _history(events: "Iterable[OrderEvent]", *, for_staff: bool) -> list[dict[str, Any]]:
    return [
        {
            "kind": event.kind,
            "at": event.at,
            "by": event.by.username if for_staff and event.by else None,
        }
        for event in events
    ]

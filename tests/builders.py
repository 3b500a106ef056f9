"""Building what a test starts from, through the shop's own verbs."""

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from shop.cart import actions as cart
from shop.catalog import actions as catalog
from shop.catalog import queries as catalog_queries
from shop.catalog.rules import ProductRow
from shop.checkout import actions as checkout
from shop.checkout.rules import Buyer, Draft, Key
from shop.events import actions as events
from shop.events.models import Delivery, Webhook
from shop.inventory import actions as inventory
from shop.inventory.models import StockLevel
from shop.ops.management.commands.audit import AUDITS
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod, PostalAddress

ADDRESS = PostalAddress(
    name="Alice Able", line1="1 High Street", city="Leeds", postcode="LS1 4AP", country="GB"
)
SOME_HASH = "a" * 64
# A moment like any other, at which clocks of tests stand still.
NOON = datetime(2030, 5, 4, 12, tzinfo=UTC)


def put_on_sale(
    sku: str = "mug", *, price: str = "12.50", stock: int = 10, location: str = "main", **row: Any
) -> int:
    """Put a product on sale with so many units at a location; return its variant's id."""
    row.setdefault("name", sku.capitalize())
    catalog.put_products(rows=[ProductRow(sku=sku, price=Decimal(price), **row)])
    variant_id = catalog_queries.variant_ids_by_sku([sku])[sku]
    inventory.add_location(code=location, name=location.capitalize())
    if stock:
        inventory.receive(units={variant_id: stock}, location_code=location, reference="delivery 1")
    return variant_id


def deliver_all() -> None:
    """Deliver events until nothing is due: what handlers tell as well."""
    while events.deliver_due():
        pass


def limit_purchases(variant_id: int, **limits: int | None) -> None:
    """Limit what people may buy of a variant's product: `order_limit`, `hold_minutes`, …"""
    product_id = catalog_queries.offers([variant_id])[variant_id].product_id
    catalog.change_product(product_id=product_id, changes=limits)


def fill_cart(lines: Mapping[int, int], *, user: Any = None) -> UUID:
    """Put so many of each variant in the user's cart, or in a guest's new one; return its id."""
    cart_id = cart.open_cart(user_id=user and user.id)
    for variant_id, quantity in lines.items():
        cart.add(cart_id=cart_id, variant_id=variant_id, quantity=quantity)
    return cart_id


def draft_of(
    cart_id: UUID,
    *,
    user: Any = None,
    key: str | None = None,
    body_hash: str = SOME_HASH,
    payment: PaymentMethod = PaymentMethod.ON_DELIVERY,
    expected_total: str | None = None,
    token_version: int | None = None,
) -> Draft:
    """Return the draft of a cart's order, by a user or a guest."""
    scope = f"user:{user.id}" if user else f"cart:{cart_id}"
    return Draft(
        buyer=Buyer(
            email=user.email if user else "guest@example.com",
            address=ADDRESS,
            user_id=user and user.id,
            token_version=token_version,
        ),
        payment_method=payment,
        cart_id=cart_id,
        expected_total=None if expected_total is None else Decimal(expected_total),
        key=None if key is None else Key(scope, key, body_hash),
    )


def place(
    lines: Mapping[int, int],
    *,
    user: Any = None,
    payment: PaymentMethod = PaymentMethod.ON_DELIVERY,
) -> int:
    """Order so many of each variant, as a user or a guest; return the order's id."""
    cart_id = fill_cart(lines, user=user)
    return checkout.place_order(draft=draft_of(cart_id, user=user, payment=payment)).order_id


def stock_of(variant_id: int) -> tuple[int, int]:
    """Return how many units are on hand and promised, over all locations."""
    levels = StockLevel.objects.filter(variant_id=variant_id)
    return sum(level.on_hand for level in levels), sum(level.promised for level in levels)


def order_states(order_id: int) -> tuple[str, str, str]:
    """Return an order's status, payment state and fulfilment state."""
    order = Order.objects.get(id=order_id)
    return order.status, order.payment_state, order.fulfilment_state


def breaches() -> list[str]:
    """Return everything the audit finds wrong, a line each."""
    return [
        f"{breach.invariant}: {breach.row}: {breach.detail}"
        for audit in AUDITS
        for breach in audit()
    ]


def one_delivery() -> tuple[Webhook, Delivery]:
    """Add a webhook, and send it a test; nothing has left yet."""
    new = events.add_webhook(url="https://erp.example/hook", event_names=["order.paid"])
    delivery_id = events.send_test_event(webhook_id=new.id)
    return Webhook.objects.get(id=new.id), Delivery.objects.get(id=delivery_id)


def send_to_webhooks() -> None:
    """Send what is due to webhooks, and wait for all answers."""
    with closing(events.WebhookSender()) as sender:
        sender.work_until_quiet()

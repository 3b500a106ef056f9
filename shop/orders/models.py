"""The record: what was agreed, never altered when the catalogue changes."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from shop.lib.fields import ExactCharField, amount_field
from shop.orders.rules import (
    AllocationState,
    FulfilmentState,
    OrderStatus,
    PaymentMethod,
    PaymentState,
)


class Order(models.Model):
    """One agreed purchase, with copies of everything it depends on."""

    # What a buyer is told: cannot be guessed from another order's.
    number = ExactCharField(max_length=16)
    # Where it came from, for ever: `cart:<uuid>`, `online-retail:536365`. One origin, one order.
    origin = ExactCharField(max_length=100)
    status = ExactCharField(
        max_length=10,
        choices={status.value: status.value for status in OrderStatus},
        default=OrderStatus.PENDING.value,
    )
    payment_state = ExactCharField(
        max_length=12,
        choices={state.value: state.value for state in PaymentState},
        default=PaymentState.UNPAID.value,
    )
    fulfilment_state = ExactCharField(
        max_length=12,
        choices={state.value: state.value for state in FulfilmentState},
        default=FulfilmentState.UNSHIPPED.value,
    )
    payment_method = models.CharField(
        max_length=20, choices={method.value: method.label for method in PaymentMethod}
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="orders"
    )
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=200, blank=True)
    line1 = models.CharField(max_length=200, blank=True)
    line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2")
    currency = models.CharField(max_length=3, help_text="ISO 4217")
    goods_total = amount_field()
    shipping_total = amount_field()
    tax_total = amount_field()
    discount_total = amount_field()
    total = amount_field(help_text="goods + shipping + tax - discount")
    placed_at = models.DateTimeField()
    # Set while the order waits for its payment; the stock goes back when it passes.
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="order_number_once"),
            models.UniqueConstraint(fields=["origin"], name="order_origin_once"),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in OrderStatus]),
                name="order_status_known",
            ),
            models.CheckConstraint(
                condition=Q(payment_state__in=[state.value for state in PaymentState]),
                name="order_payment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(fulfilment_state__in=[state.value for state in FulfilmentState]),
                name="order_fulfilment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    goods_total__gte=0,
                    shipping_total__gte=0,
                    tax_total__gte=0,
                    discount_total__gte=0,
                    total__gte=0,
                ),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True)
                | Q(status=OrderStatus.PENDING.value, payment_state=PaymentState.UNPAID.value),
                name="order_expires_only_while_unpaid",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="orders_of_user"),
            models.Index(fields=["status", "-id"], name="orders_by_status"),
            models.Index(fields=["placed_at", "id"], name="orders_by_time"),
            models.Index(fields=["expires_at"], name="orders_to_expire"),
            models.Index(fields=["email"], name="orders_of_email"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """What was bought, as it was called and priced then."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+")
    sku = ExactCharField(max_length=64)
    name = models.CharField(max_length=255)
    variant_title = models.CharField(max_length=200, blank=True)
    quantity = models.PositiveIntegerField()
    unit_price = amount_field()
    amount = amount_field(help_text="unit_price x quantity")
    tax = amount_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_position_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="order_line_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, amount__gte=0, tax__gte=0),
                name="order_line_amounts_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.sku}"


class Allocation(models.Model):
    """The stock level from which (a part of) an order line was promised."""

    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="allocations")
    level = models.ForeignKey(
        "inventory.StockLevel", on_delete=models.PROTECT, related_name="allocations"
    )
    quantity = models.PositiveIntegerField()
    state = ExactCharField(
        max_length=10,
        choices={state.value: state.value for state in AllocationState},
        default=AllocationState.LIVE.value,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "level"], name="allocation_once_per_level"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="allocation_positive"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in AllocationState]),
                name="allocation_state_known",
            ),
        ]
        indexes = [
            models.Index(fields=["level", "state"], name="allocations_of_level_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} from {self.level_id}"


class OrderEvent(models.Model):
    """What happened to an order after it was placed: what, when, by whom."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="history")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["order", "id"], name="history_of_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"

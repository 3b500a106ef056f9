"""An order that nobody placed, and a product that nobody sells, to show letters with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from shop.orders.rules import PaymentMethod, PaymentState
from shop.showcase.rules import ProductPage


@dataclass(frozen=True, slots=True)
class ExampleLine:
    """A line of it."""

    name: str
    variant_title: str
    sku: str
    quantity: int
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        """What it comes to."""
        return self.quantity * self.unit_price


LINES: Sequence[ExampleLine] = (
    ExampleLine("Harbour mug", "Sea green", "MUG-HARBOUR-G", 2, Decimal("14.50")),
    ExampleLine("Linen tea towel", "", "TOWEL-LINEN", 3, Decimal("9.00")),
)
PRODUCT = ProductPage(product_id=1, name=LINES[0].name, description="", way=(), choices=())


@dataclass(frozen=True, slots=True)
class ExampleOrder:
    """What letters ask of an order."""

    placed_at: datetime
    expires_at: datetime
    number: str = "EXAMPLE00000"
    payment_method: str = PaymentMethod.BANK_TRANSFER.value
    payment_state: str = PaymentState.UNPAID.value
    email: str = "alice@example.com"
    name: str = "Alice Able"
    line1: str = "1 High Street"
    line2: str = ""
    city: str = "Leeds"
    postcode: str = "LS1 4AP"
    country: str = "GB"
    currency: str = ""
    shipping_total: Decimal = Decimal("4.50")
    tax_total: Decimal = Decimal(0)
    discount_total: Decimal = Decimal(0)

    @property
    def goods_total(self) -> Decimal:
        """What the lines come to."""
        return sum((line.amount for line in LINES), Decimal(0))

    @property
    def total(self) -> Decimal:
        """What it comes to."""
        return self.goods_total + self.shipping_total

    def get_payment_method_display(self) -> str:
        """Return how it is paid, as people read it."""
        return PaymentMethod(self.payment_method).label


def example_order() -> ExampleOrder:
    """Return an order of this moment."""
    now = timezone.now()
    wait = timedelta(days=settings.PAYMENT_WAIT_DAYS)
    return ExampleOrder(placed_at=now, expires_at=now + wait, currency=settings.CURRENCY)

"""Breaking the row of numbers of invoices."""

from django.utils import timezone

from shop.letters.models import Invoice, Numbering
from shop.ops.tests.breaking import breaks
from tests.builders import place, put_on_sale


@breaks("invoice-numbers")
def an_invoice_that_was_left_out() -> list[str]:
    mug = put_on_sale("mug", stock=9)
    for number in (1, 3):
        Invoice.objects.create(order_id=place({mug: 1}), number=number, issued_at=timezone.now())
    Numbering.objects.create(name="invoices", last=3)
    return ["invoice-numbers: invoices: 2 of them, and the last is 3"]

"""What must be true of invoices."""

from collections.abc import Iterator

from django.db.models import Count, Max

from shop.letters.models import Invoice, Numbering
from shop.lib.breaches import Breach


def breaches() -> Iterator[Breach]:
    """Yield what breaks the row of numbers: invoices are numbered from 1 on, with none left out."""
    found = Invoice.objects.aggregate(count=Count("id"), highest=Max("number"))
    count, highest = found["count"], found["highest"] or 0
    if count != highest:
        yield Breach("invoice-numbers", "invoices", f"{count} of them, and the last is {highest}")
    last = Numbering.objects.filter(name="invoices").values_list("last", flat=True).first() or 0
    if last != highest:
        yield Breach("invoice-numbers", "numbering", f"is at {last}, and the last is {highest}")

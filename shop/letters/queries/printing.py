"""An invoice as a PDF: the same bytes whenever it is printed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shop.letters.queries.reading import invoice_of

if TYPE_CHECKING:
    from shop.orders.models import Order


@dataclass(frozen=True, slots=True)
class PrintedInvoice:
    """A file, and what it is called."""

    name: str
    content: bytes


def printed_invoice(order: "Order") -> PrintedInvoice:
    """Return the invoice of an order, which was read with its lines. Raises NoInvoice."""
    # A third of a second and 20 MB that most processes never need.
    from shop.letters.queries.paper import Paper  # noqa: PLC0415

    invoice = invoice_of(order.pk)
    sheet = Paper(order=order, invoice=invoice)
    sheet.head()
    sheet.parties()
    sheet.lines()
    sheet.totals()
    return PrintedInvoice(f"invoice-{invoice.number}.pdf", bytes(sheet.output()))

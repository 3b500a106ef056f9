"""An invoice as a PDF: the same bytes whenever it is printed."""

from shop.letters.queries.reading import invoice_to_print
from shop.orders import queries as orders


def printed_invoice(order_id: int) -> bytes:
    """Return the invoice of an order. Raises UnknownOrder or NoInvoice."""
    # A third of a second and 20 MB that most processes never need.
    from shop.letters.queries.paper import Paper  # noqa: PLC0415

    order = orders.whole(order_id)
    sheet = Paper(order=order, invoice=invoice_to_print(order_id))
    sheet.head()
    sheet.parties()
    sheet.lines()
    sheet.totals()
    return bytes(sheet.output())

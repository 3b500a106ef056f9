"""Invoices get the next number, in the transaction that issues them: so none is left out."""

from django.utils import timezone

from shop.letters.models import Invoice, Numbering
from shop.letters.rules import is_bought_here
from shop.lib.transactions import require_transaction
from shop.orders import queries as orders

_INVOICES = "invoices"


def issue_invoice(*, order_id: int) -> None:
    """Give the order its invoice, unless it has one or was bought elsewhere.

    Whoever issues another one meanwhile waits: a number that is taken back is given to the next.
    Raises OutsideTransactionError.
    """
    require_transaction()
    customer = orders.customer(order_id)
    if customer is None or not is_bought_here(customer.origin):
        return
    numbering = _locked()
    # Looked for behind the lock, in a statement of its own: it sees who has just been through.
    if Invoice.objects.filter(order_id=order_id).exists():
        return
    numbering.last += 1
    numbering.save(update_fields=["last"])
    Invoice.objects.create(
        order_id=order_id, number=numbering.last, issued_at=timezone.now().replace(microsecond=0)
    )


def _locked() -> Numbering:
    """Lock the row of numbers, having made it where this is the first invoice ever."""
    row = Numbering.objects.select_for_update().filter(name=_INVOICES)
    found = row.first()
    if found is None:
        Numbering.objects.bulk_create([Numbering(name=_INVOICES)], ignore_conflicts=True)
        found = row.get()
    return found

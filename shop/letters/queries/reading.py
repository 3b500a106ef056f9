"""Letters and invoices, one by one."""

from typing import TYPE_CHECKING

from shop.letters.errors import NoInvoice, UnknownLetter
from shop.letters.models import CartConsent, Invoice, Letter

if TYPE_CHECKING:
    from django.db.models import QuerySet


def find(letter_id: int) -> Letter:
    """Return a letter. Raises UnknownLetter."""
    letter = Letter.objects.filter(id=letter_id).first()
    if letter is None:
        raise UnknownLetter(letter_id=letter_id)
    return letter


def letters_of_order(order_id: int) -> "QuerySet[Letter]":
    """Return what was written about an order, with who wanted it again, the oldest first."""
    return Letter.objects.filter(order_id=order_id).select_related("by").order_by("id")


def has_invoice(order_id: int) -> bool:
    """Tell whether an order has an invoice (yet)."""
    return Invoice.objects.filter(order_id=order_id).exists()


def invoice_of(order_id: int) -> Invoice:
    """Return the invoice of an order. Raises NoInvoice."""
    invoice = Invoice.objects.filter(order_id=order_id).first()
    if invoice is None:
        raise NoInvoice(order_id=order_id)
    return invoice


def wants_cart_letters(user_id: int) -> bool:
    """Tell whether somebody wants a letter about what they leave in a cart."""
    return CartConsent.objects.filter(user_id=user_id).exists()

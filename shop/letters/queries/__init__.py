"""Reads about letters and invoices."""

from shop.letters.queries.auditing import breaches
from shop.letters.queries.printing import PrintedInvoice, printed_invoice
from shop.letters.queries.reading import (
    find,
    has_invoice,
    letters_of_order,
    wants_cart_letters,
)
from shop.letters.queries.stopping import email_of, stopping_seal

__all__ = [
    "PrintedInvoice",
    "breaches",
    "email_of",
    "find",
    "has_invoice",
    "letters_of_order",
    "printed_invoice",
    "stopping_seal",
    "wants_cart_letters",
]

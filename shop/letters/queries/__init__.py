"""Reads about letters and invoices."""

from shop.letters.queries.auditing import breaches
from shop.letters.queries.printing import printed_invoice
from shop.letters.queries.reading import (
    find,
    invoice_of,
    invoice_to_print,
    letters_of_order,
    wants_cart_letters,
)
from shop.letters.queries.stopping import email_of, stopping_seal

__all__ = [
    "breaches",
    "email_of",
    "find",
    "invoice_of",
    "invoice_to_print",
    "letters_of_order",
    "printed_invoice",
    "stopping_seal",
    "wants_cart_letters",
]

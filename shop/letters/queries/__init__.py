"""Reads about letters and invoices."""

from shop.letters.queries.auditing import breaches
from shop.letters.queries.printing import printed_invoice
from shop.letters.queries.reading import find, invoice_of, invoice_to_print, letters_of_order

__all__ = [
    "breaches",
    "find",
    "invoice_of",
    "invoice_to_print",
    "letters_of_order",
    "printed_invoice",
]

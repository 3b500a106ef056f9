"""What the back office says: refusals as sentences, amounts as people write them."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import cast

from django.conf import settings
from django.db import DatabaseError, IntegrityError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.module_loading import import_string

from shop.lib.amounts import written
from shop.lib.refusals import Busy, Refusal
from shop.lib.transactions import refusal_of

_TAKEN = "Somebody else has saved something with the same name or number meanwhile."


def sentence_of(refusal: Refusal) -> str:
    """Return the sentence that says no: every face says the same."""
    say = cast("Callable[[Refusal], str]", import_string(settings.REFUSAL_SENTENCES))
    return say(refusal)


def sentence_of_failure(error: Refusal | DatabaseError) -> str | None:
    """Return what to tell somebody whose form could not be saved.

    None where it is our fault, or where there is no database to show the form from again.
    """
    if isinstance(error, Refusal):
        return sentence_of(error)
    refusal = refusal_of(error)
    if refusal is not None:
        return sentence_of(refusal) if isinstance(refusal, Busy) else None
    return _TAKEN if isinstance(error, IntegrityError) else None


def tag(words: str, shade: str) -> str:
    """Return how something stands, in a shade of its own."""
    return format_html('<span class="bo-tag bo-tag-{}">{}</span>', shade, words)


def moment(at: datetime | None) -> str:
    """Return a date and a time of day, where the shop is."""
    return date_format(timezone.localtime(at), "j M Y, H:i") if at is not None else "—"


def money(amount: Decimal | None, currency: str = "") -> str:
    """Return an amount with its currency, the shop's own unless another is named."""
    return "—" if amount is None else written(amount, currency)

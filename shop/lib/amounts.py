"""Amounts of money, written the way people read them."""

from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency
from django.conf import settings
from django.utils.translation import get_language, to_locale


def written(amount: Decimal, currency: str = "") -> str:
    """Return the amount with its currency (the shop's own unless another is named)."""
    language = get_language() or settings.LANGUAGE_CODE
    return _written(amount, currency or settings.CURRENCY, language)


@lru_cache(maxsize=10_000)
def _written(amount: Decimal, currency: str, language: str) -> str:
    """Write an amount. A shop has few prices, and shows each of them time and again."""
    return format_currency(amount, currency, locale=Locale.parse(to_locale(language)))

"""Amounts of money, written the way people read them."""

from decimal import Decimal

from babel import Locale
from babel.numbers import format_currency
from django import template
from django.conf import settings
from django.utils.translation import get_language, to_locale

register = template.Library()


@register.filter
def money(amount: Decimal, currency: str = "") -> str:
    """Return the amount with its currency (the shop's own unless another is named)."""
    return format_currency(amount, currency or settings.CURRENCY, locale=_locale())


def _locale() -> Locale:
    return Locale.parse(to_locale(get_language() or settings.LANGUAGE_CODE))

"""Filters of the back office's templates."""

from decimal import Decimal

from django import template

from shop.backoffice.wording import money

register = template.Library()


@register.filter
def money_in(amount: Decimal, currency: str) -> str:
    """Return an amount of this currency."""
    return money(amount, currency)

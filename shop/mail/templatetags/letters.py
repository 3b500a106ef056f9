"""Filters of letters."""

from django import template
from django.conf import settings
from django.utils.translation import get_language

from shop.lib.amounts import written
from shop.lib.countries import country_names

register = template.Library()

register.filter("amount", written)


@register.filter
def country(code: str) -> str:
    """Return the name of a country, its code where it has none."""
    language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    return country_names(language).get(code, code)

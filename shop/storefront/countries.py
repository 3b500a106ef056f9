"""The countries people live in, in the language of the page."""

from django.conf import settings
from django.utils.translation import get_language

from shop.lib.countries import country_names


def countries() -> list[tuple[str, str]]:
    """Return the code and the name of every country, in the order of their names."""
    return list(country_names(_language()).items())


def country_name(code: str) -> str:
    """Return the name of a country, its code where it has none."""
    return country_names(_language()).get(code, code)


def _language() -> str:
    return (get_language() or settings.LANGUAGE_CODE).split("-")[0]

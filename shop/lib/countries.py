"""Countries: their ISO codes and their names."""

from collections.abc import Mapping
from functools import cache

from babel import Locale
from django.conf import settings
from django.utils.translation import get_language

# What Unicode's tables list among the countries: groups of them and test codes, ...
_GROUPS_AND_TESTS = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
# ... and parts of countries, to which goods are sent under the country's own code.
_PARTS = {"AC", "CP", "CQ", "DG", "EA", "IC", "TA"}
# How people write them, where that is not how Unicode's tables do.
_OTHER_NAMES = {
    "eire": "IE",
    "rsa": "ZA",
    "usa": "US",
    "uk": "GB",
    "hong kong": "HK",
    "czech republic": "CZ",
    "turkey": "TR",
}


@cache
def country_names(language: str = "en") -> Mapping[str, str]:
    """Return the name of every country by its ISO 3166-1 alpha-2 code, sorted by name."""
    territories = Locale(language).territories
    names = {
        code: name
        for code, name in territories.items()
        if code.isalpha() and code not in _GROUPS_AND_TESTS | _PARTS
    }
    return dict(sorted(names.items(), key=lambda item: item[1]))


def countries() -> list[tuple[str, str]]:
    """Return the code and the name of every country in the reader's language, sorted by name."""
    return list(country_names(_language()).items())


def country_name(code: str) -> str:
    """Return the name of a country in the reader's language, its code where it has none."""
    return country_names(_language()).get(code, code)


def _language() -> str:
    return (get_language() or settings.LANGUAGE_CODE).split("-")[0]


@cache
def country_code(name: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country by its English name, "" for what is none."""
    return _codes().get(name.strip().casefold(), "")


@cache
def _codes() -> Mapping[str, str]:
    return {name.casefold(): code for code, name in country_names().items()} | _OTHER_NAMES

"""By what lists of products are narrowed down and sorted, and how an address says so."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from shop.showcase.errors import InvalidFilter

# More than anybody chooses by hand; every one of them costs the database some work.
MOST_CHOICES = 20
# More words than these do not make it clearer what somebody looks for.
MOST_WORDS = 6
_LONGEST_WORD = 40
_LARGEST_ID = 2**63 - 1
_PRICE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_ID = re.compile(r"[1-9][0-9]{0,18}")
_CHOICE = re.compile(r"([\w.-]{1,40}):([\w.-]{1,40})")

# The parameters of a list's address, in the order in which the shop writes them: by what it is
# narrowed down besides a category, its order, and where its page begins.
LIST_PARAMETERS = ("price_from", "price_to", "options", "in_stock", "sort", "cursor")

Parameters = Mapping[str, list[str]]
Pairs = tuple[tuple[str, str], ...]


class Sorting(StrEnum):
    """An order of a list of products; the value is what its address says."""

    NAME = "name"
    PRICE = "price"
    PRICE_DESCENDING = "price_desc"
    NEWEST = "newest"
    RATING = "rating"

    @classmethod
    def named(cls, name: str) -> "Sorting":
        """Return the order of that name, by name where none is named. Raises InvalidFilter."""
        if not name:
            return cls.NAME
        if name not in set(cls):
            raise InvalidFilter("sort")
        return cls(name)

    @property
    def columns(self) -> tuple[str, ...]:
        """What it sorts by, "-" before what descends; the last one is unique."""
        return _COLUMNS[self]


_COLUMNS = {
    Sorting.NAME: ("name", "id"),
    Sorting.PRICE: ("price", "id"),
    Sorting.PRICE_DESCENDING: ("-price", "-id"),
    Sorting.NEWEST: ("-created_at", "-id"),
    Sorting.RATING: ("-rating_rank", "-id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list of products shall leave out; by default nothing.

    A price is a product's lowest one. `options` are pairs of codes, of an option and of a value:
    values of one option are alternatives, and every option has to hold for the same variant.
    """

    category: int | None = None
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    options: Pairs = ()
    in_stock: bool = False

    @classmethod
    def parse(cls, parameters: Parameters) -> "Filters":
        """Read the parameters of an address, as `dict(request.GET.lists())` has them.

        An empty value says nothing, and parameters of other names are somebody else's. Of one that
        stands there several times the last counts; `options` are put together. Raises
        InvalidFilter for what cannot be read: to ignore it would show what nobody asked for.
        """
        category = last(parameters, "category")
        return cls(
            category=_id(category) if category else None,
            price_from=_price(parameters, "price_from"),
            price_to=_price(parameters, "price_to"),
            options=_choices(parameters.get("options", [])),
            in_stock=_flag(last(parameters, "in_stock")),
        )

    @property
    def pairs(self) -> Pairs:
        """The parameters of the one address that says this, in their order."""
        told = (
            ("category", str(self.category or "")),
            ("price_from", price_text(self.price_from)),
            ("price_to", price_text(self.price_to)),
            ("options", ",".join(f"{option}:{value}" for option, value in self.options)),
            ("in_stock", "1" if self.in_stock else ""),
        )
        return tuple((name, text) for name, text in told if text)

    @property
    def by_option(self) -> dict[str, tuple[str, ...]]:
        """The values that are asked for, by option."""
        found: dict[str, tuple[str, ...]] = {}
        for option, value in self.options:
            found[option] = (*found.get(option, ()), value)
        return found

    def toggled(self, option: str, value: str) -> "Filters":
        """Return these filters with that choice, or without it where it was made."""
        return replace(self, options=tuple(sorted({*self.options} ^ {(option, value)})))


def search_words(text: str) -> tuple[str, ...]:
    """Return the words somebody looks for: the first few, each once, none of them endless."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    words = dict.fromkeys(word[:_LONGEST_WORD] for word in printable.split())
    return tuple(words)[:MOST_WORDS]


def last(parameters: Parameters, name: str) -> str:
    """Return what a parameter says at last; empty where it says nothing."""
    said = [text.strip() for text in parameters.get(name, [])]
    return next((text for text in reversed(said) if text), "")


def is_price(text: str) -> bool:
    """Tell whether an address can say this for a price; an empty one says nothing."""
    return not text or _PRICE.fullmatch(text) is not None


def price_text(price: Decimal | None) -> str:
    """Return a price as addresses have it: `5` or `5.50`; empty for none."""
    if price is None:
        return ""
    return str(int(price)) if price == int(price) else f"{price:.2f}"


def _id(text: str) -> int:
    if not _ID.fullmatch(text) or int(text) > _LARGEST_ID:
        raise InvalidFilter("category")
    return int(text)


def _price(parameters: Parameters, name: str) -> Decimal | None:
    text = last(parameters, name)
    if not is_price(text):
        raise InvalidFilter(name)
    return Decimal(text) if text else None


def _flag(text: str) -> bool:
    if text not in {"", "0", "1"}:
        raise InvalidFilter("in_stock")
    return text == "1"


def _choices(texts: list[str]) -> Pairs:
    tokens = (token.strip().casefold() for text in texts for token in text.split(","))
    found = {_choice(token) for token in tokens if token}
    if len(found) > MOST_CHOICES:
        raise InvalidFilter("options")
    return tuple(sorted(found))


def _choice(token: str) -> tuple[str, str]:
    match = _CHOICE.fullmatch(token)
    if match is None:
        raise InvalidFilter("options")
    return match[1], match[2]

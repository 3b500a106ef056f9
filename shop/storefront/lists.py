"""How a list is asked for by its address, and the addresses that lead on from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote, urlencode

from django.http import HttpRequest
from django.utils.text import capfirst

from shop.showcase.rules import (
    LIST_PARAMETERS,
    Card,
    Filters,
    Link,
    Listing,
    OptionFacet,
    Pairs,
    Shelf,
    Sorting,
    is_price,
    last,
)
from shop.storefront.templatetags.money import money

# Of two prices the first one is the lowest that is asked for.
_PRICES = {"price_from": "From", "price_to": "To"}
_UNREADABLE = "Please give a price like 9.50."
_REVERSED = "Please give a price that is not below the first one."
_MOST_VALUES_OPEN = 10
_LABELS = {
    Sorting.NAME: "Name",
    Sorting.PRICE: "Price, lowest first",
    Sorting.PRICE_DESCENDING: "Price, highest first",
    Sorting.NEWEST: "Newest",
    Sorting.RATING: "Best rated",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A link that changes a list: what it says, where it leads, whether it holds already.

    `key` is its id on the page, the same before and after, by which the focus stays on it.
    """

    key: str
    label: str
    address: str
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """The choices a visitor has for one option."""

    name: str
    steps: tuple[Step, ...]

    @property
    def is_on(self) -> bool:
        """Tell whether one of them is made."""
        return any(step.is_on for step in self.steps)

    @property
    def is_long(self) -> bool:
        """Tell whether there are more of them than a visitor wants to see unasked."""
        return len(self.steps) > _MOST_VALUES_OPEN


@dataclass(frozen=True, slots=True)
class PriceField:
    """A field for a price: what was typed into it, and what is wrong with that, if anything."""

    name: str
    label: str
    text: str
    mistake: str = ""
    has_focus: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """The choice of a category, and of those right below it where it is on the way."""

    step: Step
    below: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """Which page of which list an address asks for; `said` are the parameters it says it by.

    A price somebody mistyped does not narrow the list down. It stays in `typed`, by the name of its
    parameter, and `mistakes` say what is wrong with it.
    """

    path: str
    filters: Filters
    sorting: Sorting
    cursor: str
    said: Pairs
    typed: Mapping[str, str] = field(default_factory=dict)
    mistakes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, request: HttpRequest, *, has_category: bool = False) -> "Wish":
        """Read what a request asks for; a list that has a category takes no other one.

        Parameters of other names are somebody else's. Raises InvalidFilter.
        """
        names = LIST_PARAMETERS if has_category else ("category", *LIST_PARAMETERS)
        found = {name: texts for name, texts in request.GET.lists() if name in names}
        typed = {name: last(found, name) for name in _PRICES}
        mistakes = _mistakes(typed)
        readable = {name: texts for name, texts in found.items() if name not in mistakes}
        return cls(
            path=request.path,
            filters=Filters.parse(readable),
            sorting=Sorting.named(last(found, "sort")),
            cursor=last(found, "cursor"),
            said=tuple((name, text) for name, texts in found.items() for text in texts),
            typed=typed,
            mistakes=mistakes,
        )

    @property
    def is_canonical(self) -> bool:
        """Tell whether it was said in the one way in which the shop says it.

        There is no such way for a mistake: whoever made it shall see it where it was made.
        """
        return bool(self.mistakes) or self.said == self.pairs

    @property
    def status(self) -> HTTPStatus:
        """The status of the page that answers it."""
        return HTTPStatus.BAD_REQUEST if self.mistakes else HTTPStatus.OK

    @property
    def address(self) -> str:
        """The one address that says it."""
        query = "&".join(_in_address(*pair) for pair in self.pairs)
        return f"{_path(self.path)}?{query}" if query else _path(self.path)

    @property
    def pairs(self) -> Pairs:
        """The parameters of that address, in their order."""
        pairs = self.filters.pairs
        if self.sorting != Sorting.NAME:
            pairs += (("sort", self.sorting.value),)
        return (*pairs, ("cursor", self.cursor)) if self.cursor else pairs

    def narrowed(self, filters: Filters) -> str:
        """Return the address of the first page with these filters."""
        return replace(self, filters=filters, cursor="").address

    def sorted_by(self, sorting: Sorting) -> str:
        """Return the address of the first page in that order."""
        return replace(self, sorting=sorting, cursor="").address

    def at(self, cursor: str | None) -> str:
        """Return the address of the page at a cursor; empty for none."""
        return replace(self, cursor=cursor).address if cursor else ""


@dataclass(frozen=True, slots=True)
class Steps:
    """All that leads on from a page of a list."""

    wish: Wish
    listing: Listing[Card]
    options: Sequence[OptionFacet]
    shelves: Sequence[Shelf] = ()
    category: Link | None = None

    @property
    def next(self) -> str:
        """The address of the page after this one; empty where there is none."""
        return self.wish.at(self.listing.next)

    @property
    def previous(self) -> str:
        """The address of the page before this one; empty where there is none."""
        return self.wish.at(self.listing.previous)

    @property
    def is_first_page(self) -> bool:
        """Tell whether the list begins here."""
        return not self.wish.cursor

    @property
    def sortings(self) -> list[Step]:
        """The orders the list can have."""
        return [
            Step(f"by-{sorting}", label, self.wish.sorted_by(sorting), sorting == self.wish.sorting)
            for sorting, label in _LABELS.items()
        ]

    @property
    def sorting(self) -> str:
        """What the order of the list is called."""
        return _LABELS[self.wish.sorting]

    @property
    def in_stock(self) -> Step:
        """What shows, or hides, what is sold out."""
        is_on = self.wish.filters.in_stock
        return Step("in-stock", "In stock only", self._with(in_stock=not is_on), is_on)

    @property
    def facets(self) -> list[Facet]:
        """The options the products can be chosen by."""
        return [
            Facet(option.name, tuple(self._choices(option)))
            for option in self.options
            if len(option.values) > 1 or option.code in self.wish.filters.by_option
        ]

    @property
    def prices(self) -> list[PriceField]:
        """The fields for the lowest and the highest price that is asked for."""
        mistakes, typed = self.wish.mistakes, self.wish.typed
        known = dict(self.wish.filters.pairs)
        return [
            PriceField(
                name=name,
                label=label,
                text=_printable(typed[name]) if name in mistakes else known.get(name, ""),
                mistake=mistakes.get(name, ""),
                has_focus=name == next(iter(mistakes), None),
            )
            for name, label in _PRICES.items()
        ]

    @property
    def told(self) -> str:
        """What sets this page apart from the list's first one, for its title; may be empty."""
        told = [step.label for step in self.chosen]
        if self.wish.sorting != Sorting.NAME:
            told.append(self.sorting.lower())
        if not self.is_first_page:
            told.append("further on")
        return "".join(f", {text}" for text in told)

    @property
    def is_narrowed(self) -> bool:
        """Tell whether it is one of countless ways to narrow a list down."""
        return self.wish.filters != Filters()

    @property
    def canonical(self) -> str:
        """The address under which search engines shall know this page: in the shop's own order."""
        is_sorted = self.wish.sorting != Sorting.NAME
        return self.wish.sorted_by(Sorting.NAME) if is_sorted else self.wish.address

    @property
    def besides_price(self) -> Pairs:
        """What the form for the price has to say besides the price."""
        kept = replace(self.wish, cursor="")
        return tuple(pair for pair in kept.pairs if not pair[0].startswith("price_"))

    @property
    def chosen(self) -> list[Step]:
        """What the list is narrowed down by; each leads to the list without it."""
        return list(self._chosen())

    @property
    def without_filters(self) -> str:
        """The address of the whole list, in the same order."""
        return self.wish.narrowed(Filters())

    @property
    def categories(self) -> list[Branch]:
        """The categories to choose from; below one only on the way to what is chosen."""
        return [Branch(self._to_category(shelf), self._below(shelf)) for shelf in self.shelves]

    def _below(self, shelf: Shelf) -> tuple[Step, ...]:
        on_the_way = {shelf.category_id, *(link.category_id for link in shelf.below)}
        if self.wish.filters.category not in on_the_way:
            return ()
        return tuple(self._to_category(link) for link in shelf.below)

    def _to_category(self, link: Link | Shelf) -> Step:
        is_on = link.category_id == self.wish.filters.category
        address = self._with(category=None if is_on else link.category_id)
        return Step(f"category-{link.category_id}", link.name, address, is_on)

    def _choices(self, option: OptionFacet) -> Iterable[Step]:
        filters = self.wish.filters
        for code, name in option.values:
            address = self.wish.narrowed(filters.toggled(option.code, code))
            is_on = (option.code, code) in filters.options
            yield Step(f"{option.code}:{code}", name, address, is_on)

    def _chosen(self) -> Iterable[Step]:
        filters = self.wish.filters
        if self.category is not None:
            yield Step("no-category", self.category.name, self._with(category=None))
        if filters.price_from is not None:
            label = f"From {money(filters.price_from)}"
            yield Step("no-price-from", label, self._with(price_from=None))
        if filters.price_to is not None:
            label = f"Up to {money(filters.price_to)}"
            yield Step("no-price-to", label, self._with(price_to=None))
        for option, value in filters.options:
            label = self._label(option, value)
            address = self.wish.narrowed(filters.toggled(option, value))
            yield Step(f"no-{option}:{value}", label, address)
        if filters.in_stock:
            yield Step("not-in-stock", "In stock", self._with(in_stock=False))

    def _label(self, option: str, value: str) -> str:
        """Call a choice by its names, or by its codes where the list offers it no more."""
        for facet in self.options:
            if facet.code == option:
                return capfirst(f"{facet.name}: {dict(facet.values).get(value, value)}")
        return f"{option}: {value}"

    def _with(self, **changes: object) -> str:
        return self.wish.narrowed(replace(self.wish.filters, **changes))  # type: ignore[arg-type]


# A page has some dozens of addresses, and hardly one of their words is new.
@lru_cache(2_000)
def _in_address(name: str, text: str) -> str:
    return urlencode([(name, text)], quote_via=quote, safe=":,")


_path = lru_cache(500)(quote)


def _mistakes(typed: Mapping[str, str]) -> dict[str, str]:
    """Say what is wrong with these prices, each in a sentence at its name."""
    found = {name: _UNREADABLE for name, text in typed.items() if not is_price(text)}
    lowest, highest = typed.values()
    if not found and lowest and highest and Decimal(lowest) > Decimal(highest):
        return {"price_to": _REVERSED}
    return found


def _printable(text: str) -> str:
    return "".join(filter(str.isprintable, text))

"""How a list is asked for by its address, and the addresses that lead on from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from django.http import HttpRequest
from django.utils.text import capfirst

from shop.showcase.rules import (
    Card,
    Filters,
    Link,
    Listing,
    OptionFacet,
    Pairs,
    Shelf,
    Sorting,
    last,
    price_text,
)
from shop.storefront.templatetags.money import money

_NAMES = ("category", "price_from", "price_to", "options", "in_stock", "sort", "cursor")
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


@dataclass(frozen=True, slots=True)
class Branch:
    """The choice of a category, and of those right below it where it is on the way."""

    step: Step
    below: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """Which page of which list an address asks for; `said` are the parameters it says it by."""

    path: str
    filters: Filters
    sorting: Sorting
    cursor: str
    said: Pairs

    @classmethod
    def read(cls, request: HttpRequest, *, has_category: bool = False) -> "Wish":
        """Read what a request asks for; a list that has a category takes no other one.

        Parameters of other names are somebody else's. Raises InvalidFilter.
        """
        names = _NAMES[1:] if has_category else _NAMES
        found = {name: texts for name, texts in request.GET.lists() if name in names}
        return cls(
            path=request.path,
            filters=Filters.parse(found),
            sorting=Sorting.named(last(found, "sort")),
            cursor=last(found, "cursor"),
            said=tuple((name, text) for name, texts in found.items() for text in texts),
        )

    @property
    def is_canonical(self) -> bool:
        """Tell whether it was said in the one way in which the shop says it."""
        return self.said == self.pairs

    @property
    def address(self) -> str:
        """The one address that says it."""
        query = urlencode(self.pairs, quote_via=quote, safe=":,")
        return f"{quote(self.path)}?{query}" if query else quote(self.path)

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
    def price_from(self) -> str:
        """The lowest price that is asked for, as its field shows it."""
        return price_text(self.wish.filters.price_from)

    @property
    def price_to(self) -> str:
        """The highest price that is asked for, as its field shows it."""
        return price_text(self.wish.filters.price_to)

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

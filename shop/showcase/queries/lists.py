"""Lists of products, narrowed down and sorted, and the shelves they stand on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from shop.catalog import queries as catalog
from shop.catalog.errors import UnknownCategory
from shop.catalog.rules import CATALOGUE
from shop.lib.keyset import page_of_ids
from shop.lib.public.parts import Kind
from shop.showcase.queries.pictures import picture_of_category, pictures_by_product
from shop.showcase.rules import (
    NO_CARDS,
    PAGE_SIZE,
    Card,
    CategoryPage,
    Filters,
    Home,
    Link,
    Listing,
    ListPage,
    OptionFacet,
    Picture,
    Shelf,
    Sorting,
    in_order,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from shop.catalog.models import Category, Product
    from shop.catalog.queries import OptionChoice

CARDS_AT_HOME = 8

# Finds the cards of products, by id; who keeps them has cards of its own. Some may be missing.
Cards = Callable[[Sequence[int]], Mapping[int, Card]]

# About as many bytes as a value to choose or a category takes.
_BYTES_OF_A_LINK = 300


def _size_of_head(head: "tuple[Category | None, ListPage | CategoryPage]") -> int:
    options = head[1].options
    return _BYTES_OF_A_LINK * (40 + sum(1 + len(option.values) for option in options))


_LIST_HEADS: "Kind[int | None, tuple[Category | None, ListPage]]" = Kind(
    "list_head", lambda _: [CATALOGUE], _size_of_head
)
_CATEGORY_HEADS: "Kind[int, tuple[Category, CategoryPage]]" = Kind(
    "category_head", lambda _: [CATALOGUE], _size_of_head
)


def cards_of(product_ids: Sequence[int]) -> dict[int, Card]:
    """Return the cards of products on show, by id, in two queries; of others none."""
    if not product_ids:
        return {}
    rows = list(catalog.as_cards(catalog.products_on_show().filter(id__in=product_ids)))
    pictures = pictures_by_product([row.id for row in rows])
    return {row.id: _card(row, pictures.get(row.id)) for row in rows}


def home(*, cards: Cards = cards_of) -> Home:
    """Return the shelves of the shop, what is new on them and what is liked best.

    Three queries besides those for the cards. Only products that can be had now are shown, and
    liked best are only those somebody has rated.
    """
    in_stock = catalog.products_in_stock()
    newest = _first(in_stock, Sorting.NEWEST)
    best_rated = _first(in_stock.filter(rating__isnull=False), Sorting.RATING)
    found = cards([*newest, *best_rated])
    return Home(
        shelves=_shelves(catalog.top_categories()),
        newest=_in_order(newest, found),
        best_rated=_in_order(best_rated, found),
    )


def product_ids(
    *, filters: Filters, sorting: Sorting, cursor: str | None, size: int
) -> Listing[int]:
    """Return which products stand on a page, in one query, two where a category is chosen.

    Raises UnknownCategory or InvalidCursor.
    """
    chosen = None if filters.category is None else catalog.category(filters.category)
    return _ids(on_show(chosen, filters), sorting, cursor, size=size)


def search(
    words: Sequence[str], *, cursor: str | None = None, cards: Cards = cards_of
) -> Listing[Card]:
    """Return a page of the products that are called like that, by name.

    One query besides those for the cards. Raises InvalidCursor.
    """
    named = catalog.named(catalog.products_on_show(), words)
    return _with_cards(_ids(named, Sorting.NAME, cursor), cards)


def product_list(
    *, filters: Filters, sorting: Sorting, cursor: str | None, cards: Cards = cards_of
) -> ListPage:
    """Return a page of products, and by what they can be narrowed down.

    Three queries besides those for the cards; two of them are for what is kept. Raises
    UnknownCategory or InvalidCursor.
    """
    chosen, page = _LIST_HEADS.one(filters.category, lambda: _list_head(filters.category))
    found = _ids(on_show(chosen, filters), sorting, cursor)
    return replace(page, products=_with_cards(found, cards))


def category(
    category_id: int,
    *,
    filters: Filters | None = None,
    sorting: Sorting = Sorting.NAME,
    cursor: str | None = None,
    cards: Cards = cards_of,
) -> CategoryPage:
    """Return a category and a page of its products, those of all below it too.

    Four queries besides those for the cards; three of them are for what is kept. It has a category
    of its own; one in the filters is not looked at. Raises UnknownCategory or InvalidCursor.
    """
    shelf, page = _CATEGORY_HEADS.one(category_id, lambda: _category_head(category_id))
    found = _ids(on_show(shelf, filters or Filters()), sorting, cursor)
    return replace(page, products=_with_cards(found, cards))


def _list_head(chosen_id: int | None) -> "tuple[Category | None, ListPage]":
    nodes = list(catalog.top_categories(besides=chosen_id))
    chosen = _chosen(nodes, chosen_id)
    return chosen, ListPage(
        products=NO_CARDS,
        shelves=_shelves(node for node in nodes if node.depth <= 2),
        category=chosen and _link(chosen),
        options=_facets(catalog.options_of_products(chosen)),
    )


def _category_head(category_id: int) -> "tuple[Category, CategoryPage]":
    found = catalog.category(category_id)
    above, below = catalog.around(found)
    return found, CategoryPage(
        category_id=found.id,
        name=found.name,
        description=found.description,
        picture=picture_of_category(found),
        way=tuple(_link(node) for node in above),
        below=tuple(_link(node) for node in below),
        products=NO_CARDS,
        options=_facets(catalog.options_of_products(found)),
    )


def on_show(chosen: "Category | None", filters: Filters) -> "QuerySet[Product]":
    """Select the products of a category, or all, that are on show and not left out by filters."""
    return catalog.narrowed(
        catalog.products_on_show(chosen),
        price_from=filters.price_from,
        price_to=filters.price_to,
        options=filters.by_option,
        in_stock=filters.in_stock,
    )


def _ids(
    rows: "QuerySet[Product]", sorting: Sorting, cursor: str | None, *, size: int = PAGE_SIZE
) -> Listing[int]:
    found = page_of_ids(rows, ordering=sorting.columns, size=size, cursor=cursor)
    return Listing(entries=tuple(found.items), next=found.next, previous=found.previous)


def _first(rows: "QuerySet[Product]", sorting: Sorting) -> Sequence[int]:
    return _ids(rows, sorting, None, size=CARDS_AT_HOME).entries


def _with_cards(found: Listing[int], cards: Cards) -> Listing[Card]:
    entries = _in_order(found.entries, cards(found.entries))
    return Listing(entries=entries, next=found.next, previous=found.previous)


def _in_order(ids: Sequence[int], cards: Mapping[int, Card]) -> tuple[Card, ...]:
    # One that was hidden after the list was read is not there any more.
    return tuple(cards[product_id] for product_id in ids if product_id in cards)


def _card(row: "Product", picture: Picture | None) -> Card:
    if row.price is None:
        raise ValueError("a product without a price is not on show")
    return Card(
        product_id=row.id,
        name=row.name,
        category_id=row.category_id,
        price=row.price,
        # Both annotated by the query; the model does not know them.
        regular_price=getattr(row, "regular_price", None),
        costs_more=bool(getattr(row, "costs_more", False)),
        in_stock=row.in_stock,
        rating=row.rating,
        review_count=row.review_count,
        picture=picture,
    )


def _chosen(nodes: "Sequence[Category]", category_id: int | None) -> "Category | None":
    """Return the chosen one of these. Raises UnknownCategory where it is none of them."""
    if category_id is None:
        return None
    for node in nodes:
        if node.id == category_id:
            return node
    raise UnknownCategory(category_id=category_id)


def _shelves(nodes: "Iterable[Category]") -> tuple[Shelf, ...]:
    """Put each category of the second level on the one of the first that comes before it."""
    shelves: list[tuple[Category, list[Link]]] = []
    for node in nodes:
        if node.is_root():
            shelves.append((node, []))
        else:
            shelves[-1][1].append(_link(node))
    return tuple(
        Shelf(
            category_id=node.id,
            name=node.name,
            below=tuple(below),
            picture=picture_of_category(node),
        )
        for node, below in shelves
    )


def _facets(choices: "Sequence[OptionChoice]") -> tuple[OptionFacet, ...]:
    by_option = groupby(choices, key=lambda choice: (choice.option, choice.option_name))
    return tuple(
        OptionFacet(code, name, in_order((found.value, found.value_name) for found in values))
        for (code, name), values in by_option
    )


def _link(node: "Category") -> Link:
    return Link(category_id=node.id, name=node.name)

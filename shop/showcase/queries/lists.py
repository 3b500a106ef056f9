"""Lists of products, narrowed down and sorted, and the shelves they stand on."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from shop.catalog import queries as catalog
from shop.catalog.errors import UnknownCategory
from shop.lib.keyset import Page, page
from shop.showcase.queries.pictures import picture_of_category, pictures_by_product
from shop.showcase.rules import (
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


def home() -> Home:
    """Return the shelves of the shop, what is new on them and what is liked best: four queries.

    Only products that can be had now are shown, and liked best are only those somebody has rated.
    """
    in_stock = catalog.as_cards(catalog.products_in_stock())
    newest = _first(in_stock, Sorting.NEWEST)
    best_rated = _first(in_stock.filter(rating__isnull=False), Sorting.RATING)
    cards = iter(_cards([*newest, *best_rated]))
    return Home(
        shelves=_shelves(catalog.top_categories()),
        newest=tuple(next(cards) for _ in newest),
        best_rated=tuple(cards),
    )


def products(
    *, filters: Filters | None = None, sorting: Sorting = Sorting.NAME, cursor: str | None = None
) -> Listing[Card]:
    """Return a page of products on show, in two queries, three where a category is chosen.

    Raises UnknownCategory or InvalidCursor.
    """
    filters = filters or Filters()
    chosen = None if filters.category is None else catalog.category(filters.category)
    return _listing(chosen, filters, sorting, cursor)


def search(words: Sequence[str], *, cursor: str | None = None) -> Listing[Card]:
    """Return a page of the products that are called like that, in two queries, by name.

    Raises InvalidCursor.
    """
    found = page(
        catalog.as_cards(catalog.named(catalog.products_on_show(), words)),
        ordering=Sorting.NAME.columns,
        size=PAGE_SIZE,
        cursor=cursor,
    )
    return Listing(entries=_cards(found.items), next=found.next, previous=found.previous)


def product_list(*, filters: Filters, sorting: Sorting, cursor: str | None) -> ListPage:
    """Return a page of products, and by what they can be narrowed down, in four queries.

    Raises UnknownCategory or InvalidCursor.
    """
    nodes = list(catalog.top_categories(besides=filters.category))
    chosen = _chosen(nodes, filters.category)
    return ListPage(
        products=_listing(chosen, filters, sorting, cursor),
        shelves=_shelves(node for node in nodes if node.depth <= 2),
        category=chosen and _link(chosen),
        options=_facets(catalog.options_of_products(chosen)),
    )


def category(
    category_id: int,
    *,
    filters: Filters | None = None,
    sorting: Sorting = Sorting.NAME,
    cursor: str | None = None,
) -> CategoryPage:
    """Return a category and a page of its products, those of all below it too: five queries.

    It has a category of its own; one in the filters is not looked at. Raises UnknownCategory or
    InvalidCursor.
    """
    found = catalog.category(category_id)
    above, below = catalog.around(found)
    return CategoryPage(
        category_id=found.id,
        name=found.name,
        description=found.description,
        picture=picture_of_category(found),
        way=tuple(_link(node) for node in above),
        below=tuple(_link(node) for node in below),
        products=_listing(found, filters or Filters(), sorting, cursor),
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


def _listing(
    chosen: "Category | None", filters: Filters, sorting: Sorting, cursor: str | None
) -> Listing[Card]:
    found: Page[Product] = page(
        catalog.as_cards(on_show(chosen, filters)),
        ordering=sorting.columns,
        size=PAGE_SIZE,
        cursor=cursor,
    )
    return Listing(entries=_cards(found.items), next=found.next, previous=found.previous)


def _first(rows: "QuerySet[Product]", sorting: Sorting) -> "Sequence[Product]":
    return page(rows, ordering=sorting.columns, size=CARDS_AT_HOME).items


def _cards(rows: "Sequence[Product]") -> tuple[Card, ...]:
    pictures = pictures_by_product([row.id for row in rows])
    return tuple(_card(row, pictures.get(row.id)) for row in rows)


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

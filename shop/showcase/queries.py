"""What visitors see of products: text, price and stock joined, with a constant number of queries.

Knows no visitor: whoever looks sees the same.
"""

from typing import TYPE_CHECKING

from shop.catalog import queries as catalog
from shop.inventory import queries as inventory
from shop.lib.keyset import Page, page
from shop.showcase.rules import (
    PAGE_SIZE,
    Card,
    CategoryPage,
    Choice,
    Home,
    Link,
    Listing,
    ProductPage,
    Shelf,
    Sorting,
)

if TYPE_CHECKING:
    from shop.catalog.models import Category, Product

NEWEST_AT_HOME = 8


def home() -> Home:
    """Return the shelves of the shop and its newest products that can be had, in two queries."""
    newest = page(catalog.products_in_stock(), ordering=Sorting.NEWEST.columns, size=NEWEST_AT_HOME)
    return Home(shelves=_shelves(), newest=tuple(_card(product) for product in newest.items))


def category(category_id: int, *, sorting: Sorting, cursor: str | None) -> CategoryPage:
    """Return a category and a page of its products, those of all below it too: four queries.

    Raises UnknownCategory or InvalidCursor.
    """
    found = catalog.category(category_id)
    products = page(
        catalog.products_on_show_in(found),
        ordering=sorting.columns,
        size=PAGE_SIZE,
        cursor=cursor,
    )
    return CategoryPage(
        category_id=found.id,
        name=found.name,
        description=found.description,
        way=tuple(_link(above) for above in catalog.way_to(found)),
        below=tuple(_link(below) for below in catalog.right_below(found)),
        products=_listing(products),
    )


def products(*, sorting: Sorting, cursor: str | None) -> Listing[Card]:
    """Return a page of all products, in one query. Raises InvalidCursor."""
    return _listing(
        page(catalog.products_on_show(), ordering=sorting.columns, size=PAGE_SIZE, cursor=cursor)
    )


def product(product_id: int) -> ProductPage:
    """Return a product with its prices and what is there of it, in four queries.

    Raises UnknownProduct, also for one that is not published.
    """
    found = catalog.published_product(product_id)
    variants = catalog.published_variants(product_id)
    available = inventory.available([variant.id for variant in variants])
    return ProductPage(
        product_id=found.id,
        name=found.name,
        description=found.description,
        way=tuple(_link(above) for above in [*catalog.way_to(found.category), found.category]),
        choices=tuple(
            Choice(
                variant_id=variant.id,
                sku=variant.sku,
                title=variant.title,
                price=variant.price,
                regular_price=variant.regular_price,
                available=available[variant.id],
            )
            for variant in variants
        ),
    )


def _shelves() -> tuple[Shelf, ...]:
    """Return the top categories, each with those right below it, in one query."""
    shelves: list[tuple[Category, list[Link]]] = []
    for node in catalog.top_categories():
        if node.is_root():
            shelves.append((node, []))
        else:
            shelves[-1][1].append(_link(node))
    return tuple(
        Shelf(category_id=node.id, name=node.name, below=tuple(below)) for node, below in shelves
    )


def _listing(found: "Page[Product]") -> Listing[Card]:
    return Listing(
        entries=tuple(_card(product) for product in found.items),
        next=found.next,
        previous=found.previous,
    )


def _card(product: "Product") -> Card:
    if product.price is None:
        raise ValueError("a product without a price is not on show")
    return Card(
        product_id=product.id,
        name=product.name,
        price=product.price,
        # Annotated by the query; the model does not know it.
        costs_more=bool(getattr(product, "costs_more", False)),
        in_stock=product.in_stock,
    )


def _link(category: "Category") -> Link:
    return Link(category_id=category.id, name=category.name)

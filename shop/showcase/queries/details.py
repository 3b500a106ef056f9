"""One product with all that its page shows."""

from typing import TYPE_CHECKING

from shop.catalog import queries as catalog
from shop.inventory import queries as inventory
from shop.reviews import queries as reviews
from shop.showcase.queries.pictures import pictures_of_product
from shop.showcase.rules import Choice, Link, Listing, Opinion, ProductPage

if TYPE_CHECKING:
    from shop.catalog.models import Variant
    from shop.reviews.models import Review


def product(product_id: int) -> ProductPage:
    """Return a product with its prices, its pictures and what is there of it, in four queries.

    Raises UnknownProduct, also for one that is not published.
    """
    found, variants = catalog.product_on_show(product_id)
    available = inventory.available([variant.id for variant in variants])
    way = [*catalog.way_to(found.category), found.category]
    return ProductPage(
        product_id=found.id,
        name=found.name,
        description=found.description,
        way=tuple(Link(category_id=node.id, name=node.name) for node in way),
        choices=tuple(_choice(variant, available[variant.id]) for variant in variants),
        pictures=pictures_of_product(product_id),
        rating=found.rating,
        review_count=found.review_count,
    )


def opinions(product_id: int, *, cursor: str | None = None) -> Listing[Opinion]:
    """Return a page of what is said of a product, the newest first, in one query.

    Raises InvalidCursor.
    """
    found = reviews.of_product(product_id, cursor=cursor)
    entries = tuple(_opinion(review) for review in found.items)
    return Listing(entries=entries, next=found.next, previous=found.previous)


def _choice(variant: "Variant", available: int) -> Choice:
    return Choice(
        variant_id=variant.id,
        sku=variant.sku,
        title=variant.title,
        price=variant.price,
        regular_price=variant.regular_price,
        available=available,
    )


def _opinion(review: "Review") -> Opinion:
    return Opinion(
        review_id=review.id,
        author=review.author,
        rating=review.rating,
        text=review.text,
        bought_it=review.bought_it,
        created_at=review.created_at,
    )

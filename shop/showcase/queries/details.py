"""One product with all that its page shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shop.catalog import queries as catalog
from shop.inventory import queries as inventory
from shop.reviews import queries as reviews
from shop.showcase.queries.pictures import as_shown
from shop.showcase.rules import (
    Choice,
    Link,
    Listing,
    Opinion,
    Picture,
    ProductPage,
    gallery_of,
)

if TYPE_CHECKING:
    from shop.catalog.models import ProductImage, Variant
    from shop.reviews.models import Review


def product(product_id: int) -> ProductPage:
    """Return a product with its prices, its pictures and what is there of it, in four queries.

    Raises UnknownProduct, also for one that is not published.
    """
    found, variants = catalog.product_on_show(product_id)
    available = inventory.available([variant.id for variant in variants])
    way = [*catalog.way_to(found.category), found.category]
    images = catalog.pictures_of(product_id)
    choices = tuple(
        _choice(variant, available[variant.id], _picture(variant, images)) for variant in variants
    )
    return ProductPage(
        product_id=found.id,
        name=found.name,
        description=found.description,
        way=tuple(Link(category_id=node.id, name=node.name) for node in way),
        choices=choices,
        pictures=gallery_of([as_shown(image) for image in images], choices),
        rating=found.rating,
        review_count=found.review_count,
        limits=catalog.limits_of(found),
    )


def opinions(product_id: int, *, cursor: str | None = None) -> Listing[Opinion]:
    """Return a page of what is said of a product, the newest first, in one query.

    Raises InvalidCursor.
    """
    found = reviews.of_product(product_id, cursor=cursor)
    entries = tuple(_opinion(review) for review in found.items)
    return Listing(entries=entries, next=found.next, previous=found.previous)


def _picture(variant: "Variant", images: "Sequence[ProductImage]") -> Picture | None:
    """Return a variant's own picture, or the first one that is of no other variant."""
    own = [image for image in images if image.variant_id == variant.id]
    common = [image for image in images if image.variant_id is None]
    return next((as_shown(image) for image in (*own, *common)), None)


def _choice(variant: "Variant", available: int, picture: Picture | None) -> Choice:
    return Choice(
        variant_id=variant.id,
        sku=variant.sku,
        title=variant.title,
        price=variant.price,
        regular_price=variant.regular_price,
        available=available,
        picture=picture,
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

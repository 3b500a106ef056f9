"""Reads about reviews. Knows no visitor: whoever looks sees the same."""

from collections.abc import Iterator

from django.db.models import Count, Sum

from shop.catalog import queries as catalog
from shop.catalog.rules import Stars
from shop.lib.breaches import Breach
from shop.lib.keyset import Page, page
from shop.reviews.errors import UnknownReview
from shop.reviews.models import Review

PAGE_SIZE = 10
_NEWEST_FIRST = ("-id",)


def of_product(
    product_id: int, *, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Review]:
    """Return a page of what is said of a product, the newest first, in one query.

    Raises InvalidCursor.
    """
    shown = Review.objects.filter(product_id=product_id, is_hidden__in=[False])
    return page(shown, ordering=_NEWEST_FIRST, size=size, cursor=cursor)


def page_of_all(*, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[Review]:
    """Return a page of what is said of products on show, the newest first, in one query.

    Raises InvalidCursor.
    """
    shown = Review.objects.filter(is_hidden__in=[False], product__is_published__in=[True])
    return page(shown, ordering=_NEWEST_FIRST, size=size, cursor=cursor)


def find(review_id: int) -> Review:
    """Return a review that visitors can see. Raises UnknownReview."""
    shown = Review.objects.filter(is_hidden=False, product__is_published=True)
    review = shown.filter(id=review_id).first()
    if review is None:
        raise UnknownReview(review_id=review_id)
    return review


def breaches() -> Iterator[Breach]:
    """Yield every product that remembers other stars than visitors can see."""
    shown = Review.objects.filter(is_hidden=False).values("product_id")
    counted = shown.annotate(sum=Sum("rating"), count=Count("id"))
    stars = {row["product_id"]: Stars(sum=row["sum"], count=row["count"]) for row in counted}
    for product_id, code, rating, rank, count in catalog.ratings():
        given = stars.get(product_id, Stars(sum=0, count=0))
        if (rating, rank, count) != (given.rating, given.rating or 0, given.count):
            yield Breach(
                "product-rating",
                f"product {code}",
                f"says {rating} from {count:,}, sorted by {rank}, "
                f"but is {given.rating} from {given.count:,}",
            )


def own(*, user_id: int, product_id: int) -> Review | None:
    """Return what a user has said of a product, hidden or not; None where nothing."""
    return Review.objects.filter(user_id=user_id, product_id=product_id).first()

"""Writing reviews, hiding them, and keeping what products remember of them."""

from collections.abc import Collection, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum

from shop.accounts import queries as accounts
from shop.catalog import actions as catalog
from shop.catalog import queries as catalog_queries
from shop.catalog.rules import Stars
from shop.events import actions as events
from shop.events.rules import subject_of
from shop.lib.transactions import durable
from shop.orders import queries as orders
from shop.reviews.errors import AlreadyReviewed, UnknownReview
from shop.reviews.models import Review
from shop.reviews.rules import ReviewRow, author, check_review


@durable
def write(*, user_id: int, product_id: int, rating: int, text: str) -> int:
    """Say something of a product, once; return the review's id. It is shown at once.

    Raises UnknownUser, UnknownProduct, InvalidRating, InvalidText or AlreadyReviewed.
    """
    text = text.strip()
    check_review(rating=rating, text=text)
    writer = accounts.find(user_id)
    catalog.lock(product_ids=[product_id])
    catalog_queries.published_product(product_id)
    review = Review(
        product_id=product_id,
        user_id=user_id,
        author=author(first_name=writer.first_name, last_name=writer.last_name),
        rating=rating,
        text=text,
        bought_it=orders.has_bought(user_id=user_id, product_id=product_id),
    )
    try:
        # A savepoint, since the database refuses the second review and the refusal must not
        # take the transaction with it.
        with transaction.atomic():
            review.save()
    except IntegrityError as error:
        raise AlreadyReviewed(product_id=product_id) from error
    catalog.rate(product_ids=[product_id], stars=_stars)
    events.emit(
        name="review.written",
        subject=f"review:{review.id}",
        payload={"review_id": review.id, "product_id": product_id, "rating": rating},
    )
    return review.id


@durable
def hide(*, review_ids: Collection[int], is_hidden: bool) -> None:
    """Take reviews out of sight, or show them again, all or none. Raises UnknownReview."""
    reviews = Review.objects.filter(id__in=review_ids)
    product_ids = dict(reviews.values_list("id", "product_id"))
    for review_id in review_ids:
        if review_id not in product_ids:
            raise UnknownReview(review_id=review_id)
    catalog.lock(product_ids=set(product_ids.values()))
    reviews.update(is_hidden=is_hidden)
    catalog.rate(product_ids=set(product_ids.values()), stars=_stars)
    if product_ids:
        events.emit(
            name="review.hidden" if is_hidden else "review.shown",
            subject=subject_of("review", product_ids),
            payload={
                "review_ids": sorted(product_ids),
                "product_ids": sorted(set(product_ids.values())),
            },
        )


@durable
def put_reviews(*, rows: Sequence[ReviewRow]) -> None:
    """Bring in reviews that were written elsewhere; what somebody has reviewed already stays.

    Raises InvalidRating or InvalidText, and then none is brought in.
    """
    for row in rows:
        check_review(rating=row.rating, text=row.text)
    catalog.lock(product_ids={row.product_id for row in rows})
    Review.objects.bulk_create(
        [
            Review(
                product_id=row.product_id,
                user_id=row.user_id,
                author=row.author,
                rating=row.rating,
                text=row.text,
                bought_it=row.bought_it,
                created_at=row.created_at,
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )
    product_ids = {row.product_id for row in rows}
    catalog.rate(product_ids=product_ids, stars=_stars)
    if product_ids:
        events.emit(
            name="review.imported",
            subject=subject_of("product", product_ids),
            payload={"product_ids": sorted(product_ids)},
        )


def _stars(product_ids: Collection[int]) -> dict[int, Stars]:
    """Count the stars that visitors can see, in one query."""
    rows = (
        Review.objects.filter(product_id__in=product_ids, is_hidden=False)
        .values("product_id")
        .annotate(sum=Sum("rating"), count=Count("id"))
    )
    return {row["product_id"]: Stars(sum=row["sum"], count=row["count"]) for row in rows}

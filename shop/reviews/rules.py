"""What a review can say, and by what name its writer is known to strangers."""

from dataclasses import dataclass
from datetime import datetime

from shop.events.rules import NUMBER, Kind, many
from shop.lib.texts import are_lines
from shop.reviews.errors import InvalidRating, InvalidText

WORST_RATING = 1
BEST_RATING = 5
LONGEST_TEXT = 5_000
LONGEST_AUTHOR = 160

_THESE_REVIEWS = {"review_ids": many(NUMBER), "product_ids": many(NUMBER)}
NEWS = (
    Kind(
        "review.written",
        "Somebody has reviewed a product; visitors see it.",
        {"review_id": NUMBER, "product_id": NUMBER, "rating": NUMBER},
    ),
    Kind("review.hidden", "Visitors do not see reviews any more.", _THESE_REVIEWS),
    Kind("review.shown", "Visitors see reviews again.", _THESE_REVIEWS),
    Kind(
        "review.imported",
        "Products may have reviews that were written elsewhere.",
        {"product_ids": many(NUMBER)},
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """A review that was written elsewhere, or some time ago."""

    product_id: int
    user_id: int
    author: str
    rating: int
    text: str
    bought_it: bool
    created_at: datetime


def check_review(*, rating: int, text: str) -> None:
    """Raise InvalidRating or InvalidText unless somebody can say that."""
    if not WORST_RATING <= rating <= BEST_RATING:
        raise InvalidRating(rating=rating)
    if len(text) > LONGEST_TEXT or not are_lines(text):
        raise InvalidText(limit=LONGEST_TEXT)


def author(*, first_name: str, last_name: str) -> str:
    """Return a name that friends know and strangers cannot look up: "Maya R."; "" for none."""
    first, last = first_name.strip(), last_name.strip()
    if not first:
        return ""
    return f"{first} {last[0].upper()}." if last else first

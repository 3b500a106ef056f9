"""What reviews refuse."""

from dataclasses import dataclass
from typing import ClassVar

from shop.lib.refusals import Refusal


@dataclass(eq=False)
class AlreadyReviewed(Refusal):
    """One person says one thing of a product."""

    code: ClassVar[str] = "already_reviewed"
    product_id: int


@dataclass(eq=False)
class InvalidRating(Refusal):
    """A rating that is no number of stars."""

    code: ClassVar[str] = "invalid_rating"
    rating: int


@dataclass(eq=False)
class InvalidText(Refusal):
    """A text that is too long, or cannot be printed."""

    code: ClassVar[str] = "invalid_review_text"
    limit: int


@dataclass(eq=False)
class UnknownReview(Refusal):
    """There is no such review."""

    code: ClassVar[str] = "unknown_review"
    review_id: int

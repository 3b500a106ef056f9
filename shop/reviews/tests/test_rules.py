"""What a review can say, and by what name its writer is known."""

import pytest

from shop.reviews.errors import InvalidRating, InvalidText
from shop.reviews.rules import LONGEST_AUTHOR, LONGEST_TEXT, author, check_review

pytestmark = pytest.mark.once


@pytest.mark.parametrize("rating", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("text", ["", "Fine.", "x" * LONGEST_TEXT, "<script>alert(1)</script>"])
def test_what_can_be_said(rating: int, text: str) -> None:
    check_review(rating=rating, text=text)


@pytest.mark.parametrize("rating", [0, -1, 6, 10**9])
def test_stars_are_one_to_five(rating: int) -> None:
    with pytest.raises(InvalidRating) as caught:
        check_review(rating=rating, text="Fine.")
    assert caught.value.rating == rating


@pytest.mark.parametrize(
    "text", ["x" * (LONGEST_TEXT + 1), "Fi\0ne.", "Fine\u202e.", "Fi\x1bne.", "\u2067Fine."]
)
def test_a_text_that_cannot_be_kept(text: str) -> None:
    with pytest.raises(InvalidText) as caught:
        check_review(rating=5, text=text)
    assert caught.value.limit == LONGEST_TEXT == 5_000


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Maya", "Roth", "Maya R."),
        (" Maya ", " roth ", "Maya R."),
        ("Maya", "", "Maya"),
        ("Maya", "  ", "Maya"),
        ("", "Roth", ""),
        ("", "", ""),
        ("Émile", "ørsted", "Émile Ø."),
        ("Анна", "Белова", "Анна Б."),
    ],
)
def test_strangers_know_a_writer_by_this_name(first: str, last: str, expected: str) -> None:
    assert author(first_name=first, last_name=last) == expected


def test_the_longest_name_has_room() -> None:
    assert len(author(first_name="M" * 150, last_name="ﬃ" * 150)) <= LONGEST_AUTHOR

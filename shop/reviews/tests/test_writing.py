"""Saying something of a product: once, by somebody, and the product remembers the sum of it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from auditlog.context import disable_auditlog

from shop.accounts.errors import UnknownUser
from shop.accounts.models import User
from shop.catalog import actions as catalog
from shop.catalog.errors import UnknownProduct
from shop.catalog.models import Product
from shop.lib.refusals import Refusal
from shop.orders import actions as orders
from shop.reviews import actions, queries
from shop.reviews.errors import AlreadyReviewed, InvalidRating, InvalidText, UnknownReview
from shop.reviews.models import Review
from shop.reviews.rules import LONGEST_TEXT, ReviewRow
from shop.reviews.tests.said import a_product, everything, reader, say, stars
from tests.builders import NOON, breaches, place, put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

NOBODY = 10**9


@pytest.fixture
def maya(db: None) -> User:
    """A shopper with a name."""
    return User.objects.create(username="maya", first_name="Maya", last_name="Roth")


def refused(verb: Callable[[], Any]) -> Refusal:
    """Return why a verb refuses, having seen that it changed nothing."""
    before = everything()
    with pytest.raises(Refusal) as caught:
        verb()
    assert everything() == before
    return caught.value


# --- Writing --------------------------------------------------------------------------------------


def test_what_is_said_is_shown_at_once(maya: User) -> None:
    mug = a_product()

    with time_machine.travel(NOON, tick=False):
        review_id = say(maya, mug, 4, "  Keeps its heat.\n")

    review = queries.find(review_id)
    assert (review.product_id, review.user_id, review.author) == (mug, maya.id, "Maya R.")
    assert (review.rating, review.text, review.created_at) == (4, "Keeps its heat.", NOON)
    assert (review.bought_it, review.is_hidden) == (False, False)
    assert stars(mug) == ("4.00", "4.00", 1)
    assert [row.id for row in queries.of_product(mug).items] == [review_id]


def test_stars_alone_are_enough(maya: User) -> None:
    mug = a_product()

    assert queries.find(say(maya, mug, 5, "  \n ")).text == ""


def test_a_name_is_the_one_of_that_time(maya: User) -> None:
    review_id = say(maya, a_product())
    User.objects.filter(id=maya.id).update(first_name="Zoe")

    assert queries.find(review_id).author == "Maya R."


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([5], "5.00"),
        ([1, 2], "1.50"),
        ([5, 5, 4], "4.67"),
        ([5, 4, 4], "4.33"),
        # 4.125: half up, where half to even would say 4.12.
        ([5, 5, 5, 5, 4, 3, 3, 3], "4.13"),
    ],
)
def test_the_rating_is_the_average_to_two_places(ratings: list[int], expected: str) -> None:
    mug, bowl = a_product("mug"), a_product("bowl")

    for number, rating in enumerate(ratings):
        say(reader(number), mug, rating)

    assert stars(mug) == (expected, expected, len(ratings))
    assert stars(bowl) == (None, "0.00", 0)


def test_writing_is_as_many_queries_for_the_first_and_the_thirtieth(maya: User) -> None:
    mug, bowl = a_product("mug"), a_product("bowl")
    for number in range(29):
        say(reader(number), bowl, 1 + number % 5)
    counts = []
    for product_id in (mug, bowl):
        with disable_auditlog(), queries_named() as names:
            say(maya, product_id)
        counts.append(names)

    assert counts[0] == counts[1]
    assert counts[0] == [
        "SELECT accounts_user",
        "SELECT catalog_product",
        "SELECT catalog_product",
        "SELECT orders_orderline",
        "INSERT reviews_review",
        "SELECT catalog_product",
        "SELECT reviews_review",
        "UPDATE catalog_product",
        "INSERT events_event",
        "INSERT events_event",
    ]


def test_rating_leaves_the_rest_of_a_product_alone(maya: User) -> None:
    mug = a_product()
    kept = ("code", "name", "price", "in_stock", "is_published", "created_at", "category_id")
    before = Product.objects.values(*kept).get(id=mug)

    say(maya, mug)

    assert Product.objects.values(*kept).get(id=mug) == before


def test_who_bought_it_has_a_badge(maya: User, bob: User) -> None:
    variant = put_on_sale("mug")
    mug = a_product("mug", stock=0)
    place({variant: 1}, user=maya)

    assert queries.find(say(maya, mug)).bought_it
    assert not queries.find(say(bob, mug)).bought_it


def test_who_gave_it_back_before_it_came_has_none(maya: User) -> None:
    variant = put_on_sale("mug")
    orders.cancel(order_ids=[place({variant: 1}, user=maya)], by=None)

    assert not queries.find(say(maya, a_product("mug", stock=0))).bought_it


# --- Refused --------------------------------------------------------------------------------------


def test_one_person_says_one_thing(maya: User, bob: User) -> None:
    mug, bowl = a_product("mug"), a_product("bowl")
    say(maya, mug, 5)

    refusal = refused(lambda: say(maya, mug, 1, "I have changed my mind."))

    assert isinstance(refusal, AlreadyReviewed)
    assert refusal.product_id == mug
    say(maya, bowl, 2)
    say(bob, mug, 4)
    assert (stars(mug), stars(bowl)) == (("4.50", "4.50", 2), ("2.00", "2.00", 1))


def test_a_hidden_review_is_said_still(maya: User) -> None:
    mug = a_product()
    actions.hide(review_ids=[say(maya, mug)], is_hidden=True)

    assert isinstance(refused(lambda: say(maya, mug)), AlreadyReviewed)


@pytest.mark.parametrize("rating", [0, 6, -5, 10**9])
def test_no_other_number_of_stars(maya: User, rating: int) -> None:
    mug = a_product()

    refusal = refused(lambda: say(maya, mug, rating))

    assert isinstance(refusal, InvalidRating)
    assert refusal.rating == rating


@pytest.mark.parametrize("text", ["x" * (LONGEST_TEXT + 1), "a\0b"])
def test_no_other_text(maya: User, text: str) -> None:
    mug = a_product()

    assert isinstance(refused(lambda: say(maya, mug, 5, text)), InvalidText)


def test_the_longest_text_without_the_space_around_it(maya: User) -> None:
    review_id = say(maya, a_product(), 5, "  " + "é" * LONGEST_TEXT + "  ")

    assert queries.find(review_id).text == "é" * LONGEST_TEXT


def test_nobody_says_nothing() -> None:
    mug = a_product()

    refusal = refused(lambda: actions.write(user_id=NOBODY, product_id=mug, rating=5, text="Fine."))

    assert isinstance(refusal, UnknownUser)


def test_of_what_is_not_on_show_nothing_is_said(maya: User) -> None:
    mug = a_product()
    catalog.set_published(product_ids=[mug], is_published=False)

    for product_id in (mug, NOBODY):
        refusal = refused(partial(say, maya, product_id))
        assert isinstance(refusal, UnknownProduct)
        assert refusal.product_id == product_id


# --- Hiding ---------------------------------------------------------------------------------------


def test_a_hidden_review_counts_no_more_and_a_shown_one_again(maya: User, bob: User) -> None:
    mug = a_product()
    mayas, bobs = say(maya, mug, 5), say(bob, mug, 2)
    assert stars(mug) == ("3.50", "3.50", 2)

    actions.hide(review_ids=[mayas], is_hidden=True)
    assert stars(mug) == ("2.00", "2.00", 1)
    assert [row.id for row in queries.of_product(mug).items] == [bobs]

    actions.hide(review_ids=[mayas, bobs, mayas], is_hidden=True)
    assert stars(mug) == (None, "0.00", 0)
    assert queries.of_product(mug).items == []

    actions.hide(review_ids=[mayas], is_hidden=False)
    assert stars(mug) == ("5.00", "5.00", 1)


def test_reviews_of_several_products_are_hidden_together(maya: User, bob: User) -> None:
    mug, bowl = a_product("mug"), a_product("bowl")
    ids = [say(maya, mug, 5), say(maya, bowl, 4)]
    say(bob, bowl, 1)

    actions.hide(review_ids=ids, is_hidden=True)

    assert (stars(mug), stars(bowl)) == ((None, "0.00", 0), ("1.00", "1.00", 1))


def test_all_are_hidden_or_none(maya: User) -> None:
    review_id = say(maya, a_product())

    refusal = refused(lambda: actions.hide(review_ids=[review_id, NOBODY], is_hidden=True))

    assert isinstance(refusal, UnknownReview)
    assert refusal.review_id == NOBODY


# --- Bringing in ----------------------------------------------------------------------------------


def row_of(product_id: int, user: User, **facts: Any) -> ReviewRow:
    defaults: dict[str, Any] = {
        "author": "Rea D.",
        "rating": 4,
        "text": "Fine.",
        "bought_it": True,
        "created_at": NOON,
    }
    return ReviewRow(product_id=product_id, user_id=user.id, **defaults | facts)


def test_reviews_from_elsewhere_stay_as_they_are_and_come_once(maya: User, bob: User) -> None:
    mug, bowl = a_product("mug"), a_product("bowl")
    say(maya, mug, 5)
    rows = [
        row_of(mug, maya, rating=1),
        row_of(mug, bob, rating=2, created_at=NOON - timedelta(days=9)),
        row_of(bowl, maya),
    ]

    actions.put_reviews(rows=rows)
    before = everything()[:3]
    actions.put_reviews(rows=rows)

    assert everything()[:3] == before
    assert Review.objects.count() == 3
    assert (stars(mug), stars(bowl)) == (("3.50", "3.50", 2), ("4.00", "4.00", 1))
    brought = Review.objects.get(product_id=mug, user=bob)
    assert (brought.author, brought.rating, brought.bought_it) == ("Rea D.", 2, True)
    assert brought.created_at == NOON - timedelta(days=9)


@pytest.mark.parametrize(
    ("wrong", "refusal"), [({"rating": 6}, InvalidRating), ({"text": "\0"}, InvalidText)]
)
def test_all_come_in_or_none(
    maya: User, bob: User, wrong: dict[str, Any], refusal: type[Refusal]
) -> None:
    mug = a_product()
    rows = [row_of(mug, maya), row_of(mug, bob, **wrong)]

    assert isinstance(refused(lambda: actions.put_reviews(rows=rows)), refusal)


def test_none_come_in() -> None:
    actions.put_reviews(rows=[])

    assert Review.objects.count() == 0


# --- Reading --------------------------------------------------------------------------------------


def test_pages_go_from_the_newest_to_the_oldest(maya: User) -> None:
    mug = a_product()
    ids = [say(reader(number), mug) for number in range(5)]
    actions.hide(review_ids=[ids[2]], is_hidden=True)

    with queries_named() as names:
        first = queries.of_product(mug, size=3)
    assert names == ["SELECT reviews_review"]
    assert [review.id for review in first.items] == [ids[4], ids[3], ids[1]]
    assert first.previous is None

    second = queries.of_product(mug, size=3, cursor=first.next)
    assert [review.id for review in second.items] == [ids[0]]
    assert second.next is None


def test_what_is_not_on_show_is_not_found(maya: User) -> None:
    mug, bowl = a_product("mug"), a_product("bowl")
    hidden, shown = say(maya, mug), say(maya, bowl)
    actions.hide(review_ids=[hidden], is_hidden=True)
    assert [review.id for review in queries.page_of_all().items] == [shown]

    catalog.set_published(product_ids=[bowl], is_published=False)
    assert queries.page_of_all().items == []
    for review_id in (hidden, shown, NOBODY):
        with pytest.raises(UnknownReview) as caught:
            queries.find(review_id)
        assert caught.value.review_id == review_id


def test_ones_own_is_found_hidden_or_not(maya: User, bob: User) -> None:
    mug = a_product()
    review_id = say(maya, mug)
    actions.hide(review_ids=[review_id], is_hidden=True)

    own = queries.own(user_id=maya.id, product_id=mug)
    assert own is not None
    assert own.id == review_id
    assert queries.own(user_id=bob.id, product_id=mug) is None


def test_a_product_that_is_removed_takes_what_was_said_along(maya: User) -> None:
    bowl = a_product("bowl", stock=0)
    say(maya, bowl)

    catalog.remove_product(product_id=bowl)

    assert Review.objects.count() == 0
    assert breaches() == []

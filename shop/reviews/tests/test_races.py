"""Reviews at the same moment; each race has a twin that loses unguarded.

SQLite lets one transaction write at a time, so that nobody can race there: the twins, which need
two that overlap, run on the servers.
"""

from typing import Any

import pytest
from django.db import connection

from shop.accounts import queries as accounts
from shop.accounts.models import User
from shop.catalog import actions as catalog
from shop.reviews import actions
from shop.reviews.models import Review
from shop.reviews.tests.said import a_product, reader, say, stars
from tests.builders import breaches
from tests.races.racing import (
    meet_after,
    meet_once,
    outcomes,
    race,
    without_constraint,
    without_locks,
)

pytestmark = pytest.mark.django_db(transaction=True)


def two_say_at_once(product_id: int) -> list[Any]:
    readers = [reader(1), reader(2)]
    return race(
        lambda: say(readers[0], product_id, 5),
        lambda: say(readers[1], product_id, 2),
    )


def test_what_many_say_at_once_is_all_counted() -> None:
    mug = a_product()
    readers = [reader(number) for number in range(12)]

    results = race(*(lambda n=n, u=u: say(u, mug, 1 + n % 5) for n, u in enumerate(readers)))

    assert outcomes(results) == {"int": 12}
    # 2 x (1 + 2 + 3 + 4 + 5) + 1 + 2 stars.
    assert stars(mug) == ("2.75", "2.75", 12)
    assert breaches() == []


@pytest.mark.overlap
def test_two_who_have_both_counted_nothing_yet_are_both_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mug = a_product()
    # A moment before either locks, so that both are certainly there.
    monkeypatch.setattr(accounts, "find", meet_after(accounts.find, parties=2))

    assert outcomes(two_say_at_once(mug)) == {"int": 2}
    assert stars(mug) == ("3.50", "3.50", 2)


@pytest.mark.overlap
def test_twin_without_the_products_lock_one_is_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if connection.vendor == "mysql":
        pytest.skip("a foreign key locks the product as well: see the next test")
    mug = a_product()
    without_locks(monkeypatch)
    monkeypatch.setattr(actions, "_stars", meet_after(actions._stars, parties=2))

    assert outcomes(two_say_at_once(mug)) == {"int": 2}
    assert Review.objects.count() == 2
    assert stars(mug)[2] == 1


@pytest.mark.overlap
@pytest.mark.parametrize("locks_first", [True, False])
def test_who_locks_the_product_before_it_is_named_never_starts_over(
    monkeypatch: pytest.MonkeyPatch, locks_first: bool
) -> None:
    """The twin locks it afterwards. MariaDB holds a row that a new one names, so both hold it by
    then, and neither can lock it: a deadlock. PostgreSQL looks at foreign keys only at COMMIT.
    """
    mug = a_product()
    begun: list[int] = []
    find = accounts.find

    def begin(user_id: int) -> User:
        begun.append(user_id)
        return find(user_id)

    monkeypatch.setattr(accounts, "find", begin)
    if locks_first:
        monkeypatch.setattr(catalog, "lock", meet_once(catalog.lock, parties=2))
    else:
        monkeypatch.setattr(catalog, "lock", lambda **_: None)
        monkeypatch.setattr(catalog, "rate", meet_once(catalog.rate, parties=2))

    assert outcomes(two_say_at_once(mug)) == {"int": 2}
    assert stars(mug) == ("3.50", "3.50", 2)
    starts_over = connection.vendor == "mysql" and not locks_first
    assert len(begun) == (3 if starts_over else 2)


def test_one_person_who_says_it_in_many_windows_says_it_once(alice: User) -> None:
    mug = a_product()

    results = race(*(lambda n=n: say(alice, mug, n) for n in (1, 2, 3, 4, 5)))

    assert outcomes(results) == {"int": 1, "AlreadyReviewed": 4}
    review = Review.objects.get()
    assert stars(mug) == (f"{review.rating}.00", f"{review.rating}.00", 1)


@pytest.mark.overlap
def test_without_the_products_lock_the_database_still_makes_it_one(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = a_product()
    without_locks(monkeypatch)
    monkeypatch.setattr(catalog, "lock", meet_once(catalog.lock, parties=2))

    results = race(*(lambda n=n: say(alice, mug, n) for n in (1, 5)))

    assert outcomes(results) == {"int": 1, "AlreadyReviewed": 1}
    assert stars(mug)[2] == 1


@pytest.mark.overlap
def test_twin_without_the_constraint_one_person_says_two_things(alice: User) -> None:
    mug = a_product()

    with without_constraint(Review, "review_once_per_user"):
        results = race(*(lambda n=n: say(alice, mug, n) for n in (1, 5)))

        assert outcomes(results) == {"int": 2}
        assert stars(mug) == ("3.00", "3.00", 2)


def test_what_is_hidden_while_others_write_is_not_counted(alice: User) -> None:
    mug = a_product()
    review_id = say(alice, mug, 1)
    readers = [reader(number) for number in range(4)]

    results = race(
        lambda: actions.hide(review_ids=[review_id], is_hidden=True),
        *(lambda u=u: say(u, mug, 5) for u in readers),
    )

    assert outcomes(results) == {"NoneType": 1, "int": 4}
    assert stars(mug) == ("5.00", "5.00", 4)

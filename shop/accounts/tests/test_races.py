"""Accounts and sign-ins at the same moment; each race has a twin that loses unguarded.

SQLite lets one transaction write at a time, so that nobody can race there: the twins, which need
two that overlap, run on the servers.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db.models import QuerySet

from shop.accounts import actions
from shop.accounts.actions import families
from shop.accounts.errors import AddressBookIsFull, SessionEnded
from shop.accounts.models import Address, TokenFamily, User
from shop.accounts.rules import MOST_ADDRESSES, AddressFields
from shop.accounts.tests.people import GOOD_PASSWORD, person
from tests.builders import NOON
from tests.races.racing import meet_after, outcomes, race, without_constraint, without_locks

pytestmark = pytest.mark.django_db(transaction=True)


# --- The same address -----------------------------------------------------------------------------


def register_at_once(*people: tuple[str, str]) -> list[Any]:
    return race(
        *(
            lambda name=name, email=email: actions.register(
                person=person(name, email=email), password=GOOD_PASSWORD
            )
            for name, email in people
        )
    )


def test_an_address_registered_by_many_at_once_is_one_account() -> None:
    spellings = ["maya@example.com", "MAYA@example.com", "Maya@Example.com", " maya@example.com"]

    results = register_at_once(*((f"user{n}", email) for n, email in enumerate(spellings)))

    assert outcomes(results) == {"int": 1, "EmailTaken": 3}
    assert User.objects.get().email_key == "maya@example.com"


def test_a_username_registered_by_many_at_once_is_one_account() -> None:
    results = register_at_once(*(("maya", f"maya{number}@example.com") for number in range(4)))

    assert outcomes(results) == {"int": 1, "UsernameTaken": 3}
    assert User.objects.get().username == "maya"


@pytest.mark.overlap
def test_twin_without_the_constraint_an_address_is_two_accounts() -> None:
    with without_constraint(User, "user_email_once"):
        results = register_at_once(("a", "maya@example.com"), ("b", "maya@example.com"))

        assert outcomes(results) == {"int": 2}
        assert User.objects.filter(email_key="maya@example.com").count() == 2


# --- The same refresh token -----------------------------------------------------------------------


def rotate(family: UUID, user: User, new: str) -> Callable[[], None]:
    return lambda: actions.rotate_family(
        family_id=family, user_id=user.id, old_jti="first", new_jti=new, expires_at=NOON
    )


def test_a_token_used_twice_at_once_is_replaced_once_and_its_family_is_gone(alice: User) -> None:
    for _ in range(5):
        family = actions.open_family(user_id=alice.id, jti="first", expires_at=NOON)

        results = race(*(rotate(family, alice, new) for new in "ab"))

        assert outcomes(results) == {"NoneType": 1, "SessionEnded": 1}
        assert TokenFamily.objects.count() == 0
        with pytest.raises(SessionEnded):
            actions.rotate_family(
                family_id=family,
                user_id=alice.id,
                old_jti="ab"[results.index(None)],
                new_jti="c",
                expires_at=NOON,
            )


@pytest.mark.overlap
def test_twin_who_looks_first_and_writes_later_lets_the_thief_in(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the one conditional UPDATE is for."""
    family = actions.open_family(user_id=alice.id, jti="first", expires_at=NOON)
    look = meet_after(lambda rows, jti: rows.filter(newest=jti).exists(), parties=2)

    def look_and_write(rows: Any, old_jti: str, *, newest: str, expires_at: datetime) -> bool:
        return look(rows, old_jti) and bool(rows.update(newest=newest, expires_at=expires_at))

    monkeypatch.setattr(families, "_replace_or_end", look_and_write)

    assert race(*(rotate(family, alice, new) for new in "ab")) == [None, None]
    assert TokenFamily.objects.count() == 1


# --- The last place in the book -------------------------------------------------------------------


def place(number: int) -> AddressFields:
    return AddressFields(name="Alice", line1=f"{number} High Street", city="Leeds", country="GB")


def fill_the_book(user: User) -> None:
    for number in range(MOST_ADDRESSES - 1):
        actions.keep_address(user_id=user.id, address=place(number))


def keep_at_once(user: User, *, tabs: int) -> list[Any]:
    return race(
        *(
            lambda n=n: actions.keep_address(user_id=user.id, address=place(1000 + n))
            for n in range(tabs)
        )
    )


def test_two_tabs_do_not_fill_a_book_past_its_limit(alice: User) -> None:
    fill_the_book(alice)

    results = keep_at_once(alice, tabs=4)

    assert outcomes(results) == {"int": 1, AddressBookIsFull.__name__: 3}
    assert Address.objects.count() == MOST_ADDRESSES


@pytest.mark.overlap
def test_twin_without_the_owners_lock_they_do(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_the_book(alice)
    without_locks(monkeypatch)
    monkeypatch.setattr(QuerySet, "count", meet_after(QuerySet.count, parties=2))

    results = keep_at_once(alice, tabs=2)

    monkeypatch.undo()
    assert outcomes(results) == {"int": 2}
    assert Address.objects.count() == MOST_ADDRESSES + 1

"""Sign-ins of API clients: a refresh token is used once, and a copy of it ends them all."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import transaction

from shop.accounts import actions, tasks
from shop.accounts.errors import SessionEnded
from shop.accounts.models import TokenFamily, User
from shop.accounts.tests.people import everything
from tests.builders import NOON
from tests.queries import queries_named

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(days=14)


def families() -> set[tuple[UUID, int, str, datetime]]:
    """Return every sign-in that counts: its id, whose, its newest token, until when."""
    return set(TokenFamily.objects.values_list("id", "user_id", "newest", "expires_at"))


def rotate(family: UUID, user: User, old: str, new: str) -> None:
    actions.rotate_family(
        family_id=family, user_id=user.id, old_jti=old, new_jti=new, expires_at=LATER
    )


def open_family(user: User, jti: str = "first", expires_at: datetime = NOON) -> UUID:
    return actions.open_family(user_id=user.id, jti=jti, expires_at=expires_at)


def test_each_sign_in_is_a_family_of_its_own(alice: User, bob: User) -> None:
    phone, laptop, bobs = open_family(alice), open_family(alice, "other"), open_family(bob)

    assert families() == {
        (phone, alice.id, "first", NOON),
        (laptop, alice.id, "other", NOON),
        (bobs, bob.id, "first", NOON),
    }


def test_a_token_is_replaced_by_the_next_in_one_query(alice: User) -> None:
    family = open_family(alice)

    with queries_named() as names:
        rotate(family, alice, "first", "second")

    assert names == ["UPDATE accounts_tokenfamily"]
    rotate(family, alice, "second", "third")
    assert families() == {(family, alice.id, "third", LATER)}


@pytest.mark.parametrize("copy", ["first", "second"])
def test_a_token_used_again_ends_the_family(alice: User, copy: str) -> None:
    family, other = open_family(alice), open_family(alice)
    rotate(family, alice, "first", "second")
    rotate(family, alice, "second", "third")

    with pytest.raises(SessionEnded):
        rotate(family, alice, copy, "stolen")

    assert families() == {(other, alice.id, "first", NOON)}
    with pytest.raises(SessionEnded):
        rotate(family, alice, "third", "fourth")


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_family_outlives_its_refusal(alice: User) -> None:
    family = open_family(alice)
    with pytest.raises(SessionEnded):
        rotate(family, alice, "never", "stolen")
    assert families() == set()

    # Inside somebody's transaction it could be taken back, so there it is not even tried.
    family = open_family(alice)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        rotate(family, alice, "never", "stolen")
    assert families() == {(family, alice.id, "first", NOON)}


def test_tokens_compare_letter_by_letter(alice: User) -> None:
    family = open_family(alice, "abc")

    with pytest.raises(SessionEnded):
        rotate(family, alice, "ABC", "second")


@pytest.mark.parametrize(
    "verb",
    [
        lambda family, user: rotate(family, user, "first", "second"),
        lambda family, user: actions.close_family(family_id=family, user_id=user.id),
    ],
)
def test_nobody_touches_anothers_family(
    alice: User, bob: User, verb: Callable[[UUID, User], None]
) -> None:
    family = open_family(alice)
    before = everything()

    for wrong in ((family, bob), (uuid4(), alice)):
        with contextlib.suppress(SessionEnded):
            verb(*wrong)
        assert everything() == before


def test_rotating_anothers_family_is_refused(alice: User, bob: User) -> None:
    family = open_family(alice)

    with pytest.raises(SessionEnded):
        rotate(family, bob, "first", "second")


def test_a_closed_family_stays_closed(alice: User) -> None:
    family, other = open_family(alice), open_family(alice)

    actions.close_family(family_id=family, user_id=alice.id)
    actions.close_family(family_id=family, user_id=alice.id)

    assert families() == {(other, alice.id, "first", NOON)}
    with pytest.raises(SessionEnded):
        rotate(family, alice, "first", "second")


def test_what_has_run_out_is_forgotten_however_much_it_is(alice: User) -> None:
    for number in range(7):
        open_family(alice, f"{number}", NOON - timedelta(minutes=number))

    assert actions.forget_families(before=NOON, at_once=2) == 6
    assert {newest for _, _, newest, _ in families()} == {"0"}
    assert actions.forget_families(before=NOON) == 0


def test_every_hour_they_are_forgotten(alice: User) -> None:
    open_family(alice, "old", NOON - timedelta(seconds=1))
    kept = open_family(alice, "new", NOON + timedelta(seconds=1))

    with time_machine.travel(NOON, tick=False):
        tasks.forget_token_families()

    assert families() == {(kept, alice.id, "new", NOON + timedelta(seconds=1))}

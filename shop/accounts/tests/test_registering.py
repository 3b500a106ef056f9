"""Opening an account, and changing what it says: done as a whole, or refused as a whole."""

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.context import disable_auditlog
from django.contrib.auth import authenticate
from django.db import transaction

from shop.accounts import actions, queries
from shop.accounts.errors import EmailTaken, UnknownUser, UsernameTaken, WeakPassword
from shop.accounts.models import User
from shop.accounts.rules import NewPerson
from shop.accounts.tests.people import GOOD_PASSWORD, everything, person
from shop.lib.refusals import Refusal
from shop.lib.texts import UnprintableText
from tests.queries import queries_named

pytestmark = pytest.mark.django_db

NOBODY = 10**9
OTHER_PASSWORD = "a quite different sentence"


def refused(verb: Callable[[], Any]) -> Refusal:
    """Return why a verb refuses, having seen that it changed nothing."""
    before = everything()
    with pytest.raises(Refusal) as caught:
        verb()
    assert everything() == before
    return caught.value


def register(username: str = "maya", *, password: str = GOOD_PASSWORD, **facts: str) -> int:
    return actions.register(person=person(username, **facts), password=password)


# --- Opening --------------------------------------------------------------------------------------


def test_an_account_is_what_its_owner_says_and_can_be_used_at_once() -> None:
    user_id = actions.register(
        person=NewPerson(
            username="maya",
            email="Maya@Example.com",
            first_name="Maya",
            last_name="Roth",
            city="Leeds",
            address="1 High Street",
        ),
        password=GOOD_PASSWORD,
    )

    assert authenticate(username="maya", password=GOOD_PASSWORD) == User.objects.get(id=user_id)
    user = queries.find(user_id)
    assert (user.username, user.email, user.email_key) == (
        "maya",
        "Maya@Example.com",
        "maya@example.com",
    )
    assert (user.first_name, user.last_name, user.city, user.address) == (
        "Maya",
        "Roth",
        "Leeds",
        "1 High Street",
    )
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, False, False)
    assert user.token_version == 0


def test_no_password_is_written_down() -> None:
    user = queries.find(register())

    assert GOOD_PASSWORD not in user.password
    assert user.check_password(GOOD_PASSWORD)
    assert not user.check_password(OTHER_PASSWORD)


def test_opening_an_account_is_two_queries_besides_the_audit_log() -> None:
    with disable_auditlog(), queries_named() as names:
        register()

    assert names == ["INSERT accounts_user", "INSERT events_event"]


def test_a_username_is_one_persons() -> None:
    register("maya")

    refusal = refused(lambda: register("maya", email="other@example.com"))

    assert isinstance(refusal, UsernameTaken)
    assert refusal.username == "maya"


def test_letters_that_look_alike_are_one_username() -> None:
    """Forms that sign people in read it like that, so that another spelling could never."""
    user_id = register("\uff4daya", email="maya@example.com")

    assert queries.find(user_id).username == "maya"
    assert isinstance(refused(lambda: register("maya", email="b@example.com")), UsernameTaken)
    assert isinstance(
        refused(lambda: register("\uff4d\uff41\uff59\uff41", email="b@example.com")), UsernameTaken
    )


@pytest.mark.parametrize("username", ["maya", "MAYA", "\N{FULLWIDTH LATIN SMALL LETTER M}aya"])
def test_a_username_is_one_persons_however_it_is_written(username: str) -> None:
    user_id = register("Maya", email="a@example.com")

    refusal = refused(lambda: register(username, email="b@example.com"))

    assert isinstance(refusal, UsernameTaken)
    assert queries.ids_by_username(["maya", "MAYA", "mia"]) == {"maya": user_id, "MAYA": user_id}
    assert queries.find(user_id).username == "Maya"


@pytest.mark.parametrize("field", ["email", "first_name", "last_name", "city", "address"])
@pytest.mark.parametrize("character", ["\n", "\x00", "\x1b", "\u202e", "\u2066", "\u2028"])
def test_what_cannot_be_printed_is_nobodys_name(field: str, character: str) -> None:
    user_id = register("alice", email="alice@example.com")
    wrong = {"email": "maya@example.com", field: f"a{character}@example.com"}

    for verb in (
        lambda: register("maya", **wrong),
        lambda: actions.change_details(user_id=user_id, details=wrong),
    ):
        refusal = refused(verb)
        assert isinstance(refusal, UnprintableText)
        assert refusal.field == field


@pytest.mark.parametrize("email", ["maya@example.com", "MAYA@example.COM", " maya@example.com "])
def test_an_address_is_one_persons_however_it_is_written(email: str) -> None:
    register("maya", email="Maya@Example.com")

    assert isinstance(refused(lambda: register("other", email=email)), EmailTaken)


def test_both_taken_is_told_by_the_username() -> None:
    register("maya")

    assert isinstance(refused(lambda: register("maya")), UsernameTaken)


def test_many_have_no_address() -> None:
    register("a", email="")
    register("b", email="")

    assert User.objects.filter(email_key=None).count() == 2


def test_an_address_whose_letters_fold_into_more_than_there_is_room_for() -> None:
    email = "a@" + ".".join(["ß" * 62] * 4)
    assert len(email) == 253

    user_id = register("maya", email=email)

    assert queries.find(user_id).email == email
    assert isinstance(refused(lambda: register("other", email=f"A{email[1:]}")), EmailTaken)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("x7Kq", "too short"),
        ("password", "too common"),
        ("8364021957", "entirely numeric"),
        ("maya-roth-77", "too similar to the username"),
        ("m-roth@leeds", "too similar to the email"),
    ],
)
def test_a_password_that_is_guessed_too_easily(password: str, said: str) -> None:
    refusal = refused(
        lambda: register("maya-roth-77", email="m-roth@leeds.example", password=password)
    )

    assert isinstance(refusal, WeakPassword)
    assert any(said in problem for problem in refusal.problems), refusal.problems


def test_every_problem_of_a_password_is_told() -> None:
    refusal = refused(lambda: register(password="12345"))

    assert isinstance(refusal, WeakPassword)
    assert len(refusal.problems) == 3


@pytest.mark.django_db(transaction=True)
def test_it_is_on_disk_when_it_returns() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        register()
    assert everything() == []


# --- Changing -------------------------------------------------------------------------------------


def test_details_change_and_nothing_else_does() -> None:
    user_id = register(first_name="Maya", city="Leeds")
    password = queries.find(user_id).password

    actions.change_details(
        user_id=user_id,
        details={
            "email": "New@example.com",
            "first_name": "May",
            "last_name": "Roth",
            "city": "York",
            "address": "2 Low Street",
        },
    )

    user = queries.find(user_id)
    assert (user.email, user.email_key) == ("New@example.com", "new@example.com")
    assert (user.first_name, user.last_name, user.city, user.address) == (
        "May",
        "Roth",
        "York",
        "2 Low Street",
    )
    assert (user.username, user.password, user.token_version) == ("maya", password, 0)


def test_details_that_are_not_named_stay() -> None:
    user_id = register(first_name="Maya", city="Leeds")

    actions.change_details(user_id=user_id, details={"city": "York"})

    user = queries.find(user_id)
    assert (user.first_name, user.city, user.email) == ("Maya", "York", "maya@example.com")


def test_no_details_change_nothing() -> None:
    user_id = register()
    before = everything()

    actions.change_details(user_id=user_id, details={})

    assert everything() == before


def test_ones_own_address_in_another_spelling_is_not_taken() -> None:
    user_id = register()

    actions.change_details(user_id=user_id, details={"email": "MAYA@example.com"})

    assert queries.find(user_id).email == "MAYA@example.com"


def test_somebody_elses_address_is_refused(alice: User) -> None:
    user_id = register()
    details = {"city": "York", "email": "ALICE@example.com"}

    refusal = refused(lambda: actions.change_details(user_id=user_id, details=details))

    assert isinstance(refusal, EmailTaken)


@pytest.mark.parametrize("name", ["username", "is_staff", "password", "token_version", "id"])
def test_what_is_the_shops_nobody_changes_himself(name: str) -> None:
    user_id = register()
    before = everything()

    with pytest.raises(ValueError, match=f"not a person's own to change: {name}"):
        actions.change_details(user_id=user_id, details={"city": "York", name: "1"})

    assert everything() == before


def test_a_new_password_ends_every_token() -> None:
    user_id = register()

    actions.change_password(user_id=user_id, password=OTHER_PASSWORD)

    user = queries.find(user_id)
    assert user.token_version == 1
    assert authenticate(username="maya", password=OTHER_PASSWORD) == user
    assert authenticate(username="maya", password=GOOD_PASSWORD) is None


def test_a_weak_new_password_is_refused() -> None:
    user_id = register()

    refusal = refused(lambda: actions.change_password(user_id=user_id, password="maya"))

    assert isinstance(refusal, WeakPassword)
    assert authenticate(username="maya", password=GOOD_PASSWORD) is not None


# --- Locking out and letting in -------------------------------------------------------------------


def test_who_is_locked_out_has_no_tokens_left_even_when_let_in_again(
    alice: User, bob: User
) -> None:
    actions.set_active(user_ids=[alice.id, bob.id], is_active=False)
    assert [
        (standing.is_active, standing.token_version)
        for standing in queries.standings([alice.id, bob.id]).values()
    ] == [(False, 1), (False, 1)]

    actions.set_active(user_ids=[alice.id], is_active=True)
    standing = queries.standings([alice.id])[alice.id]
    assert (standing.is_active, standing.token_version) == (True, 1)


def test_locking_out_twice_is_once(alice: User) -> None:
    actions.set_active(user_ids=[alice.id, alice.id], is_active=False)
    actions.set_active(user_ids=[alice.id], is_active=False)

    assert queries.standings([alice.id])[alice.id].token_version == 1


def test_all_are_locked_out_or_none(alice: User, bob: User) -> None:
    ids = [alice.id, NOBODY, bob.id]

    refusal = refused(lambda: actions.set_active(user_ids=ids, is_active=False))

    assert isinstance(refusal, UnknownUser)
    assert refusal.user_id == NOBODY


@pytest.mark.parametrize(
    "verb",
    [
        lambda: actions.change_details(user_id=NOBODY, details={"city": "York"}),
        lambda: actions.change_password(user_id=NOBODY, password=GOOD_PASSWORD),
        lambda: actions.set_active(user_ids=[NOBODY], is_active=False),
        lambda: queries.find(NOBODY),
    ],
)
def test_nobody_is_told_as_such(alice: User, verb: Callable[[], Any]) -> None:
    refusal = refused(verb)

    assert isinstance(refusal, UnknownUser)
    assert refusal.user_id == NOBODY

"""Who somebody is: one account per username and per e-mail address, whatever their case."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from shop.accounts import queries
from shop.accounts.models import Address, User
from shop.accounts.rules import Standing, email_key, username_key
from tests.queries import queries_named

pytestmark = pytest.mark.django_db


def keys() -> dict[str, str | None]:
    """Return the e-mail key of every account, as the database has it."""
    return dict(User.objects.values_list("username", "email_key"))


@pytest.mark.parametrize(
    ("email", "key"),
    [
        ("alice@example.com", "alice@example.com"),
        ("Alice@EXAMPLE.com", "alice@example.com"),
        ("  alice@example.com \n", "alice@example.com"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("straße@example.com", "strasse@example.com"),
        ("ÉMILE@example.com", "émile@example.com"),
        ("", None),
        ("   ", None),
    ],
)
def test_spellings_of_one_address_have_one_key(email: str, key: str | None) -> None:
    assert email_key(email) == key


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@example.COM", " alice@example.com"])
def test_an_address_is_one_account(alice: User, email: str) -> None:
    with pytest.raises(IntegrityError, match=r"user_email_once|email_key"), transaction.atomic():
        User.objects.create(username="alice2", email=email)

    assert keys() == {"alice": "alice@example.com"}


def test_a_form_says_so_before_the_database_does(alice: User) -> None:
    user = User(username="alice2", email="ALICE@example.com", password="x")

    with pytest.raises(ValidationError) as caught:
        user.full_clean()

    assert caught.value.messages == ["Somebody has this e-mail address already."]


def test_many_accounts_have_no_address() -> None:
    for username in ("carol", "dave"):
        User.objects.create(username=username)

    assert keys() == {"carol": None, "dave": None}


WAYS_TO_SAVE: dict[str, Callable[[User], Any]] = {
    "whole": lambda user: user.save(),
    "a list": lambda user: user.save(update_fields=["email"]),
    "a tuple of more": lambda user: user.save(update_fields=("city", "email")),
    "an iterator": lambda user: user.save(update_fields=iter(["city", "email", "address"])),
}


@pytest.mark.parametrize("save", WAYS_TO_SAVE.values(), ids=WAYS_TO_SAVE.keys())
def test_a_changed_address_has_its_key_however_it_is_saved(
    alice: User, save: Callable[[User], Any]
) -> None:
    alice.email, alice.city = "Alice.Able@Example.com", "Leeds"

    save(alice)

    alice.refresh_from_db()
    assert (alice.email, alice.email_key) == ("Alice.Able@Example.com", "alice.able@example.com")
    # The old one is free again.
    User.objects.create(username="alice2", email="alice@example.com")


def test_every_field_of_an_iterator_is_saved(alice: User) -> None:
    alice.email, alice.city, alice.address = "new@example.com", "Leeds", "1 High Street"

    alice.save(update_fields=iter(["city", "email", "address"]))

    assert User.objects.values_list("city", "email", "address").get() == (
        "Leeds",
        "new@example.com",
        "1 High Street",
    )


@pytest.mark.parametrize("fields", [["city"], [], ("first_name", "city")])
def test_an_address_that_is_not_saved_changes_no_key(alice: User, fields: Iterable[str]) -> None:
    alice.email = "other@example.com"

    alice.save(update_fields=fields)

    assert keys() == {"alice": "alice@example.com"}
    assert User.objects.get().email == "alice@example.com"


def test_a_row_that_was_read_in_part_keeps_its_key(alice: User) -> None:
    user = User.objects.only("username", "email").get(id=alice.id)
    user.email = "Other@example.com"
    user.save()
    assert keys() == {"alice": "other@example.com"}

    user = User.objects.only("username").get(id=alice.id)
    user.username = "alice3"
    user.save()
    assert keys() == {"alice3": "other@example.com"}


def test_an_address_taken_away_leaves_no_key(alice: User) -> None:
    alice.email = ""
    alice.save(update_fields=["email"])

    assert keys() == {"alice": None}


def test_a_taken_address_cannot_be_changed_to(alice: User, bob: User) -> None:
    bob.email = "ALICE@example.com"
    with pytest.raises(IntegrityError), transaction.atomic():
        bob.save(update_fields=["email"])

    assert keys() == {"alice": "alice@example.com", "bob": "bob@example.com"}


@pytest.mark.parametrize(
    ("username", "key"),
    [
        ("alice", "alice"),
        ("ALICE", "alice"),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}lice", "alice"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
        ("alicé", "alicé"),
        ("alice\N{COMBINING ACUTE ACCENT}", "alicé"),
        ("ß" * 150, "s" * 150),
    ],
)
def test_spellings_of_one_username_have_one_key(username: str, key: str) -> None:
    assert username_key(username) == key
    assert User.objects.create(username=username).username_key == key


@pytest.mark.parametrize("username", ["alice", "Alice", "ALICE"])
def test_a_username_is_one_account(alice: User, username: str) -> None:
    with pytest.raises(IntegrityError, match="username"), transaction.atomic():
        User.objects.create(username=username)
    with pytest.raises(ValidationError) as caught:
        User(username=username, password="x").full_clean()
    assert "Somebody has this username already." in caught.value.messages
    # An accent is no detail.
    User.objects.create(username="alicé")
    assert sorted(keys()) == ["alice", "alicé"]


def test_a_changed_username_has_its_key_however_it_is_saved(alice: User) -> None:
    alice.username = "Ann"
    alice.save(update_fields=["username"])
    assert User.objects.get().username_key == "ann"
    alice.username = "Other"
    alice.save(update_fields=["city"])
    assert User.objects.get().username_key == "ann"


def test_whoever_signs_in_is_found_by_any_spelling() -> None:
    alice = User.objects.create_user("Alice", "alice@example.com", "correct horse")

    for username in ("Alice", "alice", "ALICE"):
        assert authenticate(username=username, password="correct horse") == alice
    assert User.objects.get_by_natural_key("aLICE") == alice
    assert authenticate(username="alicé", password="correct horse") is None
    assert authenticate(username="alice", password="Correct horse") is None


def test_how_accounts_stand_is_one_query(alice: User, bob: User) -> None:
    User.objects.filter(id=bob.id).update(is_active=False, token_version=3)

    with queries_named() as names:
        standings = queries.standings([alice.id, bob.id, 999_999])

    assert names == ["SELECT accounts_user"]
    assert standings == {
        alice.id: Standing(is_active=True, token_version=0),
        bob.id: Standing(is_active=False, token_version=3),
    }
    assert queries.standings([]) == {}


def test_the_addresses_of_somebody_who_goes_go_too(alice: User, bob: User) -> None:
    for user in (alice, bob):
        Address.objects.create(
            user=user, name=user.username, line1="1 High Street", city="Leeds", country="GB"
        )

    alice.delete()

    assert [str(address) for address in Address.objects.all()] == ["bob, Leeds"]

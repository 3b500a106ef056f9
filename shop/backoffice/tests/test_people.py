"""Accounts: opened, changed, locked out and let in again."""

from typing import Any

import pytest

from shop.accounts.models import User
from shop.backoffice.tests.desk import (
    add_page,
    at_desk,
    boss_desk,
    errors,
    filled_in,
    list_of,
    member,
    page_of,
    sentences,
)

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet harbour 7"


def test_an_account_is_opened_by_staff() -> None:
    said = {
        "username": "zoe",
        "email": "Zoe@example.com",
        "first_name": "Zoe",
        "password": PASSWORD,
        "is_superuser": "on",
        "is_staff": "on",
    }
    response = at_desk(member("anna", "Everything")).post(add_page(User), said)
    assert response.status_code == 302
    zoe = User.objects.get(username="zoe")
    assert zoe.check_password(PASSWORD)
    assert (zoe.first_name, zoe.is_staff, zoe.is_superuser) == ("Zoe", False, False)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"username": "alice"}, "has this username already"),
        ({"username": ""}, "required"),
        ({"username": "a b"}, "valid username"),
        ({"email": "ALICE@example.com"}, "has this e-mail address already"),
        ({"email": "nonsense"}, "valid email"),
        ({"password": "12345"}, "too short"),
        ({"password": ""}, "required"),
    ],
)
def test_an_account_that_cannot_be_says_why(
    alice: Any, changes: dict[str, str], complaint: str
) -> None:
    said = {"username": "zoe", "email": "zoe@example.com", "password": PASSWORD} | changes
    desk = boss_desk()
    before = User.objects.count()
    response = desk.post(add_page(User), said)
    assert response.status_code == 200
    assert complaint in errors(response)
    assert User.objects.count() == before


def test_a_taken_address_is_refused_on_change_too(alice: Any, bob: Any) -> None:
    desk = boss_desk()
    said = filled_in(desk.get(page_of(alice))) | {"email": "Bob@Example.com"}
    assert "has this e-mail address already" in errors(desk.post(page_of(alice), said))
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


def test_an_account_is_locked_out_and_let_in_again(alice: Any) -> None:
    desk = at_desk(member("anna", "Everything"))
    shopper = at_desk(alice)
    assert desk.post(page_of(alice, "disable")).status_code == 302
    alice.refresh_from_db()
    assert (alice.is_active, alice.token_version) == (False, 1)
    assert shopper.get("/orders/").status_code == 302
    assert desk.post(page_of(alice, "enable")).status_code == 302
    alice.refresh_from_db()
    assert (alice.is_active, alice.token_version) == (True, 1)


def test_a_superuser_sets_a_password(alice: Any) -> None:
    desk = boss_desk()
    response = desk.post(page_of(alice, "set-password"), {"password": "123"})
    assert response.status_code == 422
    assert b"too short" in response.content
    response = desk.post(page_of(alice, "set-password"), {"password": PASSWORD})
    assert sentences(response) == ["alice has a new password, and has to sign in again."]
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
    assert alice.token_version == 1


def test_saving_an_account_does_not_undo_what_happened_meanwhile(alice: Any) -> None:
    from shop.accounts import actions

    desk = boss_desk()
    said = filled_in(desk.get(page_of(alice)))
    actions.set_active(user_ids=[alice.pk], is_active=False)
    actions.change_password(user_id=alice.pk, password=PASSWORD)
    assert desk.post(page_of(alice), said | {"city": "Leeds"}).status_code == 302
    alice.refresh_from_db()
    assert (alice.city, alice.is_active, alice.token_version) == ("Leeds", False, 2)
    assert alice.check_password(PASSWORD)


@pytest.mark.parametrize("term", ["alice", "alice@example.com", "ALICE@Example.com"])
def test_an_account_is_found_by_what_is_unique(alice: Any, bob: Any, term: str) -> None:
    found = boss_desk().get(list_of(User), {"q": term}).context["cl"].result_list
    assert list(found) == [alice]


def test_no_page_shows_a_password(alice: Any) -> None:
    alice.set_password(PASSWORD)
    alice.save()
    desk = boss_desk()
    for address in (page_of(alice), list_of(User), page_of(alice, "set-password")):
        page = desk.get(address).content.decode()
        assert alice.password not in page
        assert "argon2" not in page

"""How often somebody tries to sign in, or signs up."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import Settings

from shop.storefront.tests.reading import alert, fields, links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cheap_passwords"), pytest.mark.once]

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def counted(settings: Settings) -> None:
    settings.THROTTLE = True


@pytest.fixture
def ann(alice: Any) -> Any:
    """Alice, who has a password."""
    alice.set_password(PASSWORD)
    alice.save()
    return alice


def sign_in(client: Client, **form: str) -> Any:
    return client.post("/accounts/login/", {"username": "alice", "password": PASSWORD} | form)


def test_a_name_is_tried_ten_times_from_one_address(client: Client, ann: Any) -> None:
    for number in range(10):
        spelling = " ALICE " if number % 2 else "\N{FULLWIDTH LATIN SMALL LETTER A}lice"
        assert sign_in(client, username=spelling, password="wrong").status_code == 422
    response = sign_in(client, username="Alice", next="/orders/")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 15 * 60
    assert alert(response).startswith("That was a lot in a short time. Please try again in ")
    shown = fields(response)
    assert (shown["username"], shown["password"], shown["next"]) == ("Alice", "", "/orders/")
    assert "/accounts/password/reset/" in links(response)
    assert "_auth_user_id" not in client.session
    # Others behind the address come in, and so does she from elsewhere.
    assert sign_in(client, username="bob").status_code == 422
    assert sign_in(Client(REMOTE_ADDR="10.0.0.1")).status_code == 302


def test_a_name_is_tried_fifty_times_from_anywhere(ann: Any) -> None:
    for number in range(50):
        sent_from = Client(REMOTE_ADDR=f"10.0.0.{number}")
        assert sign_in(sent_from, password="wrong").status_code == 422
    elsewhere = Client(REMOTE_ADDR="10.0.1.1")
    assert sign_in(elsewhere).status_code == 429
    assert sign_in(elsewhere, username="bob").status_code == 422


def test_an_address_cannot_use_up_what_a_name_has_elsewhere(ann: Any) -> None:
    thief = Client(REMOTE_ADDR="10.0.0.1")
    statuses = [sign_in(thief, password="wrong").status_code for _ in range(60)]
    assert statuses == [422] * 10 + [429] * 50
    assert sign_in(Client(REMOTE_ADDR="10.0.0.2")).status_code == 302


def test_an_address_tries_a_hundred_times(ann: Any) -> None:
    client = Client(REMOTE_ADDR="10.0.0.1")
    for number in range(100):
        assert sign_in(client, username=f"person{number}").status_code == 422
    assert sign_in(client).status_code == 429
    assert client.get("/accounts/login/").status_code == 200
    assert sign_in(Client(REMOTE_ADDR="10.0.0.2")).status_code == 302


def test_an_address_opens_ten_accounts_an_hour() -> None:
    for number in range(11):
        form = {
            "username": f"person{number}",
            "email": f"person{number}@example.com",
            "password": "seventeen green apples",
        }
        response = Client(REMOTE_ADDR="10.0.0.1").post("/accounts/signup/", form)
        assert response.status_code == (302 if number < 10 else 429)
    assert get_user_model().objects.count() == 10

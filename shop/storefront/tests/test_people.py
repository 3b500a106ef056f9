"""Signing in and out, and what the head of personal pages says of it."""

from typing import Any

import pytest
from django.test import Client

from shop.storefront.tests.reading import alert, fields, tags, words

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def ann(alice: Any) -> Any:
    """Alice, who has a password."""
    alice.set_password(PASSWORD)
    alice.save()
    return alice


def head(client: Client, address: str = "/cart/") -> str:
    """Return what the head of a page says after its navigation."""
    body = client.get(address).content.decode()
    return body[body.index('<div class="person">') : body.index("</header>")]


def test_somebody_signs_in_and_out(ann: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    form = fields(client.get("/accounts/login/")) | {"username": "alice", "password": PASSWORD}
    response = client.post("/accounts/login/", form)
    assert (response.status_code, response["Location"]) == (302, "/orders/")
    assert "Signed in as <b>alice</b>" in head(client)
    token = fields_of_head(client)["csrfmiddlewaretoken"]
    response = client.post("/accounts/logout/", {"csrfmiddlewaretoken": token})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "Sign in" in head(client)


def fields_of_head(client: Client) -> dict[str, str]:
    found = tags(client.get("/cart/"))
    return {a["name"]: a["value"] for tag, a in found if tag == "input"}


def test_somebody_comes_back_to_where_they_were(client: Client, ann: Any) -> None:
    form = {"username": "alice", "password": PASSWORD}
    assert client.post("/accounts/login/", form | {"next": "/cart/"})["Location"] == "/cart/"
    client.post("/accounts/logout/")
    assert (
        client.post("/accounts/login/", form | {"next": "//evil.example"})["Location"] == "/orders/"
    )


def test_a_wrong_password_signs_nobody_in(client: Client, ann: Any) -> None:
    response = client.post("/accounts/login/", {"username": "alice", "password": "wrong"})
    assert response.status_code == 200
    assert alert(response).startswith("Please enter a correct username and password.")
    assert fields(response)["username"] == "alice"
    assert "Sign in" in head(client)


def test_a_disabled_account_cannot_sign_in(client: Client, ann: Any) -> None:
    ann.is_active = False
    ann.save()
    response = client.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
    assert alert(response).startswith("Please enter a correct username and password.")


def test_looking_signs_nobody_out(client: Client, ann: Any) -> None:
    client.force_login(ann)
    assert client.get("/accounts/logout/").status_code == 405
    assert "Signed in as <b>alice</b>" in head(client)


def test_staff_are_told_that_they_are_staff(client: Client, sam: Any) -> None:
    client.force_login(sam)
    assert '<span class="badge">Staff</span>' in head(client)
    assert "Sign in" not in words(client.get("/orders/"))

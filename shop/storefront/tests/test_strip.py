"""The personal strip: one small cookie that says who is there and what is in the cart."""

from typing import Any

import pytest
from django.test import Client

from shop.catalog.models import Product
from shop.storefront.tests.shelves import product_of
from tests.builders import put_on_sale

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PASSWORD = "a walk along the pier"


@pytest.fixture
def mug() -> Product:
    return product_of(put_on_sale("mug"))


@pytest.fixture
def rosa(alice: Any, cheap_passwords: None) -> Any:
    alice.first_name = "Rosa; Ünal"
    alice.set_password(PASSWORD)
    alice.save()
    return alice


def sign_in(client: Client, **more: str) -> Any:
    return client.post("/accounts/login/", {"username": "alice", "password": PASSWORD, **more})


def strip(client: Client) -> str:
    found = client.cookies.get("strip")
    return found.value if found else ""


def test_whoever_has_nothing_gets_no_cookie(client: Client, mug: Product) -> None:
    for path in ("/", f"/products/{mug.id}/", "/cart/", "/accounts/login/"):
        assert "strip" not in client.get(path).cookies


def test_a_guests_strip_follows_the_cart(client: Client, mug: Product) -> None:
    client.post(f"/cart/add/{mug.id}/", {"quantity": 3}, follow=True)
    assert strip(client) == "3."
    kept = client.cookies["strip"]
    assert (kept["httponly"], kept["samesite"], kept["path"]) == ("", "Lax", "/")
    assert kept["max-age"] == client.cookies["cart"]["max-age"]
    assert "strip" not in client.get("/cart/").cookies

    line = client.get("/cart/").context["rows"][0][0].item.line_id
    client.post("/cart/", {"line": line, "quantity": 0, "remove": "1"}, follow=True)
    assert strip(client) == ""
    assert client.cookies["strip"]["max-age"] == 0


def test_coming_and_going_set_it_at_once(client: Client, mug: Product, rosa: Any) -> None:
    client.post(f"/cart/add/{mug.id}/", {"quantity": 2})
    # Straight to a page for everybody, which could not set it.
    sign_in(client, next=f"/products/{mug.id}/")
    assert strip(client) == "2.Rosa%3B%20%C3%9Cnal"
    client.post("/accounts/logout/")
    assert strip(client) == ""


def test_a_new_name_is_in_it(client: Client, rosa: Any) -> None:
    sign_in(client)
    details = {"first_name": "R" * 60, "email": rosa.email}
    client.post("/accounts/", details, follow=True)
    assert strip(client) == f"0.{'R' * 40}"


def test_whoever_has_no_first_name_is_called_by_the_username(client: Client, alice: Any) -> None:
    client.force_login(alice)
    client.get("/cart/")
    assert strip(client) == "0.alice"


def test_an_order_empties_it(client: Client, mug: Product, alice: Any) -> None:
    client.force_login(alice)
    client.post(f"/cart/add/{mug.id}/", follow=True)
    assert strip(client) == "1.alice"
    ticket = client.get("/checkout/").context["ticket"]
    address = {"name": "A", "line1": "1 Way", "city": "Leeds", "country": "GB", "postcode": "1"}
    form = {"email": "a@example.com", "payment": "on_delivery", "ticket": ticket, **address}
    assert client.post("/checkout/", form, follow=True).status_code == 200
    assert strip(client) == "0.alice"


def test_leaving_by_the_back_office_takes_it_away(client: Client, sam: Any) -> None:
    client.force_login(sam)
    client.get("/cart/")
    assert strip(client) == "0.sam"
    client.post("/admin/logout/")
    assert client.cookies["strip"]["max-age"] == 0


def test_a_session_that_is_over_takes_it_away(client: Client, rosa: Any) -> None:
    sign_in(client)
    rosa.set_password("another one")
    rosa.save()
    client.get("/cart/")
    assert strip(client) == ""


def test_nobody_believes_it(client: Client, alice: Any) -> None:
    client.cookies["strip"] = "7.alice"
    assert client.get("/accounts/").status_code == 302
    page = client.get("/cart/")
    assert "alice" not in page.content.decode()
    assert strip(client) == ""


def test_a_token_is_to_be_had_by_whoever_has_none(client: Client, mug: Product) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/cart/add/{mug.id}/").status_code == 403
    given = strict.get("/cart/token/")
    assert (given.status_code, given.content) == (204, b"")
    assert "no-store" in given["Cache-Control"]
    token = strict.cookies["csrftoken"].value
    sent = strict.post(f"/cart/add/{mug.id}/", {"csrfmiddlewaretoken": token})
    assert (sent.status_code, sent["Location"]) == (302, "/cart/")

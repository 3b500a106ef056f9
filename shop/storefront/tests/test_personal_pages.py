"""What all personal pages share: a head that counts, fields with labels, and no script inside."""

import re
from dataclasses import asdict
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from shop.accounts import actions as accounts
from shop.accounts.rules import AddressFields
from shop.cart.models import Cart
from shop.catalog.models import Product
from shop.storefront.tests.buying import put_in_cart
from shop.storefront.tests.reading import fields, tags, words_of
from tests.builders import ADDRESS, place, put_on_sale

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def mug() -> int:
    """A mug of which there are 10; its variant's id."""
    return put_on_sale("mug")


def count_in_head(client: Client, address: str = "/accounts/login/") -> str:
    body = client.get(address).content.decode()
    found = re.search(r'<span id="units">(.*?)</span></b></span>|<span id="units"></span>', body)
    assert found is not None
    return words_of(found[0])


def test_the_head_of_personal_pages_counts_what_is_in_the_cart(
    client: Client, mug: int, alice: Any
) -> None:
    assert count_in_head(client) == ""
    put_in_cart(client, mug, quantity=2)
    put_in_cart(client, put_on_sale("fork"))
    assert count_in_head(client) == "3 items"
    assert count_in_head(client, "/cart/") == "3 items"
    Cart.objects.update(ordered_at="2026-01-01T00:00:00Z")
    assert count_in_head(client) == ""
    client.force_login(alice)
    assert count_in_head(client, "/orders/") == ""
    put_in_cart(client, mug)
    assert count_in_head(client, "/orders/") == "1 item"


def test_somebody_elses_cart_is_not_counted(client: Client, mug: int, alice: Any) -> None:
    owner = Client()
    owner.force_login(alice)
    put_in_cart(owner, mug, quantity=2)
    signer = signing.get_cookie_signer(salt="cartstorefront.visitors")
    client.cookies["cart"] = signer.sign(str(Cart.objects.get().id))
    assert count_in_head(client) == ""


def test_a_page_for_everybody_counts_nothing(client: Client, mug: int) -> None:
    put_in_cart(client, mug, quantity=2)
    assert 'id="units"' not in client.get("/products/").content.decode()


# --- Every page -----------------------------------------------------------------------------------

FOR_GUESTS = [
    "/cart/",
    "/checkout/",
    "/cart/add/{product}/",
    "/accounts/login/?next=/cart/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/sent/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/MQ/x-y/",
]
FOR_USERS = [
    "/cart/",
    "/checkout/",
    "/orders/",
    "/orders/{order}/",
    "/accounts/",
    "/accounts/addresses/",
    "/accounts/addresses/add/",
    "/accounts/addresses/{address}/",
    "/accounts/password/change/",
    "/products/{product}/reviews/add/",
]


def page(client: Client, address: str, user: Any, mug: int) -> Any:
    """Open a page with something on it, as a guest or as a user."""
    facts = {"product": Product.objects.get().id}
    if user is not None:
        facts["order"] = place({mug: 1}, user=user)
        home = AddressFields(**asdict(ADDRESS))
        facts["address"] = accounts.keep_address(user_id=user.id, address=home)
        client.force_login(user)
    put_in_cart(client, mug)
    return client.get(address.format(**facts))


@pytest.mark.parametrize(
    ("address", "is_user"),
    [*((address, False) for address in FOR_GUESTS), *((address, True) for address in FOR_USERS)],
)
def test_every_personal_page_can_be_used_by_everybody(
    client: Client, mug: int, alice: Any, address: str, is_user: bool
) -> None:
    response = page(client, address, alice if is_user else None, mug)
    assert response.status_code == (410 if "x-y" in address else 200)
    assert "no-store" in response["Cache-Control"]
    found = list(tags(response))
    assert [tag for tag, _ in found].count("h1") == 1
    labelled = {a.get("for") for tag, a in found if tag == "label"}
    for tag, attributes in found:
        if tag in {"input", "select", "textarea"} and attributes.get("type") != "hidden":
            assert attributes.get("aria-hidden") or attributes["id"] in labelled
        assert tag != "script" or attributes["src"].startswith("/static/")
        assert tag != "style"
        assert not [name for name in attributes if name.startswith(("on", "hx-on"))]
        assert "style" not in attributes
    ids = [a["id"] for _, a in found if "id" in a]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/accounts/login/", {"username": "username", "password": "current-password"}),
        (
            "/accounts/signup/",
            {
                "first_name": "given-name",
                "last_name": "family-name",
                "email": "email",
                "username": "username",
                "password": "new-password",
            },
        ),
        (
            "/checkout/",
            {
                "email": "email",
                "name": "name",
                "line1": "address-line1",
                "line2": "address-line2",
                "postcode": "postal-code",
                "city": "address-level2",
                "country": "country",
            },
        ),
        ("/accounts/password/reset/", {"email": "email"}),
    ],
)
def test_browsers_are_told_what_they_may_know_already(
    client: Client, mug: int, address: str, expected: dict[str, str]
) -> None:
    found = {a["name"]: a.get("autocomplete") for _, a in tags(page(client, address, None, mug))
             if a.get("autocomplete")}  # fmt: skip
    assert found == expected


def test_a_mistake_is_told_to_those_who_do_not_see_it(client: Client, mug: int) -> None:
    put_in_cart(client, mug)
    response = client.post("/checkout/", {"ticket": fields(client.get("/checkout/"))["ticket"]})
    found = {a["id"]: a for tag, a in tags(response) if "id" in a}
    assert found["id_city"]["aria-invalid"] == "true"
    assert found["id_city"]["aria-describedby"] == "id_city_error"
    assert "id_city_error" in found
    summary = [a["href"] for tag, a in tags(response) if a.get("href", "").startswith("#id_")]
    assert summary == [
        f"#id_{name}" for name in ("email", "name", "line1", "city", "country", "payment")
    ]
    assert {link.removeprefix("#") for link in summary} <= found.keys()


# --- With script ----------------------------------------------------------------------------------


def test_a_line_of_the_cart_is_changed_in_place_and_without_script_all_the_same(
    client: Client, mug: int
) -> None:
    put_in_cart(client, mug)
    found = list(tags(client.get("/cart/")))
    (basket,) = [a for _, a in found if a.get("id") == "basket"]
    assert (basket["hx-target"], basket["hx-select"]) == ("#basket", "#basket")
    assert basket["hx-select-oob"] == "#units"
    (form,) = [a for _, a in found if a.get("class") == "line-form"]
    assert (form["method"], form["action"], form["hx-post"]) == ("post", "/cart/", "/cart/")
    assert [a.get("id") for _, a in found].count("units") == 1

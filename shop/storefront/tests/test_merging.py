"""A guest's cart comes along when somebody signs in or opens an account."""

from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.test import Client

from shop.cart import actions as carts
from shop.cart.models import Cart, CartLine
from shop.lib.refusals import Busy
from shop.orders.models import Order
from shop.storefront.tests.buying import guests_order, order, put_in_cart
from shop.storefront.tests.reading import words
from tests.builders import fill_cart, put_on_sale

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("cheap_passwords", "everything_agrees"),
]

PASSWORD = "correct horse battery"
SIGN_IN = {"username": "alice", "password": PASSWORD}
SIGN_UP = {"username": "cara", "email": "cara@example.com", "password": PASSWORD}


@pytest.fixture
def ann(alice: Any) -> Any:
    """Alice, who has a password."""
    alice.set_password(PASSWORD)
    alice.save()
    return alice


@pytest.fixture
def mug() -> int:
    """A mug of which there are 100; its variant's id."""
    return put_on_sale("mug", stock=100)


def lines_of(username: str) -> list[tuple[int, int]]:
    """Return what is in somebody's open cart: variant and quantity."""
    lines = CartLine.objects.filter(cart__open_for__username=username).order_by("id")
    return list(lines.values_list("variant_id", "quantity"))


def sign_in(client: Client, **form: str) -> Any:
    response = client.post("/accounts/login/", SIGN_IN | form)
    assert response.status_code == 302
    return response


def test_the_cart_comes_along_to_a_new_account(client: Client, mug: int) -> None:
    put_in_cart(client, mug, quantity=2)
    response = client.post("/accounts/signup/", SIGN_UP)
    assert response.status_code == 302
    assert lines_of("cara") == [(mug, 2)]
    assert Cart.objects.count() == 1
    assert response.cookies["cart"]["max-age"] == 0
    assert "Total £25.00" in words(client.get("/cart/"))


def test_two_carts_become_one(client: Client, mug: int, ann: Any) -> None:
    fork = put_on_sale("fork")
    fill_cart({mug: 1}, user=ann)
    put_in_cart(client, mug, quantity=2)
    put_in_cart(client, fork)
    response = sign_in(client, next="/checkout/")
    assert response["Location"] == "/checkout/"
    assert lines_of("alice") == [(mug, 3), (fork, 1)]
    assert Cart.objects.count() == 1
    assert "Place order, £50.00" in words(client.get("/checkout/"))


def test_after_signing_out_the_cart_is_nobody_elses(client: Client, mug: int, ann: Any) -> None:
    put_in_cart(client, mug)
    sign_in(client)
    client.post("/accounts/logout/")
    assert "Your cart is empty." in words(client.get("/cart/"))
    put_in_cart(client, mug, quantity=5)
    assert lines_of("alice") == [(mug, 1)]


def test_without_a_cart_nothing_happens(client: Client, ann: Any) -> None:
    assert "cart" not in sign_in(client).cookies
    assert Cart.objects.count() == 0


def cookie_of(cart_id: Any) -> str:
    return signing.get_cookie_signer(salt="cartstorefront.visitors").sign(str(cart_id))


@pytest.mark.parametrize("how", ["gone", "ordered", "bobs", "forged"])
def test_a_cart_that_cannot_come_along_stops_nobody(
    client: Client, mug: int, ann: Any, bob: Any, how: str
) -> None:
    fill_cart({mug: 1}, user=ann)
    bobs = fill_cart({mug: 7}, user=bob)
    if how == "ordered":
        put_in_cart(client, mug, quantity=2)
        kept = client.cookies["cart"].value
        order(client)
        client.cookies["cart"] = kept
    else:
        client.cookies["cart"] = {
            "gone": cookie_of(uuid4()),
            "bobs": cookie_of(bobs),
            "forged": f"{bobs}:1tnXYZ:forged",
        }[how]
    response = sign_in(client)
    assert response["Location"] == "/accounts/"
    assert (lines_of("alice"), lines_of("bob")) == ([(mug, 1)], [(mug, 7)])
    assert Order.objects.count() == (1 if how == "ordered" else 0)


def test_a_busy_shop_keeps_the_cart_for_the_next_time(
    client: Client, mug: int, ann: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_cart(client, mug, quantity=2)

    def busy(**_facts: Any) -> None:
        raise Busy

    with monkeypatch.context() as patch:
        patch.setattr(carts, "merge", busy)
        sign_in(client)
    assert lines_of("alice") == []
    client.post("/accounts/logout/")
    sign_in(client)
    assert lines_of("alice") == [(mug, 2)]


def test_a_wrong_password_moves_nothing(client: Client, mug: int, ann: Any) -> None:
    put_in_cart(client, mug, quantity=2)
    client.post("/accounts/login/", SIGN_IN | {"password": "wrong"})
    assert lines_of("alice") == []
    assert "Total £25.00" in words(client.get("/cart/"))


def test_a_guests_orders_stay_open(client: Client, mug: int, ann: Any) -> None:
    order_id = guests_order(client, mug)
    sign_in(client)
    assert client.get(f"/orders/{order_id}/").status_code == 200
    elsewhere = Client()
    sign_in(elsewhere)
    assert elsewhere.get(f"/orders/{order_id}/").status_code == 404

"""Who gets what, at every address of the shop, by every method."""

from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin import site
from django.test import Client, override_settings

from shop.cart.models import CartLine
from shop.catalog.models import Variant
from shop.storefront.tests.buying import DETAILS
from tests.access import matrix_admin, matrix_api, matrix_pages, world
from tests.access.asking import everything, strays, undone
from tests.access.checking import gaps
from tests.access.routes import Route, fill, routes
from tests.access.rows import Row
from tests.access.world import PASSWORD, World

pytestmark = pytest.mark.once

ROWS = [*matrix_pages.rows(), *matrix_api.rows(), *matrix_admin.rows(routes())]
ALL_KEYS = {*matrix_pages.MATRIX, *matrix_api.MATRIX, *matrix_admin.MATRIX}


def address_of(shop: World, row: Row) -> str:
    return fill(row.address, shop.names_for(row.case))


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    """The shop, built once; what a test does to it is undone after the test."""
    passwords = ["tests.fixtures.QuickHasher"]
    pictures: Path = tmp_path_factory.mktemp("media")
    with (
        override_settings(PASSWORD_HASHERS=passwords, MEDIA_ROOT=pictures, THROTTLE=False),
        django_db_blocker.unblock(),
        undone(),
    ):
        yield world.build()


@pytest.fixture
def shop(built: World, db: None) -> World:
    """The shop, in which everything is as it was built."""
    return built


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_everybody_gets_what_is_theirs(shop: World, row: Row) -> None:
    found = strays(shop, row)
    assert not found, "\n".join(found)


def test_a_guest_has_the_order_by_a_signed_cookie_alone(shop: World) -> None:
    mug = Variant.objects.get(sku="mug").product_id
    browser = Client()
    browser.post(f"/cart/add/{mug}/", {"quantity": 1})
    form = {"ticket": browser.get("/checkout/").context["ticket"], **DETAILS}
    order = browser.post("/checkout/", form)["Location"]
    name, value = "orders", browser.cookies["orders"].value
    seen = {}
    for who, cookie in (("holder", value), ("forger", f"9{value}"), ("nobody", "")):
        other = Client()
        other.cookies[name] = cookie
        seen[who] = (other.get(order).status_code, other.post(f"{order}cancel/").status_code)
    assert seen == {"holder": (200, 302), "forger": (404, 404), "nobody": (404, 404)}


# Forms without a token: one carries a ticket that no other browser can send, and one the seal of a
# letter, by which mail programs press its button. What they answer to what is not theirs, or is.
KNOWN_BY_WHAT_THEY_CARRY = {
    "checkout/": {HTTPStatus.BAD_REQUEST},
    "reminders/stop/<str:sealed>/": {HTTPStatus.OK, HTTPStatus.NOT_FOUND},
}


def test_no_form_is_taken_from_another_site(shop: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = SimpleCookie(dict(shop.keys["boss"].cookies))
    taken = [
        str(row)
        for row in ROWS
        if not row.route.startswith("api/")
        and browser.post(f"/{address_of(shop, row)}").status_code
        not in KNOWN_BY_WHAT_THEY_CARRY.get(row.route, {HTTPStatus.FORBIDDEN})
    ]
    assert taken == []


def test_the_api_knows_nobody_by_a_session(shop: World) -> None:
    """So that no other site can use it in the name of somebody who looks at it."""
    browser = Client(raise_request_exception=False)
    for row in matrix_api.rows():
        for method, wanted in row.cells.items():
            browser.cookies = SimpleCookie(dict(shop.keys["boss"].cookies))
            with undone():
                body = fill(row.bodies.get(method, ""), shop.names_for(row.case))
                answer = browser.generic(
                    method,
                    f"/{address_of(shop, row)}",
                    body,
                    content_type="application/json",
                    headers={"Idempotency-Key": "session"},
                )
            assert str(answer.status_code) == wanted["anonymous"], f"{method} {row}"


def test_who_may_only_look_changes_nothing(shop: World) -> None:
    looking = replace(shop, keys={**shop.keys, "viewer": world.let_in_a_viewer()})
    before = everything()
    with undone():
        choose_all_that_lists_offer(looking, person="sam")
        assert everything() != before
    choose_all_that_lists_offer(looking, person="viewer")
    for row in matrix_admin.rows(routes()):
        looking.send("POST", address_of(shop, row), "", person="viewer", with_token=False)
    assert everything() == before
    for row in matrix_api.rows():
        for method, wanted in row.cells.items():
            if wanted["clerk"] == "403" and method != "GET":
                body = fill(row.bodies.get(method, ""), shop.names_for(row.case))
                answer = looking.send(
                    method, address_of(shop, row), body, person="viewer", with_token=True
                )
                assert answer.status_code == HTTPStatus.FORBIDDEN, f"{method} {row}"


def choose_all_that_lists_offer(shop: World, *, person: str) -> None:
    """Choose a row of each list of the back office, and everything that can be done with it."""
    for admin in site._registry.values():
        label = admin.model._meta.label_lower
        chosen = f"index=0&_selected_action={shop.names_for(label)['object_id']}"
        for action in admin.actions or ():
            body = f"action={getattr(action, '__name__', action)}&{chosen}"
            address = f"admin/{label.replace('.', '/')}/"
            shop.send("POST", address, body, person=person, with_token=False)


def test_nobody_takes_a_cart_along_by_signing_in(shop: World) -> None:
    names = shop.names_for("")
    said = {"username": "bob", "password": PASSWORD, "cart": str(names["cart_id"])}
    answer = Client().post("/api/login/", said, content_type="application/json")
    assert (answer.status_code, answer.json()["cart"]) == (200, None)
    line = CartLine.objects.get(pk=names["line_id"])
    assert (line.cart_id, line.quantity) == (names["cart_id"], 2)


@pytest.mark.parametrize(
    "lookup",
    [
        "reviews/review/?user__email__startswith=alice",
        "reviews/review/?user__address__contains=Lane",
        "inventory/stockmovement/?by__password__startswith=a",
    ],
)
def test_lists_are_not_narrowed_by_what_they_do_not_show(shop: World, lookup: str) -> None:
    """Or whoever may see a list could ask it, letter by letter, for what they may not see."""
    answer = shop.send("GET", f"admin/{lookup}", "", person="catalogue", with_token=False)
    assert answer.status_code == 400


# --- The matrix speaks of every route -------------------------------------------------------------


def test_the_matrix_speaks_of_every_route_and_of_nothing_else() -> None:
    assert gaps(routes()) == []


@pytest.mark.parametrize(
    ("address", "name", "said"),
    [
        (
            "gifts/<int:gift_id>/",
            "gift",
            "gifts/<int:gift_id>/ (gift) has no row:"
            " say in MATRIX of tests/access/matrix_pages.py what its methods answer",
        ),
        (
            "api/gifts/",
            "",
            "api/gifts/ has no row:"
            " say in MATRIX of tests/access/matrix_api.py what its methods answer",
        ),
        (
            "admin/gifts/",
            "admin:gifts",
            "admin/gifts/ (admin:gifts) has no row:"
            " say in MATRIX of tests/access/matrix_admin.py what its methods answer",
        ),
        (
            "admin/catalog/gift/add/",
            "admin:catalog_gift_add",
            "admin/catalog/gift/add/ (admin:catalog_gift_add) has no row:"
            " say in MODELS of tests/access/matrix_admin.py who may do what to catalog.gift",
        ),
        (
            "admin/catalog/gift/<path:object_id>/",
            "",
            "admin/catalog/gift/<path:object_id>/ has no row:"
            " say in MODELS of tests/access/matrix_admin.py who may do what to catalog.gift",
        ),
        (
            "admin/orders/order/<int:object_id>/return/",
            "admin:orders_order_return",
            "admin/orders/order/<int:object_id>/return/ (admin:orders_order_return) has no row:"
            " say in MODELS of tests/access/matrix_admin.py who may press 'return' of orders.order",
        ),
    ],
)
def test_a_new_route_without_a_row_is_named(address: str, name: str, said: str) -> None:
    assert gaps([*routes(), Route(address, name)]) == [said]


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("cart/", "is no route: take it out of MATRIX of tests/access/matrix_pages.py"),
        ("api/docs/", "is no route: take it out of MATRIX of tests/access/matrix_api.py"),
        ("admin/search/", "is no route: take it out of MATRIX of tests/access/matrix_admin.py"),
    ],
)
def test_a_row_without_a_route_is_named(gone: str, said: str) -> None:
    left = [route for route in routes() if route.address != gone]
    assert set(gaps(left)) == {
        f"{key} {said}" for key in (gone, f"{gone} [empty]") if key in ALL_KEYS
    }


def test_a_button_without_a_route_is_named() -> None:
    left = [route for route in routes() if route.name != "admin:orders_order_ship"]
    assert gaps(left) == [
        "orders.order has no 'ship': take it out of MODELS of tests/access/matrix_admin.py"
    ]


def test_a_route_is_asked_for_by_each_of_its_rows() -> None:
    asked = {row.route for row in ROWS}
    assert {route.address for route in routes()} == asked
    assert len(asked) > 150


# --- What is wrong is found -----------------------------------------------------------------------


def test_another_answer_than_the_matrix_says_is_found(shop: World) -> None:
    row = Row("orders/", "", {"GET": {"anonymous": "200", "alice": "sign-in"}}, "orders/")
    assert strays(shop, row) == [
        "GET orders/ as anonymous: sign-in instead of 200",
        "GET orders/ as alice: 200 instead of sign-in",
    ]


def test_a_refusal_that_changes_something_is_found(shop: World) -> None:
    address = "orders/<int:order_id>/cancel/"
    assert strays(shop, Row(address, "", {"POST": {"sam": "404"}}, address)) == [
        f"POST {address} as sam: 302 instead of 404",
        "events_event, inventory_stocklevel, orders_allocation, orders_order, orders_orderevent"
        f" changed by one of: POST {address} as sam",
    ]


def test_what_somebody_must_not_read_is_found(shop: World) -> None:
    talkative = replace(shop, secrets={"alice@home.example": frozenset({"bob"})})
    row = Row("accounts/", "", {"GET": {"alice": "200", "bob": "200"}}, "accounts/")
    assert strays(talkative, row) == ["GET accounts/ as alice: reads 'alice@home.example'"]


def test_what_was_done_is_undone(built: World, db: None) -> None:
    before = everything()
    with undone():
        address = fill("api/carts/<cart_id>/", built.names_for(""))
        built.send("DELETE", address, "", person="alice", with_token=True)
        assert everything() != before
    assert everything() == before

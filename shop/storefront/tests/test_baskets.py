"""The cart: what goes in, what does not, and what it says of prices and stock as they are now."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.test import Client
from pytest_django import Settings

from shop.cart.models import Cart, CartLine
from shop.catalog.models import Product, Variant
from shop.inventory import actions as inventory
from shop.storefront.tests.reading import alert, fields, links, words
from tests.builders import place, put_on_sale
from tests.queries import queries_named

pytestmark = pytest.mark.django_db

QUANTITY_SENTENCE = "Please choose a quantity between 1 and 100,000."


@pytest.fixture
def mug() -> int:
    """A mug of which there are 10; its variant's id."""
    return put_on_sale("mug")


def product_id(variant_id: int) -> int:
    return Variant.objects.get(id=variant_id).product_id


def add(client: Client, variant_id: int, **form: Any) -> Any:
    return client.post(f"/cart/add/{product_id(variant_id)}/", form)


def lines() -> list[tuple[int, int]]:
    """Return what is in all carts: variant and quantity."""
    return list(CartLine.objects.order_by("id").values_list("variant_id", "quantity"))


def change(client: Client, **form: Any) -> Any:
    return client.post("/cart/", {"line": CartLine.objects.get().id, **form})


# --- Putting something in -------------------------------------------------------------------------


def test_a_guest_fills_a_cart(client: Client, mug: int) -> None:
    response = add(client, mug, variant=mug, quantity=2)
    assert (response.status_code, response["Location"]) == (302, "/cart/")
    assert words(client.get("/cart/")) == (
        "Cart Mug £12.50 each £25.00 Quantity of Mug Update Remove Mug "
        "Total £25.00 Go to the checkout Go on shopping"
    )


def test_adding_again_adds_up(client: Client, mug: int) -> None:
    add(client, mug, quantity=2)
    add(client, mug, quantity=3)
    assert lines() == [(mug, 5)]
    assert Cart.objects.count() == 1


def test_without_a_word_it_is_one_of_the_cheapest_that_is_there(client: Client) -> None:
    for colour, price, stock in [("Red", "5", 0), ("Blue", "6", 3), ("Green", "7", 3)]:
        put_on_sale(
            colour, product="T", name="Shirt", price=price, stock=stock,
            options=(("Colour", colour),),
        )  # fmt: skip
    client.post(f"/cart/add/{Product.objects.get().id}/")
    assert lines() == [(Variant.objects.get(sku="Blue").id, 1)]


def test_the_cart_hangs_on_its_own_signed_cookie(client: Client, mug: int) -> None:
    cookie = add(client, mug).cookies["cart"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 60 * 24 * 60 * 60
    assert cookie["secure"] == ""
    assert cookie.value.startswith(f"{Cart.objects.get().id}:")
    assert "sessionid" not in client.cookies


def test_behind_https_the_cookie_is_sent_by_https_only(
    client: Client, mug: int, settings: Settings
) -> None:
    settings.HTTPS = True
    assert add(client, mug).cookies["cart"]["secure"] is True


def test_a_users_cart_is_found_by_the_user(client: Client, mug: int, alice: Any, bob: Any) -> None:
    client.force_login(alice)
    response = add(client, mug, quantity=4)
    assert "cart" not in response.cookies
    assert Cart.objects.get().user_id == alice.id
    elsewhere = Client()
    elsewhere.force_login(alice)
    assert "Total £50.00" in words(elsewhere.get("/cart/"))
    elsewhere.force_login(bob)
    assert "Your cart is empty." in words(elsewhere.get("/cart/"))


def test_an_ordered_cart_is_followed_by_a_new_one(client: Client, mug: int) -> None:
    add(client, mug)
    Cart.objects.update(ordered_at="2026-01-01T00:00:00Z")
    assert "Your cart is empty." in words(client.get("/cart/"))
    add(client, mug, quantity=2)
    assert "Total £25.00" in words(client.get("/cart/"))
    assert Cart.objects.count() == 2


# --- Asking first ---------------------------------------------------------------------------------


def test_a_get_asks_first_and_changes_nothing(client: Client, mug: int) -> None:
    address = f"/cart/add/{product_id(mug)}/"
    response = client.get(address, {"variant": mug, "quantity": 3})
    assert response.status_code == 200
    assert words(response) == (
        "Add to cart Mug £12.50 Quantity Put it in the cart Back to the product"
    )
    asked = fields(response)
    assert Cart.objects.count() == 0
    assert (asked["variant"], asked["quantity"]) == (str(mug), "3")

    strict = Client(enforce_csrf_checks=True)
    token = fields(strict.get(address))["csrfmiddlewaretoken"]
    form = asked | {"csrfmiddlewaretoken": token}
    assert strict.post(address, form).status_code == 302
    assert lines() == [(mug, 3)]


def test_a_get_without_a_word_asks_for_one(client: Client, mug: int) -> None:
    response = client.get(f"/cart/add/{product_id(mug)}/")
    assert response.status_code == 200
    assert (fields(response)["variant"], fields(response)["quantity"]) == (str(mug), "1")


def test_a_get_asks_for_the_variant_that_was_chosen(client: Client) -> None:
    ids = [
        put_on_sale(c, product="T", name="Shirt", options=(("Colour", c),)) for c in ("Red", "Blue")
    ]
    response = client.get(f"/cart/add/{product_id(ids[1])}/", {"variant": ids[1]})
    assert f'<option value="{ids[1]}" selected>Blue, £12.50</option>' in response.content.decode()


# --- What does not go in --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quantity", ["0", "-1", "1000000000", "abc", "1.5", pytest.param("9" * 5000, id="long"), "NaN"]
)
def test_a_quantity_nobody_can_buy_is_refused(client: Client, mug: int, quantity: str) -> None:
    asked = client.get(f"/cart/add/{product_id(mug)}/?variant={mug}&quantity={quantity}")
    for response in (asked, add(client, mug, variant=mug, quantity=quantity)):
        assert response.status_code == 400
        assert QUANTITY_SENTENCE in words(response)
    assert lines() == []


@pytest.mark.parametrize("variant", ["0", "-1", "4711", "abc", pytest.param("9" * 5000, id="long")])
def test_an_unknown_variant_is_refused(client: Client, mug: int, variant: str) -> None:
    shirt = put_on_sale("red", product="S", name="Shirt", options=(("Colour", "Red"),))
    put_on_sale("blue", product="S", name="Shirt", options=(("Colour", "Blue"),))
    for known in (mug, shirt):
        response = add(client, known, variant=variant)
        assert response.status_code == 400
        assert "Please choose something that is on this page." in words(response)
    assert lines() == []


def test_a_variant_of_another_product_is_refused(client: Client, mug: int) -> None:
    response = add(client, mug, variant=put_on_sale("fork"))
    assert response.status_code == 400
    assert lines() == []


def test_more_than_there_is_is_refused(client: Client, mug: int) -> None:
    response = add(client, mug, quantity=11)
    assert response.status_code == 409
    assert alert(response) == "Only 10 left of Mug; you want 11."
    assert fields(response)["quantity"] == "11"
    assert lines() == []
    add(client, mug, quantity=6)
    assert alert(add(client, mug, quantity=5)) == "Only 10 left of Mug; you want 11."
    assert lines() == [(mug, 6)]


def test_what_is_sold_out_is_refused(client: Client) -> None:
    response = add(client, put_on_sale("mug", stock=0))
    assert response.status_code == 409
    assert alert(response) == "Mug is sold out."


def test_what_has_no_visible_variant_is_refused(client: Client, mug: int) -> None:
    Variant.objects.update(is_published=False)
    response = add(client, mug)
    assert (response.status_code, words(response)) == (
        409,
        "That did not work Not for sale any more: Mug. Go to the shop",
    )


def test_what_is_not_published_is_not_there(client: Client, mug: int) -> None:
    Product.objects.update(is_published=False)
    assert add(client, mug).status_code == 404
    assert client.get(f"/cart/add/{product_id(mug)}/").status_code == 404
    assert client.post("/cart/add/4711/").status_code == 404
    assert lines() == []


# --- Changing it ----------------------------------------------------------------------------------


def test_a_line_is_changed_and_removed(client: Client, mug: int) -> None:
    add(client, mug, quantity=2)
    response = change(client, quantity=10)
    assert (response.status_code, response["Location"]) == (302, "/cart/")
    assert lines() == [(mug, 10)]
    assert change(client, remove="1", quantity="abc").status_code == 302
    assert lines() == []
    assert words(client.get("/cart/")) == (
        "Cart Your cart is empty. You filled one before, with your account? Sign in "
        "See what there is"
    )


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"quantity": "0"}, 400, "Use Remove to take it out."),
        ({"quantity": " 00 "}, 400, "Use Remove to take it out."),
        ({"quantity": "-1"}, 400, QUANTITY_SENTENCE),
        ({"quantity": "1000000000"}, 400, QUANTITY_SENTENCE),
        ({"quantity": "abc"}, 400, QUANTITY_SENTENCE),
        ({"quantity": ""}, 400, QUANTITY_SENTENCE),
        ({}, 400, QUANTITY_SENTENCE),
        ({"quantity": "11"}, 409, "Only 10 left of Mug; you want 11."),
        ({"line": "0", "quantity": "1"}, 404, "This is not in your cart any more."),
        ({"line": "9" * 30, "quantity": "1"}, 404, "This is not in your cart any more."),
        ({"line": "9" * 30, "remove": "1"}, 404, "This is not in your cart any more."),
        ({"line": "abc", "quantity": "1"}, 400, "This is not in your cart."),
        ({"line": "", "remove": "1"}, 400, "This is not in your cart."),
    ],
)
def test_a_change_that_cannot_be_changes_nothing(
    client: Client, mug: int, form: dict[str, str], status: int, sentence: str
) -> None:
    add(client, mug, quantity=2)
    response = change(client, **form)
    assert (response.status_code, alert(response)) == (status, sentence)
    assert lines() == [(mug, 2)]
    assert "Total £25.00" in words(response)


def test_without_a_cart_there_is_nothing_to_change(client: Client, mug: int) -> None:
    response = client.post("/cart/", {"line": "1", "quantity": "1"})
    assert (response.status_code, alert(response)) == (
        404,
        "This cart is not there any more. Please start a new one.",
    )


# --- Other people's carts -------------------------------------------------------------------------


def cookie_of(cart_id: UUID, *, salt: str = "cartstorefront.visitors") -> str:
    return signing.get_cookie_signer(salt=salt).sign(str(cart_id))


def test_a_cookie_we_signed_is_believed(client: Client, mug: int) -> None:
    """So that the tests below fail for their own reason."""
    add(Client(), mug, quantity=2)
    client.cookies["cart"] = cookie_of(Cart.objects.get().id)
    assert "Total £25.00" in words(client.get("/cart/"))


@pytest.mark.parametrize("how", ["bare", "other salt", "forged", "users", "unknown", "nonsense"])
def test_somebody_elses_cart_is_not_shown(client: Client, mug: int, alice: Any, how: str) -> None:
    owner = Client()
    if how == "users":
        owner.force_login(alice)
    add(owner, mug, quantity=2)
    cart_id = Cart.objects.get().id
    client.cookies["cart"] = {
        "bare": str(cart_id),
        "other salt": cookie_of(cart_id, salt="orders"),
        "forged": f"{cart_id}:1tnXYZ:forged",
        "users": cookie_of(cart_id),
        "unknown": cookie_of(uuid4()),
        "nonsense": "\u00e9%00:::",
    }[how]
    assert "Your cart is empty." in words(client.get("/cart/"))
    assert change(client, quantity=9).status_code == 404
    assert change(client, remove="1").status_code == 404
    assert lines() == [(mug, 2)]
    add(client, mug)
    assert lines() == [(mug, 2), (mug, 1)]


def test_a_line_of_somebody_elses_cart_cannot_be_changed(client: Client, mug: int) -> None:
    add(Client(), mug, quantity=2)
    other_line = CartLine.objects.get().id
    add(client, mug)
    for form in ({"quantity": 9}, {"remove": 1}):
        response = client.post("/cart/", {"line": other_line, **form})
        assert response.status_code == 404
    assert lines() == [(mug, 2), (mug, 1)]


# --- As things are now ----------------------------------------------------------------------------


def test_prices_and_stock_are_read_anew(client: Client, mug: int) -> None:
    fork = put_on_sale("fork", price="3")
    spoon = put_on_sale("spoon", price="1")
    for variant_id, quantity in [(mug, 4), (fork, 2), (spoon, 1)]:
        add(client, variant_id, quantity=quantity)
    Variant.objects.filter(id=mug).update(price=Decimal("10.01"))
    inventory.adjust(changes={mug: -7, fork: -10}, location_code="main", reference="broken")
    Product.objects.filter(code="spoon").update(is_published=False)
    response = client.get("/cart/")
    assert words(response) == (
        "Cart "
        "Mug £10.01 each Only 3 left £40.04 Quantity of Mug Update Remove Mug "
        "Fork £3.00 each Sold out £6.00 Quantity of Fork Update Remove Fork "
        "Spoon £1.00 each Not for sale any more £1.00 Quantity of Spoon Update Remove Spoon "
        "Total £47.04 Please change or remove the marked lines; then you can order. Go on shopping"
    )
    assert "/checkout/" not in links(response)


def test_what_others_were_promised_is_not_there(client: Client, mug: int) -> None:
    add(client, mug, quantity=10)
    place({mug: 1})
    assert "Only 9 left" in words(client.get("/cart/"))


def test_a_personal_page_is_kept_by_no_cache(client: Client, mug: int) -> None:
    for response in (client.get("/cart/"), client.get(f"/cart/add/{product_id(mug)}/")):
        assert "no-store" in response["Cache-Control"]
        assert "private" in response["Cache-Control"]


# --- What it costs --------------------------------------------------------------------------------


def test_the_cart_costs_four_queries_however_much_is_in_it(client: Client) -> None:
    for number in range(30):
        add(client, put_on_sale(f"p{number}"))
    with queries_named() as queries:
        client.get("/cart/")
    assert queries == [
        "SELECT cart_cart",  # may the visitor have it
        "SELECT cart_cart",
        "SELECT inventory_stocklevel",
        "SELECT catalog_productimage",
    ]


def test_adding_costs_eight_queries(client: Client, mug: int) -> None:
    add(client, mug)
    address = f"/cart/add/{product_id(mug)}/"
    with queries_named() as queries:
        client.post(address, {"variant": mug})
    assert queries == [
        "SELECT catalog_variant",  # is it one of the product's
        "SELECT cart_cart",  # may the visitor have it
        "SELECT cart_cart",
        "SELECT cart_cartline",
        "SELECT catalog_variant",
        "SELECT inventory_stocklevel",
        "UPDATE cart_cartline",
        "UPDATE cart_cart",
    ]

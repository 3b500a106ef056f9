"""The checkout: what is shown is what is ordered, once, and a mistake orders nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from shop.accounts.models import User
from shop.cart.models import Cart
from shop.catalog import actions as catalog
from shop.catalog.models import Product, Variant
from shop.catalog.rules import PriceChange
from shop.checkout.models import Attempt
from shop.inventory import actions as inventory
from shop.orders.models import Order
from shop.storefront import tickets
from shop.storefront.tests.buying import DETAILS, order, put_in_cart, ticket_of
from shop.storefront.tests.reading import alert, fields, words
from shop.storefront.tickets import Ticket
from tests.builders import put_on_sale, stock_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]


@pytest.fixture
def mug() -> int:
    """A mug of which there are 10; its variant's id."""
    return put_on_sale("mug")


@pytest.fixture
def guest(client: Client, mug: int) -> Client:
    """A visitor with two mugs in the cart."""
    put_in_cart(client, mug, quantity=2)
    return client


def assert_nothing_ordered(mug: int) -> None:
    assert Order.objects.count() == 0
    assert Attempt.objects.count() == 0
    assert stock_of(mug)[1] == 0
    assert Cart.objects.get().ordered_at is None


# --- It works -------------------------------------------------------------------------------------


def test_the_page_shows_what_it_comes_to(guest: Client) -> None:
    put_in_cart(guest, put_on_sale("fork", price="3"))
    response = guest.get("/checkout/")
    assert response.status_code == 200
    assert words(response).endswith(
        "How you pay On delivery Bank transfer "
        "To Tern & Tide, sort code 00-00-00, account 00000000. "
        "You get the order number to give with it. "
        "Your order 2 \u00d7 Mug £25.00 1 \u00d7 Fork £3.00 "
        "Goods £28.00 Shipping £0.00 Total £28.00 Place order, £28.00 Change the cart"
    )


def test_a_guest_orders(guest: Client, mug: int) -> None:
    response = order(guest)
    placed = Order.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/orders/{placed.id}/")
    assert (placed.user_id, placed.email, placed.total) == (None, DETAILS["email"], Decimal(25))
    assert (placed.name, placed.line1, placed.line2) == ("Gus Guest", "1 Long Road", "Flat 2")
    assert (placed.postcode, placed.city, placed.country) == ("LS1 4AP", "Leeds", "GB")
    assert (placed.payment_method, placed.expires_at) == ("on_delivery", None)
    assert placed.origin == f"cart:{Cart.objects.get().id}"
    assert stock_of(mug) == (10, 2)
    assert guest.get(response["Location"]).status_code == 200
    assert "Your cart is empty." in words(guest.get("/cart/"))


def test_a_bank_transfer_waits_for_its_money(guest: Client) -> None:
    order(guest, payment="bank_transfer")
    placed = Order.objects.get()
    assert placed.payment_method == "bank_transfer"
    assert placed.expires_at == placed.placed_at + timedelta(days=7)


def test_a_user_orders(client: Client, mug: int, alice: Any) -> None:
    User.objects.filter(id=alice.id).update(first_name="Alice", city="York", address="2 Low St")
    client.force_login(alice)
    put_in_cart(client, mug)
    known = fields(client.get("/checkout/"))
    assert [known[name] for name in ("email", "name", "line1", "city")] == [
        "alice@example.com", "Alice", "2 Low St", "York",
    ]  # fmt: skip
    response = order(client, email="alice@example.com")
    placed = Order.objects.get()
    assert (placed.user_id, placed.email) == (alice.id, "alice@example.com")
    assert "orders" not in response.cookies
    assert Attempt.objects.get().scope == f"user:{alice.id}"
    put_in_cart(client, mug)
    assert "Total £12.50" in words(client.get("/cart/"))


def test_what_can_be_left_out(guest: Client) -> None:
    assert order(guest, line2="", postcode="").status_code == 302


def test_a_strict_browser_orders_too(mug: int) -> None:
    strict = Client(enforce_csrf_checks=True)
    product_id = Variant.objects.get().product_id
    form = fields(strict.get(f"/cart/add/{product_id}/"))
    assert strict.post(f"/cart/add/{product_id}/", form).status_code == 302
    hidden = fields(strict.get("/checkout/"))
    form = DETAILS | {"ticket": hidden["ticket"]}
    assert strict.post("/checkout/", form).status_code == 302
    assert Order.objects.count() == 1


def test_without_a_csrf_token_nothing_happens(mug: int) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(f"/cart/add/{Variant.objects.get().product_id}/")
    assert response.status_code == 403
    assert words(response).startswith("Please try again ")
    assert Cart.objects.count() == 0


# --- Once is once ---------------------------------------------------------------------------------


def test_sent_twice_is_one_order(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    first, second = order(guest, ticket=ticket), order(guest, ticket=ticket)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1
    assert stock_of(mug) == (10, 2)


def test_two_pages_of_one_cart_are_one_order(guest: Client, mug: int) -> None:
    one, other = ticket_of(guest), ticket_of(guest)
    first, second = order(guest, ticket=one), order(guest, ticket=other)
    assert first["Location"] == second["Location"]
    assert (Order.objects.count(), stock_of(mug)) == (1, (10, 2))


def test_sent_again_with_another_address_the_first_one_counts(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    first = order(guest, ticket=ticket)
    second = order(guest, ticket=ticket, city="York", payment="bank_transfer")
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    placed = Order.objects.get()
    assert (placed.city, placed.payment_method) == ("Leeds", "on_delivery")


def test_whoever_sends_the_second_one_may_see_the_order(guest: Client) -> None:
    """The answer to the first one, with its cookie, may never have arrived."""
    ticket = ticket_of(guest)
    cookies = {name: guest.cookies[name].value for name in ("cart", "csrftoken")}
    order(guest, ticket=ticket)
    again = Client()
    again.cookies.load(cookies)
    response = order(again, ticket=ticket)
    assert again.get(response["Location"]).status_code == 200


def test_the_cart_filled_meanwhile_stays(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    order(guest, ticket=ticket)
    put_in_cart(guest, mug, quantity=3)
    order(guest, ticket=ticket)
    assert "Total £37.50" in words(guest.get("/cart/"))


# --- What changed meanwhile -----------------------------------------------------------------------


def test_a_changed_price_is_shown_first(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    catalog.set_prices(prices=[PriceChange(mug, Decimal("13.00"))])
    response = order(guest, ticket=ticket)
    assert response.status_code == 409
    assert alert(response) == (
        "Your order now costs £26.00, not £25.00. Please check it and order again."
    )
    assert "2 \u00d7 Mug £26.00" in words(response)
    assert fields(response)["city"] == "Leeds"
    assert_nothing_ordered(mug)
    assert order(guest, ticket=fields(response)["ticket"]).status_code == 302
    assert Order.objects.get().total == Decimal("26.00")


def test_a_changed_cart_is_shown_first(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    put_in_cart(guest, mug)
    response = order(guest, ticket=ticket)
    assert response.status_code == 409
    assert "Your order now costs £37.50, not £25.00." in alert(response)
    assert_nothing_ordered(mug)


def test_other_things_at_the_same_price_are_shown_first(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    cup = put_on_sale("cup", price="12.50")
    line_id = Cart.objects.get().lines.get().id
    put_in_cart(guest, cup, quantity=2)
    guest.post("/cart/", {"line": line_id, "remove": ""})
    response = order(guest, ticket=ticket)
    assert response.status_code == 409
    assert "Your cart has changed since you saw this page." in alert(response)
    assert_nothing_ordered(mug)
    assert order(guest, ticket=fields(response)["ticket"]).status_code == 302


def test_what_was_sold_meanwhile_is_named(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    inventory.adjust(changes={mug: -9}, location_code="main", reference="broken")
    response = order(guest, ticket=ticket)
    assert response.status_code == 409
    assert alert(response) == "Only 1 left of Mug; you want 2."
    assert "Mug £12.50 each Only 1 left £25.00" in words(response)
    assert_nothing_ordered(mug)


def test_what_is_not_sold_any_more_is_named(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    Product.objects.update(is_published=False)
    response = order(guest, ticket=ticket)
    assert (response.status_code, alert(response)) == (409, "Not for sale any more: Mug.")
    assert "Mug £12.50 each Not for sale any more" in words(response)
    assert_nothing_ordered(mug)


def test_an_emptied_cart_is_no_order(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    guest.post("/cart/", {"line": Cart.objects.get().lines.get().id, "remove": "1"})
    response = order(guest, ticket=ticket)
    assert (response.status_code, alert(response)) == (
        409,
        "Your cart is empty, so there is nothing to order.",
    )
    assert_nothing_ordered(mug)


@pytest.mark.parametrize("how", ["no cart", "empty", "sold out", "hidden"])
def test_a_cart_that_cannot_be_ordered_leads_back_to_it(client: Client, mug: int, how: str) -> None:
    if how != "no cart":
        put_in_cart(client, mug)
    if how == "empty":
        client.post("/cart/", {"line": Cart.objects.get().lines.get().id, "remove": "1"})
    if how == "sold out":
        inventory.adjust(changes={mug: -10}, location_code="main", reference="broken")
    if how == "hidden":
        Product.objects.update(is_published=False)
    response = client.get("/checkout/")
    assert (response.status_code, response["Location"]) == (302, "/cart/")


# --- Wrong fields ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "", "Please fill this in."),
        ("email", "nonsense", "This is no e-mail address, like ann@example.com."),
        (
            "email",
            "a@example.com\nb",
            "This is no e-mail address, like ann@example.com.",
        ),
        ("name", "  ", "Please fill this in."),
        ("line1", "", "Please fill this in."),
        ("city", "x" * 101, "Too long: there is room for 100 letters, and it has 101."),
        (
            "postcode",
            "\0",
            "A character in it cannot be printed.",
        ),
        ("country", "", "Please fill this in."),
        ("country", "XX", "Please choose one of those that are offered."),
        ("payment", "elsewhere", "Please choose one of these ways to pay."),
        ("payment", "", "Please fill this in."),
    ],
)
def test_a_wrong_field_is_marked_and_what_was_typed_is_kept(
    guest: Client, mug: int, field: str, value: str, sentence: str
) -> None:
    response = order(guest, **{field: value})
    assert response.status_code == 422
    assert alert(response).startswith("Please look at the marked fields. Nothing was ordered yet. ")
    assert alert(response).endswith(f": {sentence}")
    assert words(response).count(sentence) == 2
    for name in {"email", "name", "line1", "line2", "postcode", "city"} - {field}:
        assert fields(response)[name] == DETAILS[name]
    assert_nothing_ordered(mug)
    assert order(guest, ticket=fields(response)["ticket"]).status_code == 302


def test_nothing_at_all_is_wrong(guest: Client, mug: int) -> None:
    response = guest.post("/checkout/")
    assert response.status_code == 400
    assert_nothing_ordered(mug)


# --- Wrong tickets --------------------------------------------------------------------------------

EXPIRED = "This page was open for a long time. Please check your order and send it again."
INVALID = "Something went wrong with this form, and nothing was ordered. Please send it again."
MOVED = "You have signed in or out meanwhile. Please check your order and send it again."


@pytest.mark.parametrize("ticket", ["", "nonsense", "a:b:c", "\u00e9", ":" * 9, "W10:1tnXYZ:x"])
def test_a_ticket_that_is_not_ours_orders_nothing(guest: Client, mug: int, ticket: str) -> None:
    response = order(guest, ticket=ticket)
    assert response.status_code == 400
    assert INVALID in alert(response)
    assert fields(response)["city"] == "Leeds"
    assert_nothing_ordered(mug)
    assert order(guest, ticket=fields(response)["ticket"]).status_code == 302


def test_a_changed_ticket_orders_nothing(guest: Client, mug: int) -> None:
    payload, time, signature = ticket_of(guest).split(":")
    cart = Cart.objects.get()
    cheaper = tickets.write(
        Ticket(
            user_id=None,
            token_version=None,
            cart_id=cart.id,
            cart_version=cart.version,
            total=Decimal("0.01"),
        ),
        browser="",
    )
    response = order(guest, ticket=f"{cheaper.split(':')[0]}:{time}:{signature}")
    assert (response.status_code, alert(response)) == (400, INVALID)
    assert_nothing_ordered(mug)
    assert order(guest, ticket=f"{payload}:{time}:{signature}").status_code == 302


def test_a_ticket_is_good_for_two_hours(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    with time_machine.travel(timezone.now() + timedelta(hours=2, seconds=1)):
        response = order(guest, ticket=ticket)
    assert (response.status_code, alert(response)) == (409, EXPIRED)
    assert_nothing_ordered(mug)
    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=59)):
        assert order(guest, ticket=ticket).status_code == 302


def test_a_ticket_is_good_for_whom_it_was_written(guest: Client, mug: int, alice: Any) -> None:
    ticket = ticket_of(guest)
    guest.force_login(alice)
    response = order(guest, ticket=ticket)
    assert (response.status_code, alert(response)) == (409, MOVED)
    assert_nothing_ordered(mug)


def test_a_users_ticket_is_no_good_for_others(
    client: Client, mug: int, alice: Any, bob: Any
) -> None:
    client.force_login(alice)
    put_in_cart(client, mug)
    ticket = ticket_of(client)
    for other in (Client(), Client()):
        assert order(other, ticket=ticket).status_code == 409
        other.force_login(bob)
        assert order(other, ticket=ticket).status_code == 409
    assert_nothing_ordered(mug)


def test_a_user_who_was_disabled_cannot_order(client: Client, mug: int, alice: Any) -> None:
    client.force_login(alice)
    put_in_cart(client, mug)
    ticket = ticket_of(client)
    User.objects.update(is_active=False)
    assert order(client, ticket=ticket).status_code == 403
    assert_nothing_ordered(mug)


# --- How often ------------------------------------------------------------------------------------


def test_forms_are_counted_by_user_and_those_without_a_ticket_by_address(
    clock: Any, client: Client, mug: int, alice: Any, settings: Any
) -> None:
    client.force_login(alice)
    put_in_cart(client, mug)
    ticket = ticket_of(client)
    settings.THROTTLE = True
    for _ in range(60):
        assert order(client, ticket=ticket, city="").status_code == 422
    assert order(client, ticket=ticket).status_code == 429
    assert_nothing_ordered(mug)

    for _ in range(60):
        assert Client().post("/checkout/", DETAILS | {"ticket": "none"}).status_code == 400
    assert Client().post("/checkout/", DETAILS | {"ticket": "none"}).status_code == 429

"""Orders: who may see which, what is shown of them, and calling them off."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core import signing
from django.test import Client
from pytest_django import Settings

from shop.catalog.models import Product
from shop.orders import actions
from shop.orders.models import Order, OrderEvent
from shop.storefront.tests.buying import guests_order, number_of, order, put_in_cart, without_person
from shop.storefront.tests.reading import alert, fields, links, tags, words
from tests.builders import order_states, place, put_on_sale, stock_of
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

NOON = datetime(2010, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def mug() -> int:
    """A mug of which there are 100; its variant's id."""
    return put_on_sale("mug", stock=100)


# --- Who may see which ----------------------------------------------------------------------------


def test_an_order_is_seen_by_its_owner_and_staff_only(
    mug: int, alice: Any, bob: Any, sam: Any
) -> None:
    order_id = place({mug: 1}, user=alice)
    statuses = {}
    for name, user in [("nobody", None), ("alice", alice), ("bob", bob), ("sam", sam)]:
        client = Client()
        if user:
            client.force_login(user)
        statuses[name] = client.get(f"/orders/{order_id}/").status_code
    assert statuses == {"nobody": 404, "alice": 200, "bob": 404, "sam": 200}


def test_staff_without_the_right_are_shoppers_like_others(
    client: Client, mug: int, alice: Any, sam: Any
) -> None:
    order_id = place({mug: 1}, user=alice)
    own = place({mug: 1}, user=sam)
    sam.groups.clear()
    client.force_login(sam)
    assert client.get(f"/orders/{order_id}/").status_code == 404
    assert client.post(f"/orders/{order_id}/cancel/").status_code == 404
    assert links(client.get("/orders/"))[-1] == f"/orders/{own}/"
    assert client.post(f"/orders/{own}/cancel/").status_code == 302
    assert [Order.objects.get(id=id_).status for id_ in (order_id, own)] == ["Pending", "Canceled"]


def test_staff_who_may_only_look_cancel_nothing(
    client: Client, mug: int, alice: Any, sam: Any
) -> None:
    order_id = place({mug: 1}, user=alice)
    sam.groups.clear()
    sam.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(sam)
    assert "Cancel this order" not in words(client.get(f"/orders/{order_id}/"))
    response = client.post(f"/orders/{order_id}/cancel/")
    assert response.status_code == 403
    assert "You may look at this order, but not change it." in words(response)
    assert Order.objects.get(id=order_id).status == "Pending"


def test_a_guests_order_is_seen_in_the_same_browser_and_by_staff_only(
    client: Client, mug: int, alice: Any, sam: Any
) -> None:
    order_id = guests_order(client, mug)
    assert client.get(f"/orders/{order_id}/").status_code == 200
    elsewhere = Client()
    assert elsewhere.get(f"/orders/{order_id}/").status_code == 404
    elsewhere.force_login(alice)
    assert elsewhere.get(f"/orders/{order_id}/").status_code == 404
    elsewhere.force_login(sam)
    assert elsewhere.get(f"/orders/{order_id}/").status_code == 200


def test_the_cookie_of_orders_is_signed(client: Client, mug: int) -> None:
    order_id = guests_order(client, mug)
    cookie = client.cookies["orders"]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie.value.startswith(f"{order_id}:")
    other = place({mug: 1})
    for value in (str(other), cookie.value.replace(str(order_id), str(other), 1), "x:y:z"):
        client.cookies["orders"] = value
        assert client.get(f"/orders/{other}/").status_code == 404


def test_a_cookie_does_not_open_a_users_order(client: Client, mug: int, alice: Any) -> None:
    """So that nothing of a user is left behind in a browser they signed out of."""
    order_id = place({mug: 1}, user=alice)
    guests = place({mug: 1})
    signer = signing.get_cookie_signer(salt="ordersstorefront.visitors")
    client.cookies["orders"] = signer.sign(f"{order_id}.{guests}")
    assert client.get(f"/orders/{guests}/").status_code == 200
    assert client.get(f"/orders/{order_id}/").status_code == 404


def test_the_last_twenty_orders_are_remembered(client: Client, mug: int) -> None:
    ids = [guests_order(client, mug) for _ in range(21)]
    statuses = [client.get(f"/orders/{order_id}/").status_code for order_id in ids]
    assert statuses == [404] + [200] * 20


@pytest.mark.parametrize("address", ["/orders/4711/", "/orders/99999999999999999999999/"])
def test_an_order_that_is_not_there(client: Client, sam: Any, address: str) -> None:
    client.force_login(sam)
    response = client.get(address)
    assert (response.status_code, words(response)) == (
        404,
        "Not found We do not know this order. Go to the shop",
    )
    assert client.post(f"{address}cancel/").status_code == 404


# --- One order ------------------------------------------------------------------------------------


def test_an_order_shows_all_of_itself(client: Client, alice: Any) -> None:
    mug = put_on_sale("mug")
    shirt = put_on_sale("shirt-red", product="S", name="Shirt", options=(("Colour", "Red"),))
    order_id = place({mug: 3, shirt: 1}, user=alice)
    Order.objects.update(placed_at=NOON)
    client.force_login(alice)
    assert words(client.get(f"/orders/{order_id}/")) == (
        f"Orders Order {number_of(order_id)} Pending Unpaid Unshipped "
        "Thank you for your order. You pay £50.00 when it arrives. "
        "What was ordered Item Price Quantity Amount "
        "Mugmug Write a review of Mug £12.50 3 £37.50 "
        "Shirt, Redshirt-red Write a review of Shirt £12.50 1 £12.50 "
        "Goods £50.00 Shipping £0.00 Total £50.00 "
        "Delivery Alice Able 1 High Street LS1 4AP Leeds United Kingdom "
        "E-mail alice@example.com Payment On delivery "
        "History Placed 1 December 2010, 12:00 Cancel this order"
    )


def test_an_order_is_what_was_agreed(client: Client, mug: int, alice: Any) -> None:
    order_id = place({mug: 3}, user=alice)
    put_on_sale("mug", price="99", name="Cup", stock=0)
    client.force_login(alice)
    assert "Mugmug Write a review of Mug £12.50 3 £37.50" in words(
        client.get(f"/orders/{order_id}/")
    )


def test_lines_lead_to_what_is_still_sold(client: Client, mug: int, alice: Any) -> None:
    fork = put_on_sale("fork")
    order_id = place({mug: 1, fork: 1}, user=alice)
    Product.objects.filter(code="fork").update(is_published=False)
    client.force_login(alice)
    shown = Product.objects.get(code="mug").id
    found = links(client.get(f"/orders/{order_id}/"))
    assert found == [
        "/orders/",
        f"/products/{shown}/",
        f"/products/{shown}/reviews/add/",
        f"/orders/{order_id}/cancel/",
    ]


def test_only_its_owner_is_asked_for_a_review(
    client: Client, mug: int, alice: Any, sam: Any
) -> None:
    order_id = place({mug: 1}, user=alice)
    client.force_login(sam)
    assert "Write a review" not in words(client.get(f"/orders/{order_id}/"))
    guest = Client()
    guests = guests_order(guest, mug)
    assert "Write a review" not in words(guest.get(f"/orders/{guests}/"))


def test_an_order_has_a_history(client: Client, mug: int, alice: Any, sam: Any) -> None:
    order_id = place({mug: 1}, user=alice)
    for verb in (actions.ship, actions.mark_paid, actions.complete):
        verb(order_ids=[order_id], by=sam.id)
    Order.objects.update(placed_at=NOON)
    OrderEvent.objects.update(at=NOON + timedelta(days=1))
    client.force_login(alice)
    text = words(client.get(f"/orders/{order_id}/"))
    assert "Completed Paid Shipped What was ordered" in text
    assert text.endswith(
        "History Placed 1 December 2010, 12:00 Sent to you 2 December 2010, 12:00 "
        "Payment received 2 December 2010, 12:00 Completed 2 December 2010, 12:00"
    )
    client.force_login(sam)
    assert "Payment received 2 December 2010, 12:00 by sam" in words(
        client.get(f"/orders/{order_id}/")
    )


def test_an_order_by_bank_transfer_says_what_to_do(client: Client, mug: int) -> None:
    put_in_cart(client, mug)
    response = client.get(order(client, payment="bank_transfer")["Location"])
    placed = Order.objects.get()
    assert placed.expires_at is not None
    assert (
        "Please transfer £12.50 to Tern & Tide, sort code 00-00-00, account 00000000 "
        f"and give the order number {placed.number}. "
        f"We keep the goods for you until {placed.expires_at:%-d %B %Y, %H:%M}."
    ) in words(response)


def test_an_imported_order_shows_only_what_is_known(client: Client, mug: int, sam: Any) -> None:
    order_id = place({mug: 1})
    unknown = ("name", "line1", "line2", "city", "postcode", "country", "email")
    Order.objects.update(payment_method="elsewhere", **dict.fromkeys(unknown, ""))
    client.force_login(sam)
    text = words(client.get(f"/orders/{order_id}/"))
    assert "Payment Elsewhere" in text
    assert "Delivery" not in text
    assert "E-mail" not in text


def test_an_order_keeps_its_currency(
    client: Client, mug: int, alice: Any, settings: Settings
) -> None:
    order_id = place({mug: 1}, user=alice)
    settings.CURRENCY = "EUR"
    client.force_login(alice)
    assert "Total £12.50" in words(client.get(f"/orders/{order_id}/"))
    assert "Mug €12.50" in words(client.get("/products/"))


# --- Calling it off -------------------------------------------------------------------------------


def test_the_owner_cancels(client: Client, mug: int, alice: Any) -> None:
    order_id = place({mug: 3}, user=alice)
    assert stock_of(mug) == (100, 3)
    client.force_login(alice)
    response = client.post(f"/orders/{order_id}/cancel/")
    assert (response.status_code, response["Location"]) == (302, f"/orders/{order_id}/")
    assert order_states(order_id) == ("Canceled", "Unpaid", "Unshipped")
    assert stock_of(mug) == (100, 0)
    assert OrderEvent.objects.values_list("kind", "by_id").get() == ("canceled", alice.id)
    response = client.get(f"/orders/{order_id}/")
    number = number_of(order_id)
    assert words(response).startswith(
        f"Orders Order {number} Canceled Order {number} has been canceled. What was ordered"
    )
    assert "Cancel this order" not in words(response)
    assert "Write a review" not in words(response)
    assert "has been canceled." not in words(client.get(f"/orders/{order_id}/"))


def test_a_guest_cancels(client: Client, mug: int) -> None:
    order_id = guests_order(client, mug)
    client.post(f"/orders/{order_id}/cancel/")
    assert order_states(order_id)[0] == "Canceled"
    assert OrderEvent.objects.get().by_id is None


def test_others_cannot_cancel(client: Client, mug: int, alice: Any, bob: Any) -> None:
    order_id = place({mug: 1}, user=alice)
    assert client.post(f"/orders/{order_id}/cancel/").status_code == 404
    client.force_login(bob)
    assert client.post(f"/orders/{order_id}/cancel/").status_code == 404
    assert order_states(order_id)[0] == "Pending"


def test_looking_cancels_nothing(client: Client, mug: int, alice: Any) -> None:
    order_id = place({mug: 1}, user=alice)
    client.force_login(alice)
    page = client.get(f"/orders/{order_id}/cancel/")
    assert page.status_code == 200
    assert words(page).startswith(
        f"Order {number_of(order_id)} Cancel this order? Order {number_of(order_id)}, £12.50, "
        "will not be sent"
    )
    assert order_states(order_id)[0] == "Pending"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(f"/orders/{order_id}/cancel/").status_code == 403
    assert order_states(order_id)[0] == "Pending"
    methods = [
        a.get("method") for tag, a in tags(client.get(f"/orders/{order_id}/")) if tag == "form"
    ]
    assert methods == ["post"]  # that is the way out
    form = fields(strict.get(f"/orders/{order_id}/cancel/"))
    assert strict.post(f"/orders/{order_id}/cancel/", form).status_code == 302
    assert order_states(order_id)[0] == "Canceled"


def test_nobody_is_asked_who_cannot_cancel(client: Client, mug: int, alice: Any, bob: Any) -> None:
    order_id = place({mug: 1}, user=alice)
    client.force_login(bob)
    assert client.get(f"/orders/{order_id}/cancel/").status_code == 404
    client.force_login(alice)
    actions.ship(order_ids=[order_id], by=None)
    response = client.get(f"/orders/{order_id}/cancel/")
    assert (response.status_code, response["Location"]) == (302, f"/orders/{order_id}/")


def test_a_canceled_order_stays_canceled(client: Client, mug: int, alice: Any) -> None:
    order_id = place({mug: 1}, user=alice)
    client.force_login(alice)
    client.post(f"/orders/{order_id}/cancel/")
    response = client.post(f"/orders/{order_id}/cancel/")
    assert response.status_code == 409
    assert alert(response).startswith(f"Order {number_of(order_id)} was canceled before")
    assert OrderEvent.objects.count() == 1


def test_what_is_on_its_way_cannot_be_canceled(client: Client, mug: int, alice: Any) -> None:
    order_id = place({mug: 1}, user=alice)
    actions.ship(order_ids=[order_id], by=None)
    client.force_login(alice)
    assert "Cancel this order" not in words(client.get(f"/orders/{order_id}/"))
    response = client.post(f"/orders/{order_id}/cancel/")
    assert response.status_code == 409
    assert alert(response) == f"Order {number_of(order_id)} was shipped before."
    assert order_states(order_id) == ("Pending", "Unpaid", "Shipped")


def test_money_that_has_come_is_due_back(client: Client, mug: int, alice: Any) -> None:
    order_id = place({mug: 1}, user=alice)
    actions.mark_paid(order_ids=[order_id], by=None)
    client.force_login(alice)
    client.post(f"/orders/{order_id}/cancel/")
    assert "Canceled Refund due" in words(client.get("/orders/"))
    assert "You have paid £12.50 for this order. You get the money back." in words(
        client.get(f"/orders/{order_id}/")
    )


# --- What it costs --------------------------------------------------------------------------------


def test_a_paid_order_costs_six_queries_however_many_lines(client: Client, alice: Any) -> None:
    lines = {put_on_sale(f"p{number}"): 1 for number in range(40)}
    order_id = place(lines, user=alice)
    actions.mark_paid(order_ids=[order_id], by=alice.id)
    client.force_login(alice)
    with queries_named() as queries:
        client.get(f"/orders/{order_id}/")
    assert without_person(queries) == [
        "SELECT orders_order",
        "SELECT orders_orderline",
        "SELECT orders_orderevent",
        "SELECT catalog_variant",
        "SELECT catalog_productimage",
        "SELECT letters_invoice",
    ]

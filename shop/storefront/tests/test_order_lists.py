"""Lists of orders: whose, in which order, and how staff find one among them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from shop.checkout import actions as checkout
from shop.checkout.rules import AgreedLine, Buyer, Draft
from shop.orders import actions
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod, PostalAddress
from shop.storefront.tests.buying import guests_order, number_of, order_at, without_person
from shop.storefront.tests.reading import alert, links, words
from tests.builders import place, put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]

NOON = datetime(2010, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def mug() -> int:
    """A mug of which there are 100; its variant's id."""
    return put_on_sale("mug", stock=100)


# --- Lists ----------------------------------------------------------------------------------------


def test_a_user_sees_their_own(client: Client, mug: int, alice: Any, bob: Any) -> None:
    mine = [order_at(NOON + timedelta(days=n), mug, user=alice) for n in range(2)]
    order_at(NOON, mug, user=bob)
    place({mug: 1})
    client.force_login(alice)
    assert words(client.get("/orders/")) == (
        "Your orders Details Addresses Password Orders Order Placed State Total "
        f"{number_of(mine[1])} 2 Dec 2010, 12:00 Pending Unpaid Unshipped £12.50 "
        f"{number_of(mine[0])} 1 Dec 2010, 12:00 Pending Unpaid Unshipped £12.50"
    )


def test_a_user_without_orders(client: Client, alice: Any) -> None:
    client.force_login(alice)
    assert "There are no orders yet." in words(client.get("/orders/"))


def test_a_guest_sees_what_was_ordered_here_or_is_asked_to_sign_in(
    client: Client, mug: int
) -> None:
    place({mug: 1})
    response = client.get("/orders/")
    sign_in = "/accounts/login/?next=/orders/"
    assert (response.status_code, response["Location"]) == (302, sign_in)
    order_id = guests_order(client, mug)
    assert links(client.get("/orders/")) == [sign_in, f"/orders/{order_id}/"]


def test_staff_see_all_newest_first_24_to_a_page(client: Client, mug: int, sam: Any) -> None:
    ids = [order_at(NOON + timedelta(minutes=n % 5), mug) for n in range(25)]
    expected = sorted(ids, key=lambda id_: ((id_ - ids[0]) % 5, id_), reverse=True)
    client.force_login(sam)
    first = client.get("/orders/")
    *shown, onwards = links(first)
    assert shown == [f"/orders/{id_}/" for id_ in expected[:24]]
    second = client.get(f"/orders/{onwards}")
    *shown, back = links(second)
    assert shown == [f"/orders/{expected[24]}/"]
    assert links(client.get(f"/orders/{back}"))[:24] == links(first)[:24]
    assert client.get("/orders/?cursor=nonsense").status_code == 404


def test_staff_see_where_an_order_came_from(client: Client, mug: int, sam: Any) -> None:
    draft = Draft(
        buyer=Buyer(email="", address=PostalAddress(name="Customer 17850")),
        payment_method=PaymentMethod.ELSEWHERE,
        lines=(AgreedLine(mug, 6, Decimal("2.55")),),
        origin="online-retail:536365",
        placed_at=NOON,
    )
    order_id = checkout.place_order(draft=draft).order_id
    client.force_login(sam)
    assert words(client.get("/orders/")).endswith(
        f"Order Placed Origin Buyer State Total {number_of(order_id)} 1 Dec 2010, 12:00 "
        "online-retail:536365 Customer 17850 Pending Unpaid Unshipped £15.30"
    )
    assert "Origin online-retail:536365" in words(client.get(f"/orders/{order_id}/"))
    response = client.get("/orders/?find=online-retail:536365")
    assert (response.status_code, response["Location"]) == (302, f"/orders/{order_id}/")


def test_a_buyer_does_not_see_where_an_order_came_from(
    client: Client, mug: int, alice: Any
) -> None:
    order_id = place({mug: 1}, user=alice)
    client.force_login(alice)
    for address in ("/orders/", f"/orders/{order_id}/"):
        assert Order.objects.get().origin not in client.get(address).content.decode()


def test_staff_find_an_order_by_number_or_origin(client: Client, mug: int, sam: Any) -> None:
    order_id = place({mug: 1})
    origin = Order.objects.get().origin
    client.force_login(sam)
    for name in (number_of(order_id), origin, f" {origin} "):
        response = client.get("/orders/", {"find": name})
        assert (response.status_code, response["Location"]) == (302, f"/orders/{order_id}/")
    for name in (origin[:-1], origin.upper(), "%", "<b>"):
        response = client.get("/orders/", {"find": name})
        assert response.status_code == 200
        assert alert(response) == f"No order has the number or origin “{name}”."
    response = client.get("/orders/", {"find": "\0"})
    assert (response.status_code, alert(response)) == (
        400,
        "A character in it cannot be printed.",
    )


def test_others_find_nothing(client: Client, mug: int, alice: Any) -> None:
    place({mug: 1})
    client.force_login(alice)
    response = client.get("/orders/", {"find": Order.objects.get().number})
    assert response.status_code == 200
    assert "There are no orders yet." in words(response)


def test_staff_see_a_day_and_what_it_comes_to(client: Client, mug: int, sam: Any) -> None:
    midnight = datetime(2010, 12, 1, tzinfo=UTC)
    day = timedelta(days=1)
    order_at(midnight - timedelta(microseconds=1), mug)
    first = order_at(midnight, mug, quantity=2)
    canceled = order_at(NOON, mug)
    actions.cancel(order_ids=[canceled], by=None)
    last = order_at(midnight + day - timedelta(microseconds=1), mug)
    order_at(midnight + day, mug)
    client.force_login(sam)
    response = client.get("/orders/?date=2010-12-01")
    assert "1 December 2010: 2 orders, £37.50; 1 canceled order, £12.50 Order" in words(response)
    assert [link for link in links(response) if link != "/orders/"] == [
        f"/orders/{id_}/" for id_ in (last, canceled, first)
    ]
    assert words(client.get("/orders/?date=2010-12-05")).endswith("5 December 2010: no orders")


def test_a_days_pages_stay_with_the_day(client: Client, mug: int, sam: Any) -> None:
    for _ in range(25):
        order_at(NOON, mug)
    order_at(NOON - timedelta(days=1), mug)
    client.force_login(sam)
    response = client.get("/orders/?date=2010-12-01")
    assert "25 orders, £312.50" in words(response)
    (onwards,) = [link for link in links(response) if "cursor" in link]
    second = client.get(f"/orders/{onwards}")
    assert "25 orders, £312.50" in words(second)
    assert len([link for link in links(second) if link.startswith("/orders/") and link[8:]]) == 1


def test_a_day_begins_where_the_shop_is(
    client: Client, mug: int, sam: Any, settings: Settings
) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    order_at(datetime(2010, 12, 1, 14, 59, tzinfo=UTC), mug)
    order_at(datetime(2010, 12, 1, 15, 0, tzinfo=UTC), mug)
    client.force_login(sam)
    for day in ("2010-12-01", "2010-12-02"):
        assert "1 order, £12.50" in words(client.get(f"/orders/?date={day}"))


def test_sums_are_exact(client: Client, sam: Any) -> None:
    """Binary fractions would make 0.1 + 0.2 something else, and a trillion of it worse."""
    variants = [put_on_sale(f"p{n}", price=price) for n, price in enumerate(["0.10", "0.20"])]
    dear = put_on_sale("dear", price="99999999999.99")
    for variant_id in (*variants, dear, dear):
        order_at(NOON, variant_id)
    client.force_login(sam)
    assert "4 orders, £200,000,000,000.28" in words(client.get("/orders/?date=2010-12-01"))


@pytest.mark.parametrize(
    "day", ["nonsense", "2010-02-30", "0001-01-01", "9999-12-31", "01.12.2010", "\0"]
)
def test_a_day_that_is_none_is_said_to_be_none(client: Client, sam: Any, day: str) -> None:
    client.force_login(sam)
    response = client.get("/orders/", {"date": day})
    assert (response.status_code, alert(response)) == (400, "Please give a day as YYYY-MM-DD.")


# --- What it costs --------------------------------------------------------------------------------


def test_a_list_costs_one_query_and_a_days_sum_another(
    client: Client, mug: int, alice: Any, sam: Any
) -> None:
    for _ in range(30):
        order_at(NOON, mug, user=alice)
    # What sam may do himself, and what his groups may.
    rights = ["SELECT django_content_type"] * 2
    for user, address, expected in [
        (alice, "/orders/", ["SELECT orders_order"]),
        (sam, "/orders/", [*rights, "SELECT orders_order"]),
        (sam, "/orders/?date=2010-12-01", [*rights, *["SELECT orders_order"] * 2]),
    ]:
        client.force_login(user)
        with queries_named() as queries:
            client.get(address)
        assert without_person(queries) == expected

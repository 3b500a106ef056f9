"""Orders as their owners and staff see them, and what happens to them."""

from typing import Any

import pytest

from shop.api.tests.calling import ROOT, Api, give_rights, mistakes, problem
from shop.orders import actions as orders
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod
from tests.builders import order_states, place, put_on_sale, stock_of
from tests.queries import queries_named

pytestmark = pytest.mark.usefixtures("everything_agrees")


@pytest.fixture
def boss(sam: Any) -> Any:
    """A member of staff who sees and changes orders."""
    return give_rights(sam, "orders.view_order", "orders.change_order")


def ids(response: Any) -> list[int]:
    assert response.status_code == 200
    return [order["id"] for order in response.json()["results"]]


def test_everybody_sees_their_own_orders(alice: Any, bob: Any, boss: Any) -> None:
    mug = put_on_sale()
    alices, bobs, guests = place({mug: 1}, user=alice), place({mug: 1}, user=bob), place({mug: 1})
    assert ids(Api(alice).get("orders/")) == [alices]
    assert ids(Api(bob).get("orders/")) == [bobs]
    assert ids(Api(boss).get("orders/")) == [guests, bobs, alices]


def test_staff_without_the_right_see_their_own(sam: Any, alice: Any) -> None:
    alices = place({put_on_sale(): 1}, user=alice)
    assert ids(Api(sam).get("orders/")) == []
    assert problem(Api(sam).get(f"orders/{alices}/")) == (404, "unknown_order")


def test_an_order_is_nobody_elses(api: Api, alice: Any, bob: Any, boss: Any) -> None:
    mug = put_on_sale()
    alices, guests = place({mug: 1}, user=alice), place({mug: 1})
    assert Api(alice).get(f"orders/{alices}/").status_code == 200
    assert Api(boss).get(f"orders/{alices}/").status_code == 200
    assert Api(boss).get(f"orders/{guests}/").status_code == 200
    for other, order_id in [(api, alices), (Api(bob), alices), (api, guests), (Api(bob), guests)]:
        for answer in (
            other.get(f"orders/{order_id}/"),
            other.post(f"orders/{order_id}/cancel/"),
        ):
            assert problem(answer) == (404, "unknown_order")
            assert "alice" not in answer.content.decode()
    assert problem(api.get("orders/")) == (401, "not_authenticated")
    assert problem(Api(alice).get("orders/9999/")) == (404, "unknown_order")
    assert order_states(alices) == ("Pending", "Unpaid", "Unshipped")


def test_its_owner_calls_an_order_off(alice: Any) -> None:
    mug = put_on_sale()
    order_id = place({mug: 3}, user=alice)
    response = Api(alice).post(f"orders/{order_id}/cancel/")
    body = response.json()
    assert response.status_code == 200
    assert (body["id"], body["status"]) == (order_id, "Canceled")
    assert [(entry["kind"], entry["by"]) for entry in body["history"]] == [("canceled", None)]
    assert stock_of(mug) == (10, 0)
    again = Api(alice).post(f"orders/{order_id}/cancel/")
    assert problem(again) == (409, "order_is_canceled")


def test_whoever_names_a_request_may_send_it_again(alice: Any) -> None:
    order_id = place({put_on_sale(): 3}, user=alice)
    path = f"orders/{order_id}/cancel/"
    assert problem(Api(alice).post(path, key="é")) == (400, "idempotency_key_missing")
    assert order_states(order_id)[0] == "Pending"
    first = Api(alice).post(path, key="k")
    again = Api(alice).post(path, key="k")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert Order.objects.get().history.count() == 1


def test_staff_call_orders_off_with_the_right_to(alice: Any, sam: Any) -> None:
    order_id = place({put_on_sale(): 3}, user=alice)
    give_rights(sam, "orders.view_order")
    assert problem(Api(sam).post(f"orders/{order_id}/cancel/")) == (403, "permission_denied")
    assert order_states(order_id)[0] == "Pending"
    give_rights(sam, "orders.change_order")
    assert Api(sam).post(f"orders/{order_id}/cancel/").json()["status"] == "Canceled"


def test_staff_take_an_order_to_its_end(alice: Any, boss: Any) -> None:
    order_id = place({put_on_sale(): 1}, user=alice, payment=PaymentMethod.BANK_TRANSFER)
    staff = Api(boss)
    assert problem(staff.post(f"orders/{order_id}/ship/")) == (409, "order_is_unpaid")
    assert staff.post(f"orders/{order_id}/mark-paid/").json()["payment_state"] == "Paid"
    assert problem(staff.post(f"orders/{order_id}/mark-paid/")) == (409, "order_is_paid")
    assert problem(staff.post(f"orders/{order_id}/complete/")) == (409, "order_is_unshipped")
    assert staff.post(f"orders/{order_id}/ship/").json()["fulfilment_state"] == "Shipped"
    assert problem(staff.post(f"orders/{order_id}/ship/")) == (409, "order_is_shipped")
    done = staff.post(f"orders/{order_id}/complete/")
    assert done.json()["status"] == "Completed"
    assert [(entry["kind"], entry["by"]) for entry in done.json()["history"]] == [
        ("paid", "sam"),
        ("shipped", "sam"),
        ("completed", "sam"),
    ]
    assert problem(staff.post(f"orders/{order_id}/cancel/")) == (409, "order_is_completed")
    assert order_states(order_id) == ("Completed", "Paid", "Shipped")


def test_shoppers_do_not_read_who_did_what(alice: Any, boss: Any) -> None:
    order_id = place({put_on_sale(): 1}, user=alice)
    orders.mark_paid(order_ids=[order_id], by=boss.id)
    for answer in (Api(alice).get(f"orders/{order_id}/"), Api(alice).get("orders/")):
        assert "sam" not in answer.content.decode()
    assert Api(boss).get(f"orders/{order_id}/").json()["history"][0]["by"] == "sam"


@pytest.mark.parametrize("verb", ["mark-paid", "mark-refunded", "ship", "complete"])
def test_only_staff_with_the_right_take_orders_on(
    api: Api, alice: Any, sam: Any, verb: str
) -> None:
    order_id = place({put_on_sale(): 1}, user=alice)
    path = f"orders/{order_id}/{verb}/"
    assert problem(api.post(path)) == (401, "not_authenticated")
    assert problem(Api(alice).post(path)) == (403, "permission_denied")
    assert problem(Api(sam).post(path)) == (403, "permission_denied")
    give_rights(sam, "orders.change_order")
    assert problem(Api(sam).post(f"orders/9999/{verb}/")) == (404, "unknown_order")
    assert not Order.objects.get(id=order_id).history.exists()


def test_orders_are_listed_by_status(alice: Any, boss: Any) -> None:
    mug = put_on_sale()
    pending, canceled = place({mug: 1}, user=alice), place({mug: 1}, user=alice)
    orders.cancel(order_ids=[canceled], by=None)
    for client in (Api(alice), Api(boss)):
        assert ids(client.get("orders/", status="Pending")) == [pending]
        assert ids(client.get("orders/", status="Canceled")) == [canceled]
        assert ids(client.get("orders/", status="Completed")) == []
        assert mistakes(client.get("orders/", status="pending")) == {"status"}


def test_the_list_goes_on_page_by_page(alice: Any) -> None:
    mug = put_on_sale()
    placed = [place({mug: 1}, user=alice) for _ in range(3)]
    first = Api(alice).get("orders/", page_size=2).json()
    assert [order["id"] for order in first["results"]] == [placed[2], placed[1]]
    assert first["next"].startswith(f"{ROOT}/orders/?")
    second = Api(alice).follow(first["next"]).json()
    assert [order["id"] for order in second["results"]] == [placed[0]]
    assert second["next"] is None


def test_a_cursor_shows_nobody_elses_orders(alice: Any, bob: Any) -> None:
    mug = put_on_sale()
    for _ in range(3):
        place({mug: 1}, user=alice)
    address = Api(alice).get("orders/", page_size=1).json()["next"]
    assert Api(bob).follow(address).json()["results"] == []


@pytest.mark.parametrize("count", [1, 5])
def test_a_list_costs_four_queries_however_long_it_is(alice: Any, count: int) -> None:
    mug = put_on_sale()
    for _ in range(count):
        place({mug: 1}, user=alice)
    client = Api(alice)
    with queries_named() as names:
        assert len(ids(client.get("orders/"))) == count
    assert names == [
        "SELECT accounts_user",
        "SELECT orders_order",
        "SELECT orders_orderline",
        "SELECT orders_orderevent",
    ]


def test_money_that_is_due_back_is_sent_back(alice: Any, boss: Any) -> None:
    order_id = place({put_on_sale(): 1}, user=alice, payment=PaymentMethod.BANK_TRANSFER)
    staff = Api(boss)
    path = f"orders/{order_id}/mark-refunded/"
    assert problem(staff.post(path)) == (409, "order_owes_nothing")
    orders.mark_paid(order_ids=[order_id], by=None)
    assert Api(alice).post(f"orders/{order_id}/cancel/").json()["payment_state"] == "Refund due"

    assert staff.post(path).json()["payment_state"] == "Refunded"
    assert problem(staff.post(path)) == (409, "order_owes_nothing")
    assert order_states(order_id) == ("Canceled", "Refunded", "Unshipped")

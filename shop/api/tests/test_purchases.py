"""Placing orders: who, where to, for how much, and once."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from shop.accounts import actions as accounts
from shop.accounts.rules import AddressFields
from shop.api.tests.calling import ROOT, Api, id_of, mistakes, problem
from shop.checkout.models import Attempt
from shop.lib.refusals import Busy
from shop.orders.models import Order
from tests.builders import fill_cart, put_on_sale, stock_of
from tests.queries import queries_named

pytestmark = pytest.mark.usefixtures("everything_agrees")

ADDRESS = {
    "name": "Gus Guest",
    "line1": "1 Long Road",
    "line2": "Flat 2",
    "city": "Leeds",
    "postcode": "LS1 4AP",
    "country": "GB",
}

LINE = {
    "position": 1,
    "sku": "mug",
    "name": "Mug",
    "title": "",
    "quantity": 2,
    "price": "12.50",
    "amount": "25.00",
}


def guests(cart_id: UUID, **more: Any) -> dict[str, Any]:
    return {"cart": str(cart_id), "email": "gus@example.com", "address": ADDRESS, **more}


def buy(api: Api, body: dict[str, Any], *, key: str | None = "k1") -> Any:
    return api.post("orders/", body, key=key)


def test_a_guest_orders(api: Api) -> None:
    mug = put_on_sale("mug", price="12.50", stock=10)
    cart_id = fill_cart({mug: 2})
    response = buy(api, guests(cart_id, expected_total="25", payment="bank_transfer"))
    order = Order.objects.get()
    assert response.status_code == 201
    assert response["Content-Type"] == "application/json"
    assert response["Location"] == f"{ROOT}/orders/{order.id}/"
    assert "Idempotency-Replayed" not in response
    assert response.json() == {
        "id": order.id,
        "number": order.number,
        "status": "Pending",
        "payment_state": "Unpaid",
        "fulfilment_state": "Unshipped",
        "payment": "bank_transfer",
        "user": None,
        "email": "gus@example.com",
        "address": ADDRESS,
        "lines": [LINE | {"variant": mug}],
        "currency": "GBP",
        "goods_total": "25.00",
        "shipping_total": "0.00",
        "tax_total": "0.00",
        "discount_total": "0.00",
        "total": "25.00",
        "placed_at": _moment(order.placed_at),
        "expires_at": _moment(order.expires_at),
        "history": [],
    }
    assert stock_of(mug) == (10, 2)


def _moment(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))


def test_what_was_answered_is_what_is_read(alice: Any) -> None:
    cart_id = fill_cart({put_on_sale("mug"): 1, put_on_sale("cup"): 2}, user=alice)
    placed = buy(Api(alice), {"cart": str(cart_id), "address": ADDRESS})
    read = Api(alice).get(f"orders/{placed.json()['id']}/")
    assert read.json() == placed.json()


def test_a_user_needs_to_name_nothing_but_the_cart(alice: Any) -> None:
    details = {"first_name": "Alice", "last_name": "Able", "city": "York", "address": "1 Low Road"}
    accounts.change_details(user_id=alice.id, details=details)
    cart_id = fill_cart({put_on_sale(): 1}, user=alice)
    body = buy(Api(alice), {"cart": str(cart_id)}).json()
    assert (body["email"], body["payment"], body["user"]) == (
        "alice@example.com",
        "on_delivery",
        alice.id,
    )
    assert body["expires_at"] is None
    assert body["address"] == {
        "name": "Alice Able",
        "line1": "1 Low Road",
        "line2": "",
        "city": "York",
        "postcode": "",
        "country": "GB",
    }


def test_an_address_from_the_book_comes_first(alice: Any) -> None:
    accounts.change_details(user_id=alice.id, details={"city": "York", "address": "1 Low Road"})
    kept = AddressFields(name="Al", line1="9 Far Street", city="Oslo", country="NO", postcode="7")
    accounts.keep_address(user_id=alice.id, address=kept)
    cart_id = fill_cart({put_on_sale(): 1}, user=alice)
    body = buy(Api(alice), {"cart": str(cart_id)}).json()
    assert body["address"] == {
        "name": "Al",
        "line1": "9 Far Street",
        "line2": "",
        "city": "Oslo",
        "postcode": "7",
        "country": "NO",
    }


def test_an_address_in_the_request_is_taken_as_it_is(alice: Any) -> None:
    accounts.change_details(user_id=alice.id, details={"city": "York", "address": "1 Low Road"})
    cart_id = fill_cart({put_on_sale(): 1}, user=alice)
    address = {"line1": "2 High Road", "city": "Oslo", "country": "no"}
    body = buy(Api(alice), {"cart": str(cart_id), "address": address}).json()
    assert body["address"] == {
        "name": "alice",
        "line1": "2 High Road",
        "line2": "",
        "city": "Oslo",
        "postcode": "",
        "country": "NO",
    }


def test_a_user_without_an_address_names_one(alice: Any) -> None:
    cart_id = fill_cart({put_on_sale(): 1}, user=alice)
    assert mistakes(buy(Api(alice), {"cart": str(cart_id)})) == {"address"}
    assert not Order.objects.exists()


def test_a_user_orders_a_cart_that_has_no_owner(alice: Any) -> None:
    cart_id = fill_cart({put_on_sale(): 1})
    response = buy(Api(alice), guests(cart_id))
    assert response.status_code == 201
    assert Order.objects.get().user_id == alice.id


def test_nobody_orders_somebody_elses_cart(api: Api, alice: Any, bob: Any) -> None:
    cart_id = fill_cart({put_on_sale(): 1}, user=alice)
    for other in (api, Api(bob)):
        assert problem(buy(other, guests(cart_id))) == (404, "unknown_cart")
    assert problem(buy(api, guests(uuid4()))) == (404, "unknown_cart")
    assert not Order.objects.exists()


def test_the_same_key_and_body_get_the_same_bytes(api: Api) -> None:
    mug = put_on_sale()
    cart_id = fill_cart({mug: 2})
    first = buy(api, guests(cart_id))
    again = buy(api, guests(cart_id))
    assert again.status_code == first.status_code == 201
    assert again.content == first.content
    assert again["Location"] == first["Location"]
    assert again["Content-Type"] == first["Content-Type"]
    assert again["Idempotency-Replayed"] == "true"
    assert Order.objects.count() == 1
    assert stock_of(mug) == (10, 2)


def test_a_replay_is_what_was_answered_then(alice: Any) -> None:
    from shop.orders import actions as orders

    cart_id = fill_cart({put_on_sale(): 1}, user=alice)
    body = {"cart": str(cart_id), "address": ADDRESS}
    first = buy(Api(alice), body)
    orders.cancel(order_ids=[first.json()["id"]], by=alice.id)
    assert buy(Api(alice), body).content == first.content


def test_the_order_of_fields_and_unknown_ones_do_not_matter(api: Api) -> None:
    cart_id = fill_cart({put_on_sale(): 1})
    body = guests(cart_id)
    first = buy(api, body)
    turned = dict(reversed(body.items())) | {"coupon": "x"}
    assert buy(api, turned).content == first.content


@pytest.mark.parametrize(
    "other",
    [
        {"email": "eve@example.com"},
        {"payment": "bank_transfer"},
        {"expected_total": "12.50"},
        {"address": ADDRESS | {"line2": ""}},
    ],
)
def test_another_body_under_the_same_key_is_refused(api: Api, other: dict[str, Any]) -> None:
    cart_id = fill_cart({put_on_sale(): 1})
    assert buy(api, guests(cart_id)).status_code == 201
    assert problem(buy(api, guests(cart_id, **other))) == (422, "key_reused")
    assert Order.objects.count() == 1


def test_a_key_is_its_users(alice: Any, bob: Any) -> None:
    mug = put_on_sale()
    for user in (alice, bob):
        cart_id = fill_cart({mug: 1}, user=user)
        response = buy(Api(user), {"cart": str(cart_id), "address": ADDRESS})
        assert response.status_code == 201
        assert "Idempotency-Replayed" not in response
    assert Order.objects.count() == 2


def test_another_key_does_not_order_the_cart_again(api: Api) -> None:
    cart_id = fill_cart({put_on_sale(): 1})
    placed = buy(api, guests(cart_id), key="one")
    refused = buy(api, guests(cart_id), key="two")
    assert problem(refused) == (409, "already_ordered")
    assert refused.json()["data"] == {"order_id": placed.json()["id"]}
    assert Order.objects.count() == 1


def test_a_refusal_leaves_its_key_free(api: Api) -> None:
    mug = put_on_sale("mug", stock=1)
    cart_id = fill_cart({mug: 1})
    assert problem(buy(api, guests(cart_id, expected_total="1.00"))) == (409, "total_changed")
    assert not Attempt.objects.exists()
    assert buy(api, guests(cart_id)).status_code == 201


@pytest.mark.parametrize("key", [None, "", " ", "é", "a" * 201, "a\tb"])
def test_a_purchase_without_a_name_is_refused(api: Api, key: str | None) -> None:
    cart_id = fill_cart({put_on_sale(): 1})
    assert problem(buy(api, guests(cart_id), key=key)) == (400, "idempotency_key_missing")
    assert not Order.objects.exists()


@pytest.mark.parametrize("key", ["x", "a b~!", "k" * 64, "k" * 65, "k" * 200])
def test_a_key_is_whatever_can_be_printed(api: Api, key: str) -> None:
    cart_id = fill_cart({put_on_sale(): 1})
    first = buy(api, guests(cart_id), key=key)
    assert first.status_code == 201
    assert buy(api, guests(cart_id), key=key).content == first.content
    assert Order.objects.count() == 1


def test_long_keys_are_told_apart(api: Api) -> None:
    mug = put_on_sale()
    for end in "ab":
        response = buy(api, guests(fill_cart({mug: 1})), key="k" * 199 + end)
        assert response.status_code == 201
    assert Attempt.objects.values("key").distinct().count() == 2


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"expected_total": "12.49"}, 409, "total_changed"),
        ({"expected_total": "0"}, 409, "total_changed"),
    ],
)
def test_an_order_at_another_price_is_refused(
    api: Api, change: dict[str, Any], status: int, code: str
) -> None:
    mug = put_on_sale()
    response = buy(api, guests(fill_cart({mug: 1}), **change))
    assert problem(response) == (status, code)
    assert response.json()["data"]["total"] == "12.50"
    assert stock_of(mug) == (10, 0)


def test_an_empty_cart_is_refused(api: Api) -> None:
    assert problem(buy(api, guests(fill_cart({})))) == (409, "cart_is_empty")


def test_what_somebody_else_bought_is_gone(api: Api) -> None:
    mug = put_on_sale("mug", stock=1)
    carts = [fill_cart({mug: 1}) for _ in range(2)]
    assert buy(api, guests(carts[0])).status_code == 201
    refused = buy(api, guests(carts[1]))
    assert problem(refused) == (409, "not_enough_stock")
    assert stock_of(mug) == (1, 1)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"cart": None}, {"cart"}),
        ({"cart": 7}, {"cart"}),
        ({"cart": True}, {"cart"}),
        ({"cart": "x"}, {"cart"}),
        ({"cart": ["x"]}, {"cart"}),
        ({"email": "x"}, {"email"}),
        ({"email": None}, {"email"}),
        ({"payment": "elsewhere"}, {"payment"}),
        ({"payment": ["on_delivery"]}, {"payment"}),
        ({"payment": {"a": 1}}, {"payment"}),
        ({"expected_total": "x"}, {"expected_total"}),
        ({"expected_total": "-1"}, {"expected_total"}),
        ({"expected_total": "1.234"}, {"expected_total"}),
        ({"expected_total": "1e400"}, {"expected_total"}),
        ({"expected_total": "Infinity"}, {"expected_total"}),
        ({"expected_total": True}, {"expected_total"}),
        ({"expected_total": 10**400}, {"expected_total"}),
        ({"address": None}, {"address"}),
        ({"address": "1 Long Road"}, {"address"}),
        ({"address": []}, {"address"}),
        ({"address": {}}, {"address.line1", "address.city", "address.country"}),
        ({"address": ADDRESS | {"country": "XX"}}, {"address.country"}),
        ({"address": ADDRESS | {"country": "Germany"}}, {"address.country"}),
        ({"address": ADDRESS | {"city": "Le\0eds"}}, {"address.city"}),
        ({"address": ADDRESS | {"name": "G\r\nBcc: x"}}, {"address.name"}),
        ({"address": ADDRESS | {"postcode": "x" * 21}}, {"address.postcode"}),
        ({"address": ADDRESS | {"line1": "x" * 201}}, {"address.line1"}),
        ({"address": ADDRESS | {"line1": "   "}}, {"address.line1"}),
    ],
    ids=id_of,
)
def test_what_cannot_be_read_orders_nothing(
    api: Api, change: dict[str, Any], fields: set[str]
) -> None:
    mug = put_on_sale()
    cart_id = fill_cart({mug: 1})
    assert mistakes(buy(api, guests(cart_id) | change)) == fields
    assert stock_of(mug) == (10, 0)
    assert not Attempt.objects.exists()


def test_guests_say_who_they_are(api: Api) -> None:
    cart_id = fill_cart({put_on_sale(): 1})
    assert mistakes(buy(api, {"cart": str(cart_id)})) == {"email", "address"}
    nameless = {name: text for name, text in ADDRESS.items() if name != "name"}
    assert mistakes(buy(api, guests(cart_id, address=nameless))) == {"address.name"}


def test_a_wrong_token_is_no_guest(api: Api) -> None:
    cart_id = fill_cart({put_on_sale(): 1})
    assert problem(buy(Api(token="x"), guests(cart_id))) == (401, "invalid_token")
    assert not Order.objects.exists()


def test_a_busy_shop_says_when_to_come_again(api: Api, monkeypatch: Any) -> None:
    def busy(**_: Any) -> None:
        raise Busy

    monkeypatch.setattr("shop.checkout.actions.place_order", busy)
    response = buy(api, guests(fill_cart({put_on_sale(): 1})))
    assert problem(response) == (503, "busy")
    assert response["Retry-After"] == "2"


def test_an_order_costs_these_queries_however_many_lines_it_has(alice: Any) -> None:
    budgets = []
    for count in (1, 20):
        lines = {put_on_sale(f"cup-{count}-{number}"): 1 for number in range(count)}
        cart_id = fill_cart(lines, user=alice)
        with queries_named() as names:
            body = json.loads(
                buy(Api(alice), {"cart": str(cart_id), "address": ADDRESS}, key=f"k{count}").content
            )
        assert len(body["lines"]) == count
        # What signing in for the test costs; the request itself asks nothing before it orders.
        assert names[:1] == ["INSERT accounts_tokenfamily"]
        budgets.append(names[1:])
    assert budgets[0] == budgets[1]
    assert len(budgets[0]) == 14

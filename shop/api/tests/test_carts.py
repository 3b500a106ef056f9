"""Carts: filling one, and whose it is."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from shop.api.tests.calling import Api, mistakes, problem
from shop.cart.models import Cart, CartLine
from shop.catalog import actions as catalog
from shop.catalog.models import Product
from tests.builders import draft_of, fill_cart, put_on_sale
from tests.queries import queries_named


def contents(cart_id: UUID | str) -> dict[int, int]:
    lines = CartLine.objects.filter(cart_id=cart_id)
    return dict(lines.values_list("variant_id", "quantity"))


def product_id_of(variant_id: int) -> int:
    return Product.objects.get(variants__id=variant_id).id


def test_a_guest_opens_a_cart_and_fills_it(api: Api) -> None:
    mug = put_on_sale("mug", price="12.50", stock=10)
    opened = api.post("carts/", {})
    cart_id = opened.json()["id"]
    assert opened.status_code == 201
    assert opened.json() == {
        "id": cart_id,
        "lines": [],
        "total": "0.00",
        "currency": "GBP",
        "can_be_ordered": False,
        "held_until": None,
    }
    response = api.post(f"carts/{cart_id}/lines/", {"variant": mug, "quantity": 3})
    line = {
        "id": CartLine.objects.get().id,
        "product": product_id_of(mug),
        "variant": mug,
        "sku": "mug",
        "name": "Mug",
        "title": "",
        "quantity": 3,
        "price": "12.50",
        "amount": "37.50",
        "available": 10,
        "can_be_had": True,
        "held_until": None,
    }
    cart = {**opened.json(), "lines": [line], "total": "37.50", "can_be_ordered": True}
    assert response.status_code == 201
    assert response.json() == {**line, "cart": cart}
    assert api.get(f"carts/{cart_id}/").json() == cart
    assert Cart.objects.get().user_id is None


def test_every_guest_gets_a_cart_of_their_own(api: Api) -> None:
    assert api.post("carts/", {}).json()["id"] != api.post("carts/").json()["id"]


def test_a_user_has_one_open_cart(alice: Any, bob: Any) -> None:
    first = Api(alice).post("carts/", {"user": bob.id, "id": str(uuid4())})
    again = Api(alice).post("carts/", {})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Cart.objects.get().user_id == alice.id
    assert Api(alice).get("carts/").json()["results"] == [first.json()]
    assert Api(bob).get("carts/").json() == {"next": None, "previous": None, "results": []}


def test_a_list_of_carts_is_nobody_elses(api: Api) -> None:
    assert problem(api.get("carts/")) == (401, "not_authenticated")


def test_a_product_stands_for_its_cheapest_variant_that_can_be_had(api: Api) -> None:
    shared: dict[str, Any] = {"product": "tea", "name": "Tea"}
    put_on_sale("tea-s", price="3.00", stock=0, options=(("Size", "S"),), **shared)
    medium = put_on_sale("tea-m", price="5.00", options=(("Size", "M"),), **shared)
    put_on_sale("tea-l", price="9.00", options=(("Size", "L"),), **shared)
    cart_id = fill_cart({})
    response = api.post(f"carts/{cart_id}/lines/", {"product": product_id_of(medium)})
    assert response.status_code == 201
    assert (response.json()["variant"], response.json()["title"]) == (medium, "M")
    assert contents(cart_id) == {medium: 1}


def test_more_of_the_same_is_one_line(api: Api) -> None:
    mug = put_on_sale()
    cart_id = fill_cart({mug: 2})
    response = api.post(f"carts/{cart_id}/lines/", {"variant": mug, "quantity": 3})
    assert response.json()["quantity"] == 5
    assert contents(cart_id) == {mug: 5}


def test_a_line_is_changed_and_taken_out(api: Api) -> None:
    mug, cup = put_on_sale("mug", price="2.00"), put_on_sale("cup", price="3.00")
    cart_id = fill_cart({mug: 2, cup: 1})
    line_id = CartLine.objects.get(variant_id=mug).id
    changed = api.patch(f"carts/{cart_id}/lines/{line_id}/", {"quantity": 4, "variant": cup})
    assert changed.status_code == 200
    assert (changed.json()["id"], changed.json()["quantity"]) == (line_id, 4)
    assert changed.json()["cart"]["total"] == "11.00"
    removed = api.delete(f"carts/{cart_id}/lines/{line_id}/")
    assert (removed.status_code, removed.content) == (204, b"")
    assert contents(cart_id) == {cup: 1}
    assert problem(api.delete(f"carts/{cart_id}/lines/{line_id}/")) == (404, "unknown_line")
    assert problem(api.patch(f"carts/{cart_id}/lines/{line_id}/", {"quantity": 1})) == (
        404,
        "unknown_line",
    )


def test_a_cart_is_thrown_away(alice: Any) -> None:
    cart_id = fill_cart({put_on_sale(): 1}, user=alice)
    assert Api(alice).delete(f"carts/{cart_id}/").status_code == 204
    assert not Cart.objects.exists()
    assert problem(Api(alice).get(f"carts/{cart_id}/")) == (404, "unknown_cart")
    assert problem(Api(alice).delete(f"carts/{cart_id}/")) == (404, "unknown_cart")


def test_an_owners_cart_is_nobody_elses(api: Api, alice: Any, bob: Any, sam: Any) -> None:
    mug = put_on_sale()
    cart_id = fill_cart({mug: 2}, user=alice)
    line_id = CartLine.objects.get().id
    sam.is_superuser = True
    sam.save()
    for other in (api, Api(bob), Api(sam)):
        answers = [
            other.get(f"carts/{cart_id}/"),
            other.delete(f"carts/{cart_id}/"),
            other.post(f"carts/{cart_id}/lines/", {"variant": mug}),
            other.patch(f"carts/{cart_id}/lines/{line_id}/", {"quantity": 1}),
            other.delete(f"carts/{cart_id}/lines/{line_id}/"),
        ]
        assert {problem(answer) for answer in answers} == {(404, "unknown_cart")}
    assert contents(cart_id) == {mug: 2}


def test_a_line_belongs_to_its_cart(api: Api, alice: Any) -> None:
    mug = put_on_sale()
    own, alices = fill_cart({}), fill_cart({mug: 2}, user=alice)
    line_id = CartLine.objects.get().id
    assert problem(api.delete(f"carts/{own}/lines/{line_id}/")) == (404, "unknown_line")
    assert problem(api.patch(f"carts/{own}/lines/{line_id}/", {"quantity": 1})) == (
        404,
        "unknown_line",
    )
    assert contents(alices) == {mug: 2}


def test_a_guests_cart_is_anybodys_who_knows_it(alice: Any) -> None:
    mug = put_on_sale()
    cart_id = fill_cart({mug: 1})
    assert Api(alice).post(f"carts/{cart_id}/lines/", {"variant": mug}).status_code == 201
    assert contents(cart_id) == {mug: 2}


def test_an_ordered_cart_is_gone_and_does_not_change(api: Api) -> None:
    from shop.checkout import actions as checkout

    mug = put_on_sale()
    cart_id = fill_cart({mug: 1})
    line_id = CartLine.objects.get().id
    checkout.place_order(draft=draft_of(cart_id))
    assert problem(api.get(f"carts/{cart_id}/")) == (404, "unknown_cart")
    answers = [
        api.delete(f"carts/{cart_id}/"),
        api.post(f"carts/{cart_id}/lines/", {"variant": mug}),
        api.patch(f"carts/{cart_id}/lines/{line_id}/", {"quantity": 1}),
        api.delete(f"carts/{cart_id}/lines/{line_id}/"),
    ]
    assert {problem(answer) for answer in answers} == {(409, "cart_is_ordered")}
    assert contents(cart_id) == {mug: 1}


@pytest.mark.parametrize(
    "quantity", [0, -1, 1.5, 10**9, 10**30, "abc", "", None, True, [1], {"x": 1}, "1; DROP", 1e300]
)
def test_a_quantity_nobody_can_buy_changes_nothing(api: Api, quantity: Any) -> None:
    mug = put_on_sale()
    cart_id = fill_cart({mug: 2})
    line_id = CartLine.objects.get().id
    added = api.post(f"carts/{cart_id}/lines/", {"variant": mug, "quantity": quantity})
    changed = api.patch(f"carts/{cart_id}/lines/{line_id}/", {"quantity": quantity})
    assert mistakes(added) == {"quantity"}
    assert mistakes(changed) == {"quantity"}
    assert contents(cart_id) == {mug: 2}


@pytest.mark.parametrize("field", ["variant", "product"])
@pytest.mark.parametrize("wrong", [0, -1, 1.5, 2**63, 10**400, "abc", True, [1], {}])
def test_an_id_that_is_none_changes_nothing(api: Api, field: str, wrong: Any) -> None:
    cart_id = fill_cart({})
    assert mistakes(api.post(f"carts/{cart_id}/lines/", {field: wrong})) == {field}
    assert contents(cart_id) == {}


def test_something_has_to_be_named(api: Api) -> None:
    cart_id = fill_cart({})
    assert mistakes(api.post(f"carts/{cart_id}/lines/", {"quantity": 1})) == {"product"}


def test_what_is_not_there_cannot_be_bought(api: Api) -> None:
    mug, cup = put_on_sale("mug", stock=3), put_on_sale("cup")
    cart_id = fill_cart({})
    lines = f"carts/{cart_id}/lines/"
    assert problem(api.post(lines, {"variant": 9999})) == (404, "unknown_variant")
    assert problem(api.post(lines, {"product": 9999})) == (404, "unknown_product")
    wrong = {"product": product_id_of(mug), "variant": cup}
    assert problem(api.post(lines, wrong)) == (404, "unknown_variant")
    scarce = api.post(lines, {"variant": mug, "quantity": 4})
    assert problem(scarce) == (409, "not_enough_stock")
    assert scarce.json()["data"] == {
        "sku": "mug",
        "variant_id": mug,
        "wanted": 4,
        "available": 3,
        "name": "Mug",
    }
    assert scarce.json()["detail"] == "Of Mug (mug), 4 are wanted and 3 are for sale."
    catalog.set_published(product_ids=[product_id_of(mug)], is_published=False)
    hidden = api.post(lines, {"variant": mug})
    assert problem(hidden) == (404, "unknown_variant")
    assert "Mug" not in hidden.content.decode()
    assert problem(api.post(lines, {"product": product_id_of(mug)})) == (404, "unknown_product")
    assert contents(cart_id) == {}


@pytest.mark.parametrize("cart_id", [uuid4(), "1", "x", "..", "%00"])
def test_a_cart_that_is_none_is_not_found(api: Api, cart_id: Any) -> None:
    status, code = problem(api.get(f"carts/{cart_id}/"))
    assert status == 404
    assert code in {"unknown_cart", "not_found"}


def test_putting_something_in_a_cart_costs_these_queries(alice: Any) -> None:
    mug = put_on_sale()
    client = Api(alice)
    cart_id = client.post("carts/").json()["id"]
    with queries_named() as names:
        client.post(f"carts/{cart_id}/lines/", {"variant": mug})
    assert names == [
        "SELECT accounts_user",
        "SELECT cart_cart",  # locked
        "SELECT cart_cartline",
        "SELECT catalog_variant",
        "SELECT inventory_stocklevel",
        "INSERT cart_cartline",
        "UPDATE cart_cart",
        "SELECT cart_cart",  # as it is now
        "SELECT inventory_stocklevel",
    ]


def test_reading_a_cart_costs_three_queries(api: Api) -> None:
    cart_id = fill_cart({put_on_sale("mug"): 1, put_on_sale("cup"): 2})
    with queries_named() as names:
        api.get(f"carts/{cart_id}/")
    assert names == ["SELECT cart_cart", "SELECT cart_cart", "SELECT inventory_stocklevel"]

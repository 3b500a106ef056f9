"""Limits for hot products: set by staff, read by everybody, and kept."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from shop.api.tests.calling import Api, give_rights, mistakes, problem
from shop.catalog.models import Category, Product
from tests.builders import fill_cart, limit_purchases, put_on_sale, stock_of

pytestmark = pytest.mark.usefixtures("everything_agrees")

ADDRESS = {"name": "Gus", "line1": "1 Long Road", "city": "Leeds", "country": "GB"}


@pytest.fixture
def staff(sam: Any) -> Api:
    return Api(give_rights(sam, "catalog.add_product", "catalog.change_product"))


def test_a_cart_says_until_when_it_holds(staff: Api, api: Api) -> None:
    mug, tea = put_on_sale("mug"), put_on_sale("tea")
    product_id = Product.objects.get(code="mug").id
    changed = staff.patch(f"products/{product_id}/", {"hold_minutes": 10}).json()
    assert changed["hold_minutes"] == 10
    cart_id = fill_cart({tea: 1})
    assert api.get(f"carts/{cart_id}/").json()["held_until"] is None

    line = api.post(f"carts/{cart_id}/lines/", {"variant": mug, "quantity": 3}).json()

    until = datetime.fromisoformat(line["held_until"])
    assert timedelta(minutes=9) < until - timezone.now() <= timedelta(minutes=10)
    cart = api.get(f"carts/{cart_id}/").json()
    assert cart["held_until"] == line["held_until"] == line["cart"]["held_until"]
    assert [line["held_until"] for line in cart["lines"]] == [None, line["held_until"]]
    assert api.get(f"products/{product_id}/").json()["stock"] == 7

    body = {"cart": str(cart_id), "email": "gus@example.com", "address": ADDRESS}
    assert api.post("orders/", body, key="k").status_code == 201
    assert stock_of(mug) == (10, 3)


def limits(body: dict[str, Any]) -> tuple[int | None, int | None]:
    return body["order_limit"], body["customer_limit"]


def test_staff_set_limits_and_everybody_reads_them(staff: Api, api: Api) -> None:
    category: Any = Category.objects.add_root({"name": "Kitchen"})
    mug = {"name": "Mug", "category": category.pk, "price": "12.50", "sku": "mug"}
    added = staff.post("products/", {**mug, "customer_limit": 4}).json()
    assert limits(added) == (None, 4)

    address = f"products/{added['id']}/"
    changed = staff.patch(address, {"order_limit": 2})
    assert (changed.status_code, limits(changed.json())) == (200, (2, 4))
    assert limits(api.get(address).json()) == (2, 4)
    assert limits(api.get("products/").json()["results"][0]) == (2, 4)

    assert limits(staff.patch(address, {"customer_limit": None}).json()) == (2, None)


@pytest.mark.parametrize("value", [0, -1, 1_000_001, "two"])
def test_a_limit_that_is_none(staff: Api, value: object) -> None:
    put_on_sale("mug")
    product = Product.objects.get()

    response = staff.patch(f"products/{product.id}/", {"order_limit": value})

    assert problem(response) == (400, "invalid")
    assert list(mistakes(response)) == ["order_limit"]
    product.refresh_from_db()
    assert product.order_limit is None


def test_a_cart_takes_no_more_than_an_order_can_have(api: Api) -> None:
    mug = put_on_sale("mug")
    limit_purchases(mug, order_limit=2)
    cart_id = fill_cart({mug: 1})

    response = api.post(f"carts/{cart_id}/lines/", {"variant": mug, "quantity": 2})

    assert problem(response) == (409, "over_order_limit")
    assert response.json()["detail"] == "An order can have up to 2 of Mug; 3 are wanted."
    assert api.get(f"carts/{cart_id}/").json()["lines"][0]["quantity"] == 1


def test_a_customer_gets_no_more_than_everybody(api: Api) -> None:
    mug = put_on_sale("mug")
    limit_purchases(mug, customer_limit=2)

    def buy(cart_id: UUID, key: str) -> Any:
        body = {"cart": str(cart_id), "email": "gus@example.com", "address": ADDRESS}
        return api.post("orders/", body, key=key)

    assert buy(fill_cart({mug: 2}), "k1").status_code == 201
    again = fill_cart({mug: 1})
    refused = buy(again, "k2")
    assert problem(refused) == (409, "over_customer_limit")
    assert refused.json()["detail"].startswith("A customer can have up to 2 of Mug, ")
    assert stock_of(mug) == (10, 2)

    # The key is free: when the limit is raised, the same request goes through.
    limit_purchases(mug, customer_limit=3)
    assert buy(again, "k2").status_code == 201

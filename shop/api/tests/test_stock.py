"""Stock by variant and location, as staff see and change it."""

from typing import Any

import pytest

from shop.api.tests.calling import Api, give_rights, id_of, mistakes, problem
from shop.catalog.models import Product
from shop.inventory import actions as inventory
from shop.inventory.models import StockMovement
from tests.builders import place, put_on_sale, stock_of

pytestmark = pytest.mark.usefixtures("everything_agrees")


@pytest.fixture
def staff(sam: Any) -> Api:
    """A member of staff who sees and changes stock."""
    return Api(give_rights(sam, "inventory.view_stocklevel", "inventory.change_stocklevel"))


def path_of(variant_id: int) -> str:
    return f"products/{Product.objects.get(variants__id=variant_id).id}/stock/"


def level(variant_id: int, **more: Any) -> dict[str, Any]:
    return {
        "variant": variant_id,
        "location": "main",
        "location_name": "Main",
        "sells": True,
        "on_hand": 10,
        "promised": 0,
        **more,
    }


def test_stock_is_read_by_variant_and_location(staff: Api) -> None:
    mug = put_on_sale("mug")
    inventory.add_location(code="cellar", name="Cellar", position=1)
    inventory.receive(units={mug: 4}, location_code="cellar", reference="x")
    place({mug: 3})
    response = staff.get(path_of(mug))
    assert response.status_code == 200
    assert response.json() == {
        "next": None,
        "previous": None,
        "results": [
            level(mug, promised=3),
            level(mug, location="cellar", location_name="Cellar", on_hand=4),
        ],
    }


def test_what_runs_low_is_listed(staff: Api) -> None:
    """By what is available, at each place by itself."""
    mug, tea = put_on_sale("mug"), put_on_sale("tea", stock=5)
    put_on_sale("mug", location="shed", stock=0)
    inventory.receive(units={mug: 6}, location_code="shed", reference="x")
    place({mug: 8})
    product = Product.objects.get(variants__id=mug).id

    listed = staff.get("stock/", at_most=5).json()["results"]

    assert listed[0] == {
        **level(mug, promised=8),
        "product": product,
        "sku": "mug",
        "available": 2,
    }
    assert [(row["sku"], row["location"], row["available"]) for row in listed] == [
        ("mug", "main", 2),
        ("tea", "main", 5),
    ]
    assert len(staff.get("stock/").json()["results"]) == 3
    assert staff.get("stock/", at_most=1).json()["results"] == []
    assert tea in {row["variant"] for row in listed}


def test_levels_are_listed_in_pages(staff: Api) -> None:
    for number in range(1, 6):
        put_on_sale(f"mug-{number}", stock=number)

    first = staff.get("stock/", at_most=4, page_size=3).json()
    second = staff.follow(first["next"]).json()

    assert [row["sku"] for row in first["results"]] == ["mug-1", "mug-2", "mug-3"]
    assert [row["sku"] for row in second["results"]] == ["mug-4"]
    assert second["next"] is None


@pytest.mark.parametrize("at_most", ["-1", "few", "1.5", "", str(10**13), "null"])
def test_nonsense_is_no_limit(staff: Api, at_most: str) -> None:
    assert mistakes(staff.get("stock/", at_most=at_most)) == {"at_most"}


def test_stock_is_received(staff: Api, sam: Any) -> None:
    mug = put_on_sale("mug")
    body = {"variant": mug, "location": "main", "receive": 5, "reference": "note 7"}
    response = staff.post(path_of(mug), body)
    assert response.status_code == 200
    assert response.json()["results"] == [level(mug, on_hand=15)]
    last = StockMovement.objects.latest("id")
    assert (last.quantity, last.reason, last.reference, last.by_id) == (
        5,
        "received",
        "note 7",
        sam.id,
    )


def test_stock_is_corrected(staff: Api, sam: Any) -> None:
    mug = put_on_sale("mug")
    response = staff.post(path_of(mug), {"adjust": -10, "reason": "broken"})
    assert response.json()["results"] == [level(mug, on_hand=0)]
    last = StockMovement.objects.latest("id")
    assert (last.quantity, last.reason, last.reference) == (-10, "adjusted", "broken")
    assert Api().get("products/").json()["results"][0]["in_stock"] is False


def test_stock_is_counted(staff: Api, sam: Any) -> None:
    mug = put_on_sale("mug")
    response = staff.post(path_of(mug), {"count": 4, "reference": "autumn"})
    assert response.json()["results"] == [level(mug, on_hand=4)]
    last = StockMovement.objects.latest("id")
    assert (last.quantity, last.reason, last.reference) == (-6, "counted", "autumn")


def test_stock_is_moved(staff: Api, sam: Any) -> None:
    mug = put_on_sale("mug")
    put_on_sale("mug", location="shed", stock=1)
    body = {"location": "main", "move": 4, "to": "shed", "reason": "fair"}
    response = staff.post(path_of(mug), body)
    assert response.status_code == 200
    assert {each["location"]: each["on_hand"] for each in response.json()["results"]} == {
        "main": 6,
        "shed": 5,
    }
    moved = StockMovement.objects.order_by("-id").values_list("quantity", "reason", "by_id")[:2]
    assert list(moved) == [(4, "moved", sam.id), (-4, "moved", sam.id)]


def test_what_was_promised_stays(staff: Api) -> None:
    mug = put_on_sale("mug")
    place({mug: 3})
    response = staff.post(path_of(mug), {"adjust": -8, "reason": "lost"})
    assert problem(response) == (409, "stock_is_promised")
    assert stock_of(mug) == (10, 3)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"receive": 1, "adjust": 1}, 400, "invalid"),
        ({"receive": 0}, 400, "invalid"),
        ({"receive": -1}, 400, "invalid"),
        ({"receive": 1.5}, 400, "invalid"),
        ({"receive": 10**13}, 400, "invalid"),
        ({"receive": None}, 400, "invalid"),
        ({"receive": True}, 400, "invalid"),
        ({"count": -1}, 400, "invalid"),
        ({"move": 1}, 400, "invalid"),
        ({"receive": 1, "to": "main"}, 400, "invalid"),
        ({"move": 1, "to": "main"}, 422, "same_location"),
        ({"move": 1, "to": "moon"}, 404, "unknown_location"),
        ({"adjust": "x"}, 400, "invalid"),
        ({"adjust": -(10**13)}, 400, "invalid"),
        ({"adjust": 0}, 422, "invalid_stock_quantity"),
        ({"adjust": -11}, 422, "invalid_stock_quantity"),
        ({"receive": 10**12}, 422, "invalid_stock_quantity"),
        ({"receive": 1, "variant": 9999}, 404, "unknown_variant"),
        ({"receive": 1, "location": "moon"}, 404, "unknown_location"),
        ({"receive": 1, "location": "a\0"}, 400, "invalid"),
        ({"receive": 1, "reference": "x" * 201}, 400, "invalid"),
    ],
    ids=id_of,
)
def test_what_cannot_be_changes_nothing(
    staff: Api, body: dict[str, Any], status: int, code: str
) -> None:
    mug = put_on_sale("mug")
    assert problem(staff.post(path_of(mug), body)) == (status, code)
    assert stock_of(mug) == (10, 0)
    assert StockMovement.objects.count() == 1


def test_a_variant_of_several_has_to_be_named(staff: Api) -> None:
    shared: dict[str, Any] = {"product": "tea", "name": "Tea"}
    small = put_on_sale("s", options=(("Size", "S"),), **shared)
    put_on_sale("l", options=(("Size", "L"),), **shared)
    other = put_on_sale("mug")
    assert mistakes(staff.post(path_of(small), {"receive": 1})) == {"variant"}
    wrong = staff.post(path_of(small), {"receive": 1, "variant": other})
    assert problem(wrong) == (404, "unknown_variant")
    assert problem(staff.get("products/9999/stock/")) == (404, "unknown_product")
    assert stock_of(other) == (10, 0)


def test_seeing_stock_is_not_changing_it(sam: Any) -> None:
    clerk = Api(give_rights(sam, "inventory.view_stocklevel"))
    mug = put_on_sale("mug")
    assert clerk.get(path_of(mug)).status_code == 200
    assert problem(clerk.post(path_of(mug), {"receive": 1})) == (403, "permission_denied")
    assert stock_of(mug) == (10, 0)

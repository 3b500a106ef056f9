"""Products, variants and categories as staff write them."""

from decimal import Decimal
from typing import Any

import pytest

from shop.api.tests.calling import Api, give_rights, id_of, mistakes, problem
from shop.catalog.models import Category, Product, Variant
from shop.inventory.models import StockMovement
from tests.builders import place, put_on_sale, stock_of

pytestmark = pytest.mark.usefixtures("everything_agrees")

RIGHTS = [
    f"catalog.{verb}_{model}"
    for verb in ("add", "change", "delete")
    for model in ("product", "variant", "category")
]


@pytest.fixture
def staff(sam: Any) -> Api:
    """A member of staff who may write the catalogue, but not its stock."""
    return Api(give_rights(sam, *RIGHTS))


@pytest.fixture
def shelf(db: None) -> int:
    """A category; its id."""
    return int(Category.objects.add_root({"name": "Kitchen"}).pk)


def mug(category: int, /, **more: Any) -> dict[str, Any]:
    return {"name": "Mug", "category": category, "price": "12.50", "sku": "mug", **more}


def test_a_simple_product_is_added(staff: Api, shelf: int) -> None:
    response = staff.post("products/", mug(shelf, description="Holds tea.\nAnd coffee.", rating=5))
    body = response.json()
    assert response.status_code == 201
    assert (body["name"], body["description"]) == ("Mug", "Holds tea.\nAnd coffee.")
    assert (body["price"], body["stock"], body["is_published"]) == ("12.50", 0, True)
    assert body["rating"] is None
    assert [variant["sku"] for variant in body["variants"]] == ["mug"]
    assert Api().get(f"products/{body['id']}/").json() == body
    assert Product.objects.get().code == "mug"


def test_a_product_comes_with_its_first_stock(staff: Api, sam: Any, shelf: int) -> None:
    refused = staff.post("products/", mug(shelf, stock=7))
    assert problem(refused) == (403, "permission_denied")
    assert not Product.objects.exists()
    give_rights(sam, "inventory.change_stocklevel")
    response = staff.post("products/", mug(shelf, stock=7))
    assert (response.json()["stock"], response.json()["in_stock"]) == (7, True)
    movement = StockMovement.objects.get()
    assert (movement.quantity, movement.by_id, movement.level.location.code) == (7, sam.id, "main")


def test_a_product_with_variants_is_added(staff: Api, shelf: int) -> None:
    red = {"sku": "r", "price": "20", "regular_price": "25.00", "options": {"Colour": "Red"}}
    blue = {"sku": "b", "price": "30.00", "options": {"Colour": "Blue"}, "is_published": False}
    body = {"name": "Shirt", "category": shelf, "code": "shirt", "variants": [red, blue]}
    response = staff.post("products/", body)
    assert response.status_code == 201
    assert (response.json()["price"], response.json()["regular_price"]) == ("20.00", "25.00")
    assert [
        (variant["sku"], variant["title"], variant["is_published"])
        for variant in response.json()["variants"]
    ] == [("r", "Red", True), ("b", "Blue", False)]
    (seen,) = Api().get("products/").json()["results"]
    assert [variant["sku"] for variant in seen["variants"]] == ["r"]


def test_a_product_can_be_added_hidden(staff: Api, shelf: int) -> None:
    response = staff.post("products/", mug(shelf, is_published=False))
    assert response.status_code == 201
    assert response.json()["is_published"] is False
    assert problem(Api().get(f"products/{response.json()['id']}/")) == (404, "unknown_product")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"name": ""}, {"name"}),
        ({"name": "x" * 256}, {"name"}),
        ({"name": "a\0b"}, {"name"}),
        ({"name": ["a"]}, {"name"}),
        ({"category": "x"}, {"category"}),
        ({"category": None}, {"category"}),
        ({"category": 2**63}, {"category"}),
        ({"price": "-1"}, {"price"}),
        ({"price": "1.234"}, {"price"}),
        ({"price": "NaN"}, {"price"}),
        ({"price": None}, {"price"}),
        ({"price": 10**15}, {"price"}),
        ({"regular_price": "x"}, {"regular_price"}),
        ({"sku": " "}, {"sku"}),
        ({"sku": "x" * 65}, {"sku"}),
        ({"description": "\0"}, {"description"}),
        ({"description": 1.5e5, "is_published": None}, {"is_published"}),
        ({"stock": -1}, {"stock"}),
        ({"stock": 10**13}, {"stock"}),
        ({"stock": "many"}, {"stock"}),
        ({"variants": []}, {"variants"}),
        ({"variants": {"sku": "x"}}, {"variants"}),
        ({"variants": [{"sku": "x", "price": "1"}]}, {"sku", "price"}),
    ],
    ids=id_of,
)
def test_what_no_product_can_be_is_refused(
    staff: Api, shelf: int, change: dict[str, Any], fields: set[str]
) -> None:
    assert mistakes(staff.post("products/", mug(shelf, **change))) == fields
    assert not Product.objects.exists()


def test_mistakes_in_variants_are_named_by_their_place(staff: Api, shelf: int) -> None:
    variants = [{"sku": "a", "price": "1"}, {"price": "x", "options": {"Colour": "\0"}}]
    response = staff.post("products/", {"name": "S", "category": shelf, "variants": variants})
    assert mistakes(response) == {
        "variants.1.sku",
        "variants.1.price",
        "variants.1.options.Colour",
    }


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"category": 9999}, 404, "unknown_category"),
        ({"sku": "cup"}, 409, "sku_taken"),
        ({"regular_price": "1.00"}, 422, "regular_price_below_price"),
        ({"sku": "a\u200bb"}, 422, "invalid_product"),
    ],
)
def test_what_the_catalogue_refuses_is_said(
    staff: Api, shelf: int, change: dict[str, Any], status: int, code: str
) -> None:
    put_on_sale("cup")
    assert problem(staff.post("products/", mug(shelf, **change))) == (status, code)
    assert Product.objects.count() == 1


def test_a_product_is_changed(staff: Api, shelf: int) -> None:
    variant_id = put_on_sale("mug")
    product = Product.objects.get()
    change = {"name": "Big mug", "category": shelf, "price": "9.99", "regular_price": "12.50"}
    response = staff.patch(f"products/{product.id}/", change | {"in_stock": False, "x": 1})
    body = response.json()
    assert response.status_code == 200
    assert (body["name"], body["category"]["name"]) == ("Big mug", "Kitchen")
    assert (body["price"], body["regular_price"], body["stock"]) == ("9.99", "12.50", 10)
    assert Variant.objects.get(id=variant_id).price == Decimal("9.99")
    back = staff.patch(f"products/{product.id}/", {"regular_price": None})
    assert (back.json()["name"], back.json()["regular_price"]) == ("Big mug", None)
    hidden = staff.patch(f"products/{product.id}/", {"is_published": False})
    assert hidden.json()["is_published"] is False


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"category": 9999, "price": "1.00"}, 404, "unknown_category"),
        ({"sku": "cup", "name": "Cup"}, 409, "sku_taken"),
        ({"name": "", "price": "1.00"}, 400, "invalid"),
        ({"price": "-1", "name": "x"}, 400, "invalid"),
        ({"name": None}, 400, "invalid"),
        ({"regular_price": "0.01", "name": "x"}, 422, "regular_price_below_price"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(
    staff: Api, change: dict[str, Any], status: int, code: str
) -> None:
    put_on_sale("cup")
    variant_id = put_on_sale("mug")
    product = Product.objects.get(name="Mug")
    assert problem(staff.patch(f"products/{product.id}/", change)) == (status, code)
    after = Product.objects.get(id=product.id)
    assert (after.name, after.price, after.category_id) == (
        "Mug",
        Decimal("12.50"),
        product.category_id,
    )
    assert Variant.objects.get(id=variant_id).sku == "mug"


def test_variants_of_a_family_are_changed_one_by_one(staff: Api) -> None:
    shared: dict[str, Any] = {"product": "tea", "name": "Tea"}
    small = put_on_sale("s", options=(("Size", "S"),), **shared)
    put_on_sale("l", options=(("Size", "L"),), **shared)
    product_id = Product.objects.get().id
    assert mistakes(staff.patch(f"products/{product_id}/", {"price": "1.00"})) == {"price"}
    path = f"products/{product_id}/variants/{small}/"
    response = staff.patch(path, {"price": "1.00", "options": {"Size": "XS"}})
    assert response.status_code == 200
    assert response.json() == {
        "id": small,
        "sku": "s",
        "title": "XS",
        "price": "1.00",
        "regular_price": None,
        "stock": 10,
        "is_published": True,
        "options": [{"code": "size", "name": "Size", "value": "xs", "value_name": "XS"}],
    }
    assert Product.objects.get().price == Decimal("1.00")


def test_a_variant_is_added_and_removed(staff: Api) -> None:
    put_on_sale("mug", stock=0)
    product_id = Product.objects.get().id
    path = f"products/{product_id}/variants/"
    added = staff.post(path, {"sku": "mug-xl", "price": "15.00", "options": {"Size": "XL"}})
    assert added.status_code == 201
    assert (added.json()["title"], added.json()["stock"]) == ("XL", 0)
    assert problem(staff.post(path, {"sku": "mug-xl", "price": "15.00"})) == (409, "sku_taken")
    assert problem(staff.post("products/9999/variants/", {"sku": "x", "price": "1"})) == (
        404,
        "unknown_product",
    )
    assert staff.delete(f"{path}{added.json()['id']}/").status_code == 204
    assert Variant.objects.get().sku == "mug"


def test_a_variant_belongs_to_its_product(staff: Api) -> None:
    mug_id, cup_id = put_on_sale("mug"), put_on_sale("cup")
    product_id = Product.objects.get(name="Mug").id
    path = f"products/{product_id}/variants/{cup_id}/"
    assert problem(staff.patch(path, {"price": "1.00"})) == (404, "unknown_variant")
    assert problem(staff.delete(path)) == (404, "unknown_variant")
    assert set(Variant.objects.values_list("id", flat=True)) == {mug_id, cup_id}


def test_what_was_ordered_stays(staff: Api) -> None:
    mug_id = put_on_sale("mug")
    place({mug_id: 1})
    product_id = Product.objects.get().id
    assert problem(staff.delete(f"products/{product_id}/")) == (409, "product_is_ordered")
    path = f"products/{product_id}/variants/{mug_id}/"
    assert problem(staff.delete(path)) == (409, "variant_is_ordered")
    assert stock_of(mug_id) == (10, 1)


def test_what_was_never_sold_goes(staff: Api) -> None:
    put_on_sale("mug", stock=0)
    product_id = Product.objects.get().id
    response = staff.delete(f"products/{product_id}/")
    assert (response.status_code, response.content) == (204, b"")
    assert not Product.objects.exists()
    assert problem(staff.delete(f"products/{product_id}/")) == (404, "unknown_product")


def test_shoppers_write_nothing(api: Api, alice: Any, sam: Any, shelf: int) -> None:
    mug_id = put_on_sale("mug", stock=0)
    product = Product.objects.get()
    before = list(Product.objects.values()), list(Variant.objects.values())
    calls: list[tuple[str, str, Any]] = [
        ("POST", "products/", mug(shelf, sku="new")),
        ("PATCH", f"products/{product.id}/", {"price": "0.01"}),
        ("DELETE", f"products/{product.id}/", None),
        ("POST", f"products/{product.id}/variants/", {"sku": "x", "price": "1"}),
        ("PATCH", f"products/{product.id}/variants/{mug_id}/", {"price": "0.01"}),
        ("DELETE", f"products/{product.id}/variants/{mug_id}/", None),
        ("GET", f"products/{product.id}/stock/", None),
        ("POST", f"products/{product.id}/stock/", {"receive": 5}),
        ("POST", "categories/", {"name": "X"}),
        ("PATCH", f"categories/{shelf}/", {"name": "X"}),
        ("DELETE", f"categories/{shelf}/", None),
    ]
    # A right without being staff is none, and neither is being staff without a right.
    give_rights(alice, *RIGHTS)
    for method, path, body in calls:
        assert problem(api.send(method, path, body)) == (401, "not_authenticated")
        assert problem(Api(alice).send(method, path, body)) == (403, "permission_denied")
        assert problem(Api(sam).send(method, path, body)) == (403, "permission_denied")
    assert (list(Product.objects.values()), list(Variant.objects.values())) == before
    assert Category.objects.get(id=shelf).name == "Kitchen"


def test_one_right_is_not_another(sam: Any, shelf: int) -> None:
    clerk = Api(give_rights(sam, "catalog.change_product"))
    put_on_sale("mug", stock=0)
    product_id = Product.objects.get().id
    assert clerk.patch(f"products/{product_id}/", {"name": "Cup"}).status_code == 200
    assert problem(clerk.delete(f"products/{product_id}/")) == (403, "permission_denied")
    assert problem(clerk.post("products/", mug(shelf))) == (403, "permission_denied")


def test_categories_are_added_moved_and_removed(staff: Api, shelf: int) -> None:
    added = staff.post("categories/", {"name": "Mugs", "description": "M.", "parent": shelf})
    mugs = added.json()["id"]
    assert added.status_code == 201
    assert added.json() == {
        "id": mugs,
        "name": "Mugs",
        "description": "M.",
        "image": None,
        "parent": shelf,
    }
    assert problem(staff.delete(f"categories/{shelf}/")) == (409, "category_is_in_use")
    assert problem(staff.patch(f"categories/{shelf}/", {"parent": mugs})) == (
        409,
        "invalid_category_place",
    )
    moved = staff.patch(f"categories/{mugs}/", {"parent": None, "name": "Cups"})
    assert moved.json() == {**added.json(), "name": "Cups", "parent": None}
    assert staff.delete(f"categories/{mugs}/").status_code == 204
    assert [category.name for category in Category.objects.all()] == ["Kitchen"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "kitchen"}, 409, "category_name_taken"),
        ({"name": "X", "parent": 9999}, 404, "unknown_category"),
        ({"name": "X", "parent": "top"}, 400, "invalid"),
        ({"name": ""}, 400, "invalid"),
        ({"name": "a\0"}, 400, "invalid"),
        ({"name": "x" * 201}, 400, "invalid"),
        ({}, 400, "invalid"),
    ],
)
def test_what_no_category_can_be_is_refused(
    staff: Api, shelf: int, body: dict[str, Any], status: int, code: str
) -> None:
    assert problem(staff.post("categories/", body)) == (status, code)
    assert Category.objects.count() == 1

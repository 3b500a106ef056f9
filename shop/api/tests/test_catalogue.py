"""Products and categories as everybody reads them."""

from decimal import Decimal
from typing import Any

import pytest

from shop.api.tests.calling import ROOT, Api, id_of, mistakes, problem
from shop.catalog import actions as catalog
from shop.catalog.models import Category, Product
from shop.inventory import actions as inventory
from shop.reviews import actions as reviews
from tests.builders import place, put_on_sale
from tests.queries import queries_named


def shirts() -> tuple[int, int]:
    """Put two shirts on sale: a red one for 20 (was 25) and a blue one for 30; return their ids."""
    shared: dict[str, Any] = {
        "product": "shirt",
        "name": "Shirt",
        "category": ("Clothes", "Shirts"),
    }
    red = put_on_sale(
        "shirt-red",
        price="20.00",
        stock=3,
        regular_price=Decimal("25.00"),
        options=(("Colour", "Red"), ("Size", "M")),
        description="Soft.",
        **shared,
    )
    blue = put_on_sale(
        "shirt-blue", price="30.00", stock=0, options=(("Colour", "Blue"), ("Size", "M")), **shared
    )
    return red, blue


def product_of(variant_id: int) -> Product:
    return Product.objects.get(variants__id=variant_id)


def ids(response: Any) -> list[int]:
    return [entry["id"] for entry in response.json()["results"]]


def test_a_simple_product_has_one_variant(api: Api) -> None:
    mug = put_on_sale("mug", price="12.5", stock=10, description="Holds tea.")
    product = product_of(mug)
    response = api.get(f"products/{product.id}/")
    assert response.status_code == 200
    assert response.json() == {
        "id": product.id,
        "name": "Mug",
        "description": "Holds tea.",
        "price": "12.50",
        "regular_price": None,
        "stock": 10,
        "in_stock": True,
        "rating": None,
        "review_count": 0,
        "is_published": True,
        **dict.fromkeys(("order_limit", "customer_limit", "hold_minutes")),
        "created_at": product.created_at.isoformat().replace("+00:00", "Z"),
        "category": {
            "id": product.category_id,
            "name": "Uncategorised",
            "description": "",
            "image": None,
        },
        "image": None,
        "pictures": [],
        "variants": [
            {
                "id": mug,
                "sku": "mug",
                "title": "",
                "price": "12.50",
                "regular_price": None,
                "stock": 10,
                "is_published": True,
                "options": [],
            }
        ],
    }


def test_variants_have_prices_stock_and_options(api: Api) -> None:
    red, blue = shirts()
    body = api.get(f"products/{product_of(red).id}/").json()
    assert (body["price"], body["regular_price"], body["stock"]) == ("20.00", "25.00", 3)
    colour = {"code": "colour", "name": "Colour"}
    size = {"code": "size", "name": "Size", "value": "m", "value_name": "M"}
    assert [(variant["id"], variant["title"]) for variant in body["variants"]] == [
        (red, "Red, M"),
        (blue, "Blue, M"),
    ]
    assert body["variants"][0]["options"] == [{**colour, "value": "red", "value_name": "Red"}, size]
    assert body["variants"][1]["options"] == [
        {**colour, "value": "blue", "value_name": "Blue"},
        size,
    ]
    assert [variant["stock"] for variant in body["variants"]] == [3, 0]


def test_stock_is_what_can_be_sold_over_all_locations(api: Api) -> None:
    mug = put_on_sale("mug", stock=10)
    inventory.add_location(code="cellar", name="Cellar")
    inventory.receive(units={mug: 5}, location_code="cellar", reference="x")
    place({mug: 4})
    product_id = product_of(mug).id
    assert api.get(f"products/{product_id}/").json()["stock"] == 11
    assert api.get("products/").json()["results"][0]["stock"] == 11


def test_lists_and_single_products_say_the_same(api: Api) -> None:
    red, _ = shirts()
    put_on_sale("mug")
    listed = api.get("products/", sort="newest").json()
    assert listed["next"] is None
    assert listed["previous"] is None
    single = api.get(f"products/{product_of(red).id}/").json()
    assert single in listed["results"]


def test_ratings_are_shown(api: Api, alice: Any, bob: Any) -> None:
    product_id = product_of(put_on_sale()).id
    reviews.write(user_id=alice.id, product_id=product_id, rating=5, text="")
    reviews.write(user_id=bob.id, product_id=product_id, rating=4, text="")
    body = api.get(f"products/{product_id}/").json()
    assert (body["rating"], body["review_count"]) == ("4.50", 2)


def test_hidden_products_and_variants_are_not_there(api: Api) -> None:
    red, blue = shirts()
    mug = product_of(put_on_sale("mug"))
    catalog.set_published(product_ids=[mug.id], is_published=False)
    catalog.change_variant(variant_id=red, changes={"is_published": False})
    assert problem(api.get(f"products/{mug.id}/")) == (404, "unknown_product")
    (shirt,) = api.get("products/").json()["results"]
    assert [variant["id"] for variant in shirt["variants"]] == [blue]
    assert (shirt["price"], shirt["stock"], shirt["in_stock"]) == ("30.00", 0, False)


def test_a_product_without_variants_has_no_price(api: Api) -> None:
    product = product_of(put_on_sale("mug", stock=0))
    product.variants.update(is_published=False)
    Product.objects.update(price=None)
    body = api.get(f"products/{product.id}/").json()
    assert (body["price"], body["stock"], body["variants"]) == (None, 0, [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Apple", "Bowl", "Shirt"]),
        ({"sort": "price"}, ["Apple", "Bowl", "Shirt"]),
        ({"sort": "price_desc"}, ["Shirt", "Bowl", "Apple"]),
        ({"sort": "newest"}, ["Shirt", "Bowl", "Apple"]),
        ({"in_stock": "1"}, ["Bowl", "Shirt"]),
        ({"in_stock": "true"}, ["Bowl", "Shirt"]),
        ({"in_stock": "false"}, ["Apple", "Bowl", "Shirt"]),
        ({"price_from": "5"}, ["Bowl", "Shirt"]),
        ({"price_from": "5.00", "price_to": "19.99"}, ["Bowl"]),
        ({"options": "colour:red"}, ["Shirt"]),
        ({"options": "colour:red,size:l"}, []),
        ({"options": "colour:green"}, []),
        ({"options": ""}, ["Apple", "Bowl", "Shirt"]),
    ],
    ids=id_of,
)
def test_lists_are_narrowed_down_and_sorted(
    api: Api, query: dict[str, str], found: list[str]
) -> None:
    put_on_sale("apple", price="1.00", stock=0)
    put_on_sale("bowl", price="10.00")
    shirts()
    response = api.get("products/", **query)
    assert [product["name"] for product in response.json()["results"]] == found


def test_a_category_has_the_products_of_those_below_it(api: Api) -> None:
    put_on_sale("mug")
    red, _ = shirts()
    shirt = product_of(red)
    clothes = Category.objects.get(name="Clothes")
    for category_id in (clothes.id, shirt.category_id):
        assert ids(api.get("products/", category=category_id)) == [shirt.id]
    assert problem(api.get("products/", category=9999)) == (404, "unknown_category")


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"sort": "weight"}, {"sort"}),
        ({"category": "x"}, {"category"}),
        ({"category": str(2**63)}, {"category"}),
        ({"category": "0"}, {"category"}),
        ({"price_from": "cheap"}, {"price_from"}),
        ({"price_to": "-1"}, {"price_to"}),
        ({"price_to": "NaN"}, {"price_to"}),
        ({"in_stock": "maybe"}, {"in_stock"}),
        ({"page_size": "0"}, {"page_size"}),
        ({"page_size": "101"}, {"page_size"}),
        ({"page_size": "ten"}, {"page_size"}),
        ({"cursor": "a\0"}, {"cursor"}),
    ],
    ids=id_of,
)
def test_a_query_that_cannot_be_read_is_refused(
    api: Api, query: dict[str, str], fields: set[str]
) -> None:
    assert mistakes(api.get("products/", **query)) == fields


def test_options_that_cannot_be_read_are_refused(api: Api) -> None:
    assert problem(api.get("products/", options="red")) == (400, "invalid_filter")


@pytest.mark.parametrize("cursor", ["x", "WzFd:abc", "é", ":" * 50])
def test_a_cursor_of_somebody_else_leads_nowhere(api: Api, cursor: str) -> None:
    assert problem(api.get("products/", cursor=cursor)) == (404, "invalid_cursor")


def test_a_list_goes_on_page_by_page_and_back(api: Api) -> None:
    for name in "abcde":
        put_on_sale(name, price="2.00")
    first = api.get("products/", page_size=2, price_from="1").json()
    assert [product["name"] for product in first["results"]] == ["A", "B"]
    assert first["previous"] is None
    assert first["next"].startswith(f"{ROOT}/products/?")
    second = api.follow(first["next"]).json()
    assert [product["name"] for product in second["results"]] == ["C", "D"]
    third = api.follow(second["next"]).json()
    assert [product["name"] for product in third["results"]] == ["E"]
    assert third["next"] is None
    assert api.follow(third["previous"]).json()["results"] == second["results"]


def test_categories_are_a_tree(api: Api) -> None:
    shirts()
    clothes, below = Category.objects.get(name="Clothes"), Category.objects.get(name="Shirts")
    body = {"id": clothes.id, "name": "Clothes", "description": "", "image": None, "parent": None}
    assert api.get(f"categories/{clothes.id}/").json() == body
    assert api.get("categories/").json() == {
        "next": None,
        "previous": None,
        "results": [body, {**body, "id": below.id, "name": "Shirts", "parent": clothes.id}],
    }
    assert problem(api.get("categories/9999/")) == (404, "unknown_category")


@pytest.mark.parametrize("count", [1, 7])
def test_a_list_costs_five_queries_however_long_it_is(api: Api, count: int) -> None:
    for number in range(count):
        put_on_sale(f"cup-{number}", options=(("Size", str(number)),))
    with queries_named() as names:
        assert len(ids(api.get("products/"))) == count
    assert names == [
        "SELECT catalog_product",  # which, and in which order
        "SELECT catalog_product",
        "SELECT catalog_variant",
        "SELECT catalog_productimage",
        "SELECT inventory_stocklevel",
    ]


def test_a_product_costs_four_queries(api: Api) -> None:
    red, _ = shirts()
    product_id = product_of(red).id
    with queries_named() as names:
        api.get(f"products/{product_id}/")
    assert names == [
        "SELECT catalog_product",
        "SELECT catalog_variant",
        "SELECT catalog_productimage",
        "SELECT inventory_stocklevel",
    ]


def test_categories_cost_two_queries(api: Api) -> None:
    shirts()
    with queries_named() as names:
        api.get("categories/")
    assert names == ["SELECT catalog_category"] * 2


def test_a_public_read_looks_at_no_token(api: Api) -> None:
    """What everybody sees is the same for everybody, whatever they send."""
    product_id = product_of(put_on_sale()).id
    for path in ("products/", f"products/{product_id}/", "categories/", "reviews/"):
        with queries_named() as names:
            response = Api(token="nonsense").get(path)
        assert response.status_code == 200
        assert "SELECT accounts_user" not in names
        assert not response.cookies

"""Pages for everybody: the same bytes for whoever looks, at a fixed number of queries."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from shop.catalog.models import Product, ProductImage
from shop.reviews.models import Review
from shop.storefront import pages
from shop.storefront.tests.reading import tags
from shop.storefront.tests.shelves import PUBLIC, address_of, category, onwards, product_of
from tests.builders import put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.once]

NARROW = "?price_from=1&options=colour:blue,colour:red,size:m&in_stock=1&sort=rating"


@pytest.fixture
def mug() -> Product:
    return product_of(put_on_sale("mug", category=("Kitchen", "Cups")))


@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages_are_only_for_looking(client: Client, mug: Product, name: str) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(address_of(name, mug)).status_code == 405
    assert client.head(address_of(name, mug)).status_code == 200


@pytest.mark.parametrize("name", PUBLIC)
def test_everybody_gets_the_same_bytes(
    client: Client, mug: Product, name: str, alice: Any, sam: Any
) -> None:
    address = address_of(name, mug)
    first = client.get(address)
    client.post(f"/cart/add/{mug.id}/")
    assert client.get(address).content == first.content
    for user in (alice, sam):
        client.force_login(user)
        assert client.get(address).content == first.content
    assert client.get(address, headers={"HX-Request": "true"}).content == first.content
    assert not first.cookies
    assert "Vary" not in first.headers
    assert "csrf" not in first.content.decode()


class Nobody:
    """Stands for what a public page must not ask about."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a public page asks for {name}")

    def __bool__(self) -> bool:
        raise AssertionError("a public page asks who is there")


@pytest.mark.parametrize("query", ["", NARROW, "?in_stock=maybe", "?in_stock=0"])
@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_does_not_ask_who_looks(
    rf: RequestFactory, mug: Product, name: str, query: str
) -> None:
    request = rf.get(address_of(name, mug) + query)
    for personal in ("user", "session", "COOKIES", "_messages"):
        setattr(request, personal, Nobody())
    arguments = {"category_detail": [mug.category_id], "product_detail": [mug.id]}
    response = getattr(pages, name)(request, *arguments.get(name, []))
    assert response.status_code in {200, 301, 400}
    assert "Set-Cookie" not in response.headers
    assert "Vary" not in response.headers


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_brings_no_script_or_style_of_its_own(
    client: Client, mug: Product, name: str
) -> None:
    """A content security policy can forbid both everywhere."""
    for tag, attributes in tags(client.get(address_of(name, mug))):
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith(("on", "hx-on", "hx-vals"))]
        if tag == "script":
            assert attributes["src"].startswith("/static/")
            assert "defer" in attributes


# --- What they cost -------------------------------------------------------------------------------


@pytest.fixture
def many() -> Product:
    """Thirty products on three levels, with variants, pictures and reviews; return the last."""
    for number in range(30):
        for size in ("M", "L"):
            put_on_sale(
                f"p{number:02}-{size}", product=f"p{number:02}", name=f"P{number:02}",
                category=("A", "B", f"C{number % 3}"),
                options=(("Colour", "Red" if number % 2 else "Blue"), ("Size", size)),
            )  # fmt: skip
    product = Product.objects.get(code="p29")
    for position in range(3):
        ProductImage.objects.create(
            product=product, file=f"pictures/{position}.webp", position=position, width=1, height=1
        )
    Product.objects.update(rating=4, rating_rank=4, review_count=1)
    return product


def test_the_first_page_costs_four_queries(client: Client, many: Product) -> None:
    with queries_named() as queries:
        client.get("/")
    assert queries == [
        "SELECT catalog_product",  # what is new
        "SELECT catalog_product",  # what is liked best
        "SELECT catalog_productimage",
        "SELECT catalog_category",
    ]


@pytest.mark.parametrize("query", ["", NARROW, "?category="])
def test_a_list_costs_four_queries(client: Client, many: Product, query: str) -> None:
    chosen = query + str(category("C1").id) if query == "?category=" else query
    expected = [
        "SELECT catalog_category",
        "SELECT catalog_product",
        "SELECT catalog_productimage",
        "SELECT catalog_option",  # what to choose from
    ]
    with queries_named() as queries:
        response = client.get(f"/products/{chosen}")
    assert queries == expected
    after = onwards(response, "next")
    if after is not None:
        with queries_named() as queries:
            client.get(after)
        assert queries == expected


@pytest.mark.parametrize("name", ["A", "B", "C1"])
def test_a_category_costs_five_queries(client: Client, many: Product, name: str) -> None:
    address = f"/{category(name).id}/"
    with queries_named() as queries:
        client.get(address + NARROW)
    assert queries == [
        "SELECT catalog_category",  # itself
        "SELECT catalog_category",  # above and below it
        "SELECT catalog_product",
        "SELECT catalog_productimage",
        "SELECT catalog_option",  # what to choose from
    ]


def test_a_product_costs_five_queries_however_much_there_is_of_it(
    client: Client, many: Product, alice: Any, bob: Any
) -> None:
    for user in (alice, bob):
        Review.objects.create(product=many, user=user, author="Una U.", rating=4, text="Fine.")
    with queries_named() as queries:
        client.get(f"/products/{many.id}/")
    assert queries == [
        "SELECT catalog_variant",  # with the product and its category
        "SELECT inventory_stocklevel",
        "SELECT catalog_category",  # above it
        "SELECT catalog_productimage",
        "SELECT reviews_review",
    ]


def test_what_cannot_be_read_costs_nothing(client: Client, many: Product) -> None:
    for query in ("?in_stock=maybe", "?in_stock=0"):
        with queries_named() as queries:
            client.get(f"/products/{query}")
        assert queries == []

"""What everybody sees: categories, lists and products, the same for whoever looks."""

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from shop.catalog.models import Category, Product, Variant
from shop.storefront import pages
from shop.storefront.tests.reading import links, tags, words
from tests.builders import put_on_sale
from tests.queries import queries_named

pytestmark = pytest.mark.django_db

PUBLIC = ["category_list", "category_detail", "product_list", "product_detail"]


def product_of(variant_id: int) -> Product:
    return Variant.objects.get(id=variant_id).product


def category(name: str) -> Category:
    found: Category = Category.objects.get(name=name)
    return found


@pytest.fixture
def mug() -> Product:
    return product_of(put_on_sale("mug", category=("Kitchen", "Cups"), description="Holds tea."))


def address_of(name: str, product: Product) -> str:
    arguments = {"category_detail": [product.category_id], "product_detail": [product.id]}
    return reverse(name, args=arguments.get(name))


# --- What they show -------------------------------------------------------------------------------


def test_an_empty_shop_says_how_to_fill_it(client: Client) -> None:
    for name in ("category_list", "product_list"):
        response = client.get(reverse(name))
        assert response.status_code == 200
        assert "python manage.py import_catalogue products.csv" in words(response)


def test_the_first_page_shows_the_shelves_and_what_is_new(client: Client, mug: Product) -> None:
    put_on_sale("fork", category=("Kitchen", "Cutlery"), price="3")
    response = client.get("/")
    assert words(response) == (
        "Categories Kitchen Cups Cutlery New in the shop All products → Fork £3.00 Mug £12.50"
    )
    assert links(response)[:3] == [
        f"/{category(name).id}/" for name in ("Kitchen", "Cups", "Cutlery")
    ]


def test_the_first_page_of_a_sold_out_shop_shows_the_shelves(client: Client) -> None:
    put_on_sale("mug", category=("Kitchen",), stock=0)
    assert words(client.get("/")) == "Categories Kitchen"


def test_a_category_shows_the_products_of_all_below_it(client: Client, mug: Product) -> None:
    put_on_sale("kettle", category=("Kitchen",), price="30")
    put_on_sale("sock", category=("Clothes",))
    response = client.get(f"/{category('Kitchen').id}/")
    assert words(response) == (
        "Categories Kitchen Kitchen Cups Sort by Name Price Newest Kettle £30.00 Mug £12.50"
    )
    response = client.get(f"/{category('Cups').id}/")
    assert words(response) == ("Categories Kitchen Cups Cups Sort by Name Price Newest Mug £12.50")


def test_a_category_without_products_says_so(client: Client, mug: Product) -> None:
    Product.objects.update(is_published=False)
    response = client.get(f"/{mug.category_id}/")
    assert "There is nothing in this category at the moment." in words(response)


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("/products/", ["Fork", "Kettle", "Mug"]),
        ("/products/?sort=name", ["Fork", "Kettle", "Mug"]),
        ("/products/?sort=price", ["Mug", "Fork", "Kettle"]),
        ("/products/?sort=newest", ["Kettle", "Fork", "Mug"]),
        ("/products/?sort=nonsense", ["Fork", "Kettle", "Mug"]),
    ],
)
def test_products_are_sorted(client: Client, address: str, names: list[str]) -> None:
    for sku, price in [("mug", "9.99"), ("fork", "10"), ("kettle", "100")]:
        put_on_sale(sku, price=price)
    text = words(client.get(address))
    assert sorted(names, key=text.index) == names


def test_a_list_has_24_to_a_page(client: Client) -> None:
    for number in range(25):
        put_on_sale(f"p{number:02}")
    first = client.get("/products/?sort=price")
    (onwards,) = [link for link in links(first) if "cursor" in link]
    assert words(first).count("£") == 24
    second = client.get(f"/products/{onwards}")
    assert words(second) == "Products Sort by Name Price Newest P24 £12.50 ← Previous"
    (back,) = [link for link in links(second) if "cursor" in link]
    assert words(client.get(f"/products/{back}")) == words(first)


def test_a_product_shows_what_it_costs_and_that_it_can_be_had(client: Client, mug: Product) -> None:
    response = client.get(f"/products/{mug.id}/")
    assert words(response) == (
        "Categories Kitchen Cups Mug £12.50 Only 10 left Quantity Add to cart Holds tea. Item mug"
    )


def test_of_plenty_nobody_needs_the_number(client: Client) -> None:
    product = product_of(put_on_sale("mug", stock=11))
    assert "£12.50 In stock Quantity" in words(client.get(f"/products/{product.id}/"))


def test_a_product_can_be_bought_without_a_script(client: Client, mug: Product) -> None:
    """The button is a plain GET form: the page that asks back carries what must be personal."""
    found = list(tags(client.get(f"/products/{mug.id}/")))
    (form,) = [attributes for tag, attributes in found if tag == "form"]
    inputs = {a["name"]: a["value"] for tag, a in found if tag == "input"}
    assert form["action"] == f"/cart/add/{mug.id}/"
    assert form.get("method", "get") == "get"
    assert inputs == {"variant": str(Variant.objects.get().id), "quantity": "1"}


def test_variants_are_chosen_by_name(client: Client) -> None:
    put_on_sale(
        "t-red", product="T", name="Shirt", price="20", regular_price=25,
        options=(("Colour", "Red"),), stock=3, position=0,
    )  # fmt: skip
    put_on_sale(
        "t-blue", product="T", name="Shirt", price="22.50",
        options=(("Colour", "Blue"),), stock=0, position=1,
    )  # fmt: skip
    product = Product.objects.get()
    assert words(client.get(f"/products/{product.id}/")) == (
        "Categories Uncategorised Shirt from £20.00 Regular price £25.00 Choose "
        "Red Only 3 left Regular price £25.00 £20.00 Blue Sold out £22.50 "
        "Quantity Add to cart Item t-red"
    )
    assert "Shirt from £20.00" in words(client.get("/products/"))


def test_sold_out_is_shown_and_cannot_be_bought(client: Client) -> None:
    product = product_of(put_on_sale("mug", stock=0))
    response = client.get(f"/products/{product.id}/")
    assert "Mug £12.50 Sold out There is none left at the moment." in words(response)
    assert [tag for tag, _ in tags(response) if tag == "form"] == []
    assert "Mug £12.50 Sold out" in words(client.get("/products/"))


def test_a_product_without_a_visible_variant_has_no_price(client: Client, mug: Product) -> None:
    Variant.objects.update(is_published=False)
    Product.objects.update(price=None)
    assert "Mug Not for sale at the moment" in words(client.get(f"/products/{mug.id}/"))
    assert "£" not in words(client.get("/products/"))


def test_what_merchants_write_is_text_and_never_markup(client: Client) -> None:
    name = "<script>alert(1)</script>"
    product = product_of(put_on_sale("x", name=name, description=name, category=(name,)))
    for address in ("/", "/products/", f"/products/{product.id}/", f"/{product.category_id}/"):
        body = client.get(address).content.decode()
        assert "<script" not in body
        assert "&lt;script&gt;" in body


# --- What they do not show ------------------------------------------------------------------------


def test_what_is_not_published_is_nowhere(client: Client, mug: Product) -> None:
    Product.objects.update(is_published=False)
    assert client.get(f"/products/{mug.id}/").status_code == 404
    for address in ("/", "/products/", f"/{mug.category_id}/"):
        assert "Mug" not in words(client.get(address))


@pytest.mark.parametrize(
    "address",
    [
        "/products/4711/",
        "/4711/",
        "/products/99999999999999999999999/",
        "/99999999999999999999999/",
        "/products/?cursor=nonsense",
        "/products/?sort=price&cursor=W2ZhbHNlLCIxIiwiMiJd:forged",
        "/products/?cursor=%00",
    ],
)
def test_what_is_not_there_is_404_in_the_shops_own_layout(
    client: Client, mug: Product, address: str
) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert words(response).startswith("Not found ")
    assert links(response) == ["/"]


def test_a_cursor_of_another_order_is_404(client: Client) -> None:
    for number in range(25):
        put_on_sale(f"p{number:02}")
    (onwards,) = [link for link in links(client.get("/products/")) if "cursor" in link]
    assert client.get(f"/products/{onwards}").status_code == 200
    moved = onwards.replace("sort=name", "sort=price")
    assert client.get(f"/products/{moved}").status_code == 404


@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages_are_only_for_looking(client: Client, mug: Product, name: str) -> None:
    assert client.post(address_of(name, mug)).status_code == 405


# --- The same for everybody -----------------------------------------------------------------------


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
    assert not first.cookies
    assert "Vary" not in first.headers
    assert "csrf" not in first.content.decode()


class Nobody:
    """Stands for what a public page must not ask about."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a public page asks for {name}")

    def __bool__(self) -> bool:
        raise AssertionError("a public page asks who is there")


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_does_not_ask_who_looks(rf: RequestFactory, mug: Product, name: str) -> None:
    request = rf.get(address_of(name, mug))
    for personal in ("user", "session", "COOKIES", "_messages"):
        setattr(request, personal, Nobody())
    arguments = {"category_detail": [mug.category_id], "product_detail": [mug.id]}
    response = getattr(pages, name)(request, *arguments.get(name, []))
    assert response.status_code == 200


# --- What they cost -------------------------------------------------------------------------------


def test_the_first_page_costs_two_queries(client: Client, mug: Product) -> None:
    with queries_named() as queries:
        client.get("/")
    assert queries == ["SELECT catalog_product", "SELECT catalog_category"]


def test_a_list_costs_one_query(client: Client) -> None:
    for number in range(30):
        put_on_sale(f"p{number:02}")
    with queries_named() as queries:
        response = client.get("/products/?sort=price")
    assert queries == ["SELECT catalog_product"]
    (onwards,) = [link for link in links(response) if "cursor" in link]
    with queries_named() as queries:
        client.get(f"/products/{onwards}")
    assert queries == ["SELECT catalog_product"]


def test_a_category_costs_four_queries_at_most(client: Client) -> None:
    for number in range(30):
        put_on_sale(f"p{number:02}", category=("A", "B", f"C{number}"))
    address = f"/{category('B').id}/"
    with queries_named() as queries:
        client.get(address)
    assert queries == [
        "SELECT catalog_category",  # itself
        "SELECT catalog_product",
        "SELECT catalog_category",  # above it
        "SELECT catalog_category",  # below it
    ]


def test_a_product_costs_four_queries_however_many_variants(client: Client) -> None:
    for number in range(20):
        put_on_sale(
            f"t{number}", product="T", category=("A", "B"), options=(("Size", str(number)),)
        )
    address = f"/products/{Product.objects.get().id}/"
    with queries_named() as queries:
        client.get(address)
    assert queries == [
        "SELECT catalog_product",
        "SELECT catalog_variant",
        "SELECT inventory_stocklevel",
        "SELECT catalog_category",
    ]

"""Pages for everybody: the same bytes for whoever looks, at a fixed number of queries."""

from typing import Any

import pytest
from django.test import Client

from shop.catalog.models import Product, ProductImage
from shop.reviews.models import Review
from shop.storefront.tests.reading import tags
from shop.storefront.tests.shelves import PUBLIC, address_of, category, onwards, product_of
from tests.builders import put_on_sale
from tests.headers import SECURITY
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


def of_somebody(user: Any, mug: Product, *, name: str, units: int) -> Client:
    """Return the browser of somebody who is signed in, has a cart, and has looked at it."""
    client = Client()
    user.first_name = name
    user.save()
    client.force_login(user)
    client.post(f"/cart/add/{mug.id}/", {"quantity": units})
    client.get("/accounts/")
    return client


@pytest.mark.parametrize("query", ["", NARROW, "?in_stock=maybe", "?in_stock=0"])
@pytest.mark.parametrize("name", PUBLIC)
def test_two_people_get_the_same_bytes_and_nothing_of_theirs(
    client: Client, mug: Product, name: str, query: str, alice: Any, bob: Any
) -> None:
    address = address_of(name, mug) + query
    guest = client.get(address)
    # The tripwires have seen that nothing of a visitor was looked at.
    for user, called, units in ((alice, "Philippa", 3), (bob, "Zebedee", 4)):
        browser = of_somebody(user, mug, name=called, units=units)
        assert browser.cookies["strip"].value == f"{units}.{called}"
        seen = browser.get(address, headers={"HX-Request": "true", "Accept-Language": "ru"})
        assert (seen.status_code, seen.content) == (guest.status_code, guest.content)
        assert not seen.cookies
        assert "Vary" not in seen.headers
        personal = (called, user.username, browser.cookies["csrftoken"].value, "csrfmiddleware")
        assert [text for text in personal if text in seen.content.decode()] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_caches_may_keep_a_public_page_for_a_moment(
    client: Client, mug: Product, name: str
) -> None:
    page = client.get(address_of(name, mug))
    assert page["Cache-Control"] == "max-age=1, stale-while-revalidate=1, stale-if-error=600"
    again = client.get(address_of(name, mug), headers={"If-None-Match": page["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], again["Cache-Control"]) == (page["ETag"], page["Cache-Control"])


def test_what_nginx_does_not_say_in_their_place_they_say_themselves(
    client: Client, mug: Product
) -> None:
    """Kept or not, there or not, changed or not; the API too."""
    addresses = [*(address_of(name, mug) for name in PUBLIC), "/products/999/"]
    addresses += ["/api/products/", f"/api/products/{mug.id}/", "/api/products/999/"]
    for address in addresses:
        first = client.get(address)
        seen = [first, client.get(address)]
        if first.has_header("ETag"):
            seen.append(client.get(address, headers={"If-None-Match": first["ETag"]}))
        for page in seen:
            assert {name: page.headers.get(name) for name in SECURITY} == SECURITY, address


@pytest.mark.parametrize("name", PUBLIC)
def test_parameters_of_others_do_not_change_a_page(client: Client, mug: Product, name: str) -> None:
    address = address_of(name, mug)
    plain = client.get(address)
    assert client.get(f"{address}?utm_source=mail&page=7&_=1").content == plain.content


def test_what_is_not_there_is_as_short_lived_as_what_is(client: Client) -> None:
    assert client.get("/products/999/")["Cache-Control"].startswith("max-age=1,")


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


# Where nothing is kept; what is left of them where it is, tests/test_shown_lists.py says.


def test_the_first_page_costs_five_queries(client: Client, many: Product) -> None:
    with queries_named() as queries:
        client.get("/")
    assert queries == [
        "SELECT catalog_product",  # what is new
        "SELECT catalog_product",  # what is liked best
        "SELECT catalog_product",  # the cards
        "SELECT catalog_productimage",
        "SELECT catalog_category",
    ]


@pytest.mark.parametrize("query", ["", NARROW, "?category="])
def test_a_list_costs_five_queries(client: Client, many: Product, query: str) -> None:
    chosen = query + str(category("C1").id) if query == "?category=" else query
    expected = [
        "SELECT catalog_category",
        "SELECT catalog_option",  # what to choose from
        "SELECT catalog_product",  # which, and in which order
        "SELECT catalog_product",  # the cards
        "SELECT catalog_productimage",
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
def test_a_category_costs_six_queries(client: Client, many: Product, name: str) -> None:
    address = f"/{category(name).id}/"
    with queries_named() as queries:
        client.get(address + NARROW)
    assert queries == [
        "SELECT catalog_category",  # itself
        "SELECT catalog_category",  # above and below it
        "SELECT catalog_option",  # what to choose from
        "SELECT catalog_product",  # which, and in which order
        "SELECT catalog_product",  # the cards
        "SELECT catalog_productimage",
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

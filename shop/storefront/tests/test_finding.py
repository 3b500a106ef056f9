"""What search engines, tabs and bookmarks read of a page: titles, addresses, descriptions."""

import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from shop.catalog.models import Category, Product
from shop.storefront.tests.reading import tags, words
from shop.storefront.tests.shelves import category, onwards, product_of
from tests.builders import put_on_sale

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def many() -> int:
    """Return the id of a category with more than a page of products."""
    for number in range(25):
        put_on_sale(
            f"p{number:02}", category=("Kitchen",),
            options=(("Colour", "Red" if number % 2 else "Blue"),),
        )  # fmt: skip
    return int(category("Kitchen").id)


def title(response: Any) -> str:
    found = re.search(r"<title>(.*?) · .*?</title>", response.content.decode())
    return found[1] if found else ""


def meta(response: Any, name: str) -> list[str]:
    return [a["content"] for tag, a in tags(response) if tag == "meta" and a.get("name") == name]


def canonical(response: Any) -> list[str]:
    return [a["href"] for tag, a in tags(response) if a.get("rel") == "canonical"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", ""),
        ("?sort=rating", ", best rated"),
        ("?options=colour:red&in_stock=1", ", Colour: Red, In stock"),
        ("?price_from=1&price_to=20&sort=price",
         ", From £1.00, Up to £20.00, price, lowest first"),
        ("?price_to=abc", ""),
    ],
)  # fmt: skip
def test_a_title_says_what_a_list_is_narrowed_and_sorted_by(
    client: Client, many: int, query: str, told: str
) -> None:
    assert title(client.get(f"/products/{query}")) == f"Products{told}"
    assert title(client.get(f"/{many}/{query}")) == f"Kitchen{told}"


def test_a_title_names_the_chosen_category_and_that_it_is_not_the_first_page(
    client: Client, many: int
) -> None:
    first = client.get(f"/products/?category={many}")
    assert title(first) == "Products, Kitchen"
    assert title(client.get(onwards(first, "next") or "")) == "Products, Kitchen, further on"


def test_every_page_of_a_list_has_one_address_for_search_engines(client: Client, many: int) -> None:
    for path in ("/products/", f"/{many}/"):
        first = client.get(path)
        after = onwards(first, "next") or ""
        assert canonical(first) == [path]
        assert canonical(client.get(after)) == [after]
        assert canonical(client.get(f"{path}?utm_source=letter")) == [path]
        by_price = client.get(f"{path}?sort=price")
        assert canonical(by_price) == [path]
        assert canonical(client.get(onwards(by_price, "next") or "")) == [path]
        assert meta(first, "robots") == meta(by_price, "robots") == []


@pytest.mark.parametrize("query", ["?in_stock=1", "?options=colour:red&sort=price", "?price_to=99"])
def test_ways_to_narrow_a_list_down_are_not_for_search_engines(
    client: Client, many: int, query: str
) -> None:
    for path in ("/products/", f"/{many}/"):
        response = client.get(path + query)
        assert meta(response, "robots") == ["noindex"]
        assert canonical(response) == []


def test_pages_are_described_by_the_beginning_of_their_text(client: Client) -> None:
    text = 'Holds\n\n"tea" <b>.' + " and more" * 30
    product = product_of(put_on_sale("mug", category=("Kitchen",), description=text))
    Category.objects.update(description="For\ncooks.")
    (described,) = meta(client.get(f"/products/{product.id}/"), "description")
    assert described.startswith('Holds "tea" <b>. and more and')
    assert described.endswith((" more…", " and…"))
    assert 150 < len(described) <= 160
    assert meta(client.get(f"/{product.category_id}/"), "description") == ["For cooks."]


def test_a_page_without_a_text_is_not_described(client: Client) -> None:
    product = product_of(put_on_sale("mug"))
    assert meta(client.get(f"/products/{product.id}/"), "description") == []
    assert meta(client.get(f"/{product.category_id}/"), "description") == []


def test_a_product_has_one_address_whichever_reviews_are_read(client: Client) -> None:
    put_on_sale("mug")
    address = f"/products/{Product.objects.get().id}/"
    assert canonical(client.get(address)) == [address]


def test_robots_stay_out_of_what_is_personal(client: Client) -> None:
    response = client.get("/robots.txt")
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert response.content.decode() == (
        "User-agent: *\nDisallow: /cart/\nDisallow: /checkout/\nDisallow: /accounts/\n"
        "Disallow: /orders/\nDisallow: /search/\nDisallow: /admin/\nDisallow: /api/\n"
    )
    assert not response.cookies
    assert client.post("/robots.txt").status_code == 405


def test_an_icon_is_found_where_browsers_guess_it(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert finders.find(response["Location"].removeprefix("/static/")) is not None
    assert not response.cookies


# --- Options --------------------------------------------------------------------------------------


def test_many_values_are_folded_away_until_one_is_chosen(client: Client) -> None:
    for number in range(11):
        put_on_sale(f"p{number}", options=(("Colour", f"Hue {number}"), ("Size", str(number % 10))))
    whole = client.get("/products/")
    assert [a for tag, a in tags(whole) if tag == "details"] == [{"class": "facet"}]
    assert re.findall(r"<summary><h2>(.*?)</h2></summary>", whole.content.decode()) == ["Colour"]
    narrowed = client.get("/products/?options=colour:hue-1")
    assert [a for tag, a in tags(narrowed) if tag == "details"] == [{"class": "facet", "open": ""}]
    assert "Remove the filter Hue 1 " in words(narrowed)

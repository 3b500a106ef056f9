"""Looking for products by what they are called."""

from typing import Any

import pytest
from django.test import Client

from shop.showcase.rules import search_words
from shop.storefront.tests.reading import links, words
from tests.builders import put_on_sale
from tests.queries import queries_named

pytestmark = pytest.mark.django_db


def found(client: Client, text: str) -> list[str]:
    """Return the addresses of the products that a search shows."""
    response = client.get("/search/", {"q": text})
    assert response.status_code == 200
    return [link for link in links(response) if link.startswith("/products/") and link[10:]]


def address(client: Client, name: str) -> str:
    (only,) = found(client, name)
    return only


def test_every_word_has_to_stand_in_the_name_or_that_of_the_category(client: Client) -> None:
    put_on_sale("mug", name="Blue stoneware mug", category=("Kitchen", "Cups"))
    put_on_sale("pot", name="Blue pot", category=("Kitchen", "Cooking"))
    mug, pot = address(client, "stoneware"), address(client, "pot")

    assert found(client, "blue") == [pot, mug]
    assert found(client, "MUG blue") == [mug]
    assert found(client, "cooking") == [pot]
    assert found(client, "stone  mug") == [mug]
    assert found(client, "blue kettle") == []


def test_what_is_not_on_show_is_not_found(client: Client) -> None:
    put_on_sale("mug", name="Hidden mug", is_published=False)

    assert found(client, "mug") == []


def test_nothing_is_looked_for_before_somebody_says_what(client: Client) -> None:
    put_on_sale("mug")

    with queries_named() as queries:
        response = client.get("/search/", {"q": "  \0 "})

    assert words(response) == "Search What are you looking for? Search"
    assert queries == []


def test_nothing_found_says_so(client: Client) -> None:
    response = client.get("/search/", {"q": "<script>alert(1)</script>"})

    assert "Nothing is called “<script>alert(1)</script>”." in words(response)
    assert b"<script>alert" not in response.content


def test_a_page_of_what_was_found_costs_three_queries(client: Client) -> None:
    for number in range(30):
        put_on_sale(f"mug-{number:02}", name=f"Mug {number:02}")

    with queries_named() as queries:
        first = client.get("/search/", {"q": "mug"})
    (next_page,) = [link for link in links(first) if link.startswith("?q=mug&cursor=")]
    second = client.get(f"/search/{next_page}")

    assert queries == [
        "SELECT catalog_product",  # which, and in which order
        "SELECT catalog_product",  # the cards
        "SELECT catalog_productimage",
    ]
    assert "24 products on this page" in words(first)
    assert "6 products on this page" in words(second)


@pytest.mark.parametrize("query", [{"q": "mug", "cursor": "x"}, {"q": "mug", "cursor": "\0"}])
def test_a_page_that_is_not_there(client: Client, query: Any) -> None:
    put_on_sale("mug")

    assert client.get("/search/", query).status_code == 404


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("mug", ("mug",)),
        (" blue\t mug\nblue ", ("blue", "mug")),
        ("a\0b", ("a", "b")),
        ("x" * 99, ("x" * 40,)),
        ("1 2 3 4 5 6 7 8", ("1", "2", "3", "4", "5", "6")),
        ("100%_", ("100%_",)),
    ],
)
def test_words(text: str, expected: tuple[str, ...]) -> None:
    assert search_words(text) == expected

"""A price that was mistyped is marked where it was typed, and the list stays."""

from typing import Any

import pytest
from django.test import Client

from shop.storefront.tests.reading import links, tags, words
from shop.storefront.tests.shelves import category, chosen, names, onwards
from tests.builders import put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LIKE_THIS = "Please give a price like 9.50."
REVERSED = "Please give a price that is not below the first one."


@pytest.fixture
def goods() -> None:
    """A fork, a mug that is sold out, and a kettle."""
    put_on_sale("fork", price="3.50", category=("Kitchen",))
    put_on_sale("mug", price="10", category=("Kitchen",), stock=0)
    put_on_sale("kettle", price="100", category=("Kitchen",))


def price_fields(response: Any) -> dict[str, dict[str, str]]:
    """Return the fields for the prices by their names."""
    found = (a for tag, a in tags(response) if tag == "input")
    return {a["name"]: a for a in found if a.get("name", "").startswith("price_")}


@pytest.mark.parametrize("name", ["price_from", "price_to"])
@pytest.mark.parametrize(
    ("sent", "shown"),
    [("9.999", "9.999"), ("9,50", "9,50"), ("-1", "-1"), ("abc", "abc"), ("NaN", "NaN"),
     ("1e3", "1e3"), ("1" + "0" * 17, "1" + "0" * 17), ("%22%3E%3Cb%3E", '"><b>'), ("%00", ""),
     ("%C2%A35", "£5"), ("5.", "5.")],
)  # fmt: skip
def test_what_was_typed_stays_and_is_marked(
    client: Client, goods: None, name: str, sent: str, shown: str
) -> None:
    for path in ("/products/", f"/{category('Kitchen').id}/"):
        response = client.get(f"{path}?{name}={sent}")
        assert response.status_code == 400
        wrong = price_fields(response).pop(name)
        assert wrong["value"] == shown
        assert wrong["aria-invalid"] == "true"
        assert "autofocus" in wrong
        assert [a["id"] for tag, a in tags(response) if a.get("class") == "errorlist"] == [
            wrong["aria-describedby"]
        ]
        assert words(response).count(LIKE_THIS) == 1
        assert name not in words(response)
        assert names(response) == ["Fork", "Kettle", "Mug"]
        assert '<b>"' not in response.content.decode()


def test_the_list_is_narrowed_by_what_can_be_read(client: Client, goods: None) -> None:
    query = "?price_from=5&price_to=abc&in_stock=1&sort=price_desc&utm_source=x"
    response = client.get(f"/products/{query}")
    assert (response.status_code, names(response)) == (400, ["Kettle"])
    assert list(chosen(response)) == [
        "Remove the filter From £5.00",
        "Remove the filter In stock",
        "Clear all",
    ]
    # No address that leads on says again what could not be read.
    assert not [link for link in links(response) if "price_to" in link]
    fields = price_fields(response)
    assert (fields["price_from"]["value"], fields["price_to"]["value"]) == ("5", "abc")
    assert "aria-invalid" not in fields["price_from"]


def test_two_mistakes_are_both_marked_and_the_first_has_the_focus(
    client: Client, goods: None
) -> None:
    response = client.get("/products/?price_from=a&price_to=b")
    fields = price_fields(response)
    assert [field["value"] for field in fields.values()] == ["a", "b"]
    assert [name for name, field in fields.items() if "autofocus" in field] == ["price_from"]
    assert words(response).count(LIKE_THIS) == 2


@pytest.mark.parametrize("query", ["?price_from=20&price_to=5", "?price_to=5.00&price_from=5.01"])
def test_a_highest_price_below_the_lowest_is_a_mistake(
    client: Client, goods: None, query: str
) -> None:
    response = client.get(f"/products/{query}")
    assert response.status_code == 400
    assert words(response).count(REVERSED) == 1
    wrong = price_fields(response)["price_to"]
    assert (wrong["value"].removesuffix(".00"), wrong["aria-invalid"]) == ("5", "true")
    assert names(response) == (["Kettle"] if "20" in query else ["Kettle", "Mug"])


@pytest.mark.parametrize("query", ["?price_from=5&price_to=5", "?price_to=5", "?price_from=5"])
def test_prices_that_can_be_are_no_mistake(client: Client, goods: None, query: str) -> None:
    response = client.get(f"/products/{query}")
    assert response.status_code == 200
    assert not [a for _, a in tags(response) if "aria-invalid" in a or "autofocus" in a]
    assert [a for tag, a in tags(response) if a.get("id") == "show-filters"] == [
        {"type": "checkbox", "id": "show-filters"}
    ]


def test_the_fields_are_in_sight_on_a_telephone(client: Client, goods: None) -> None:
    (box,) = [
        a for _, a in tags(client.get("/products/?price_to=x")) if a.get("id") == "show-filters"
    ]
    assert "checked" in box


def test_a_mistake_costs_no_more_than_the_list(client: Client, goods: None) -> None:
    with queries_named() as queries:
        client.get("/products/?price_to=abc")
    assert queries == [
        "SELECT catalog_category",
        "SELECT catalog_option",
        "SELECT catalog_product",
        "SELECT catalog_product",
        "SELECT catalog_productimage",
    ]


def test_a_mistake_keeps_the_page_that_was_read(client: Client) -> None:
    for number in range(25):
        put_on_sale(f"p{number:02}")
    after = onwards(client.get("/products/"), "next") or ""
    assert names(client.get(f"{after}&price_to=abc")) == ["P24"]

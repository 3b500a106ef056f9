"""Lists are narrowed down, sorted and turned over by plain links, each with one address."""

from typing import Any

import pytest
from django.test import Client

from shop.storefront.tests.reading import links, tags, words
from shop.storefront.tests.shelves import category, chosen, names, onwards, ticks
from tests.builders import put_on_sale

pytestmark = pytest.mark.django_db

ALL = ["Fork", "Kettle", "Mug", "Shirt"]


@pytest.fixture
def goods() -> None:
    """A fork, a mug that is sold out, a kettle, and a shirt in two colours and sizes."""
    put_on_sale("fork", price="3.50", category=("Kitchen",))
    put_on_sale("mug", price="10", category=("Kitchen", "Cups"), stock=0)
    put_on_sale("kettle", price="100", category=("Kitchen",))
    for number, (colour, size) in enumerate([("Red", "S"), ("Blue", "M")]):
        put_on_sale(
            f"s{number}", product="S", name="Shirt", price="20", category=("Clothes",),
            options=(("Colour", colour), ("Size", size)),
        )  # fmt: skip


def current(response: Any) -> list[str]:
    """Return the addresses of the links that say that they hold."""
    return [a["href"] for tag, a in tags(response) if tag == "a" and a.get("aria-current")]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", ALL),
        ("?price_from=10", ["Kettle", "Mug", "Shirt"]),
        ("?price_to=10", ["Fork", "Mug"]),
        ("?price_from=3.50&price_to=3.50", ["Fork"]),
        ("?options=colour:red", ["Shirt"]),
        ("?options=colour:blue,colour:red,size:s", ["Shirt"]),
        ("?options=colour:red,size:m", []),
        ("?in_stock=1", ["Fork", "Kettle", "Shirt"]),
        ("?price_to=50&in_stock=1&sort=price_desc", ["Shirt", "Fork"]),
        ("?sort=price", ["Fork", "Mug", "Shirt", "Kettle"]),
        ("?sort=price_desc", ["Kettle", "Shirt", "Mug", "Fork"]),
        ("?sort=newest", ["Shirt", "Kettle", "Mug", "Fork"]),
        ("?sort=rating", ["Shirt", "Kettle", "Mug", "Fork"]),
    ],
)
def test_a_list_shows_what_its_address_says(
    client: Client, goods: None, query: str, left: list[str]
) -> None:
    response = client.get(f"/products/{query}")
    assert response.status_code == 200
    assert names(response) == left


def test_a_category_is_narrowed_down_in_the_same_way(client: Client, goods: None) -> None:
    kitchen = category("Kitchen")
    assert names(client.get(f"/{kitchen.id}/?price_to=50&sort=price")) == ["Fork", "Mug"]
    assert names(client.get(f"/products/?category={kitchen.id}&in_stock=1")) == ["Fork", "Kettle"]
    # It is a category already: another one is not its business.
    clothes = category("Clothes")
    response = client.get(f"/{kitchen.id}/?category={clothes.id}")
    assert (response.status_code, names(response)) == (200, ["Fork", "Kettle", "Mug"])


def test_a_list_that_leaves_nothing_says_so(client: Client, goods: None) -> None:
    response = client.get("/products/?price_from=200&sort=price")
    assert "Nothing is like that." in words(response)
    assert "/products/?sort=price" in links(response)


# --- One address ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("?sort=name", ""),
        ("?sort=", ""),
        ("?in_stock=0", ""),
        ("?price_from=&price_to=&in_stock=", ""),
        ("?cursor=", ""),
        ("?price_from=5.00", "?price_from=5"),
        ("?price_from=05.5", "?price_from=5.50"),
        ("?sort=price&price_to=5", "?price_to=5&sort=price"),
        ("?in_stock=1&options=size:m", "?options=size:m&in_stock=1"),
        ("?options=size:m,colour:red", "?options=colour:red,size:m"),
        ("?options=size:m&options=colour:red", "?options=colour:red,size:m"),
        ("?options=colour:red,colour:red", "?options=colour:red"),
        ("?options=Colour:RED", "?options=colour:red"),
        ("?price_to=5&price_to=7", "?price_to=7"),
        ("?utm_source=x&sort=name&a=b", ""),
        ("?options=größe:m", "?options=gr%C3%B6sse:m"),
    ],
)
def test_what_is_said_in_another_way_is_led_to_the_one_address(
    client: Client, goods: None, asked: str, address: str
) -> None:
    for path in ("/products/", f"/{category('Kitchen').id}/"):
        response = client.get(path + asked)
        assert (response.status_code, response["Location"]) == (301, path + address)
        assert client.get(path + address).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["", "?price_from=5&price_to=7.50", "?options=colour:red,size:m&in_stock=1&sort=rating",
     "?options=colour%3Ared%2Csize%3Am", "?utm_source=letter", "?page=7&sort=price&x=%00"],
)  # fmt: skip
def test_the_one_address_and_parameters_of_others_are_left_alone(
    client: Client, goods: None, query: str
) -> None:
    assert client.get(f"/products/{query}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["category=abc", "category=-1", "category=0", "category=9223372036854775808",
     "price_from=abc&category=abc", "options=red", "options=colour:", "options=%3Cscript%3E",
     "in_stock=yes", "sort=nonsense", "sort=-price", "sort=%00",
     "options=" + ",".join(f"colour:{number}" for number in range(21))],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_clearly(client: Client, goods: None, query: str) -> None:
    response = client.get(f"/products/?{query}")
    assert response.status_code == 400
    assert words(response) == (
        "That did not work This address asks for a list that we cannot show. "
        "Please choose again from the products. Go to the shop"
    )
    assert "Set-Cookie" not in response.headers
    assert "<script>" not in response.content.decode()


# --- Links that lead on ---------------------------------------------------------------------------


def test_every_choice_is_a_link_that_makes_it_and_takes_it_back(
    client: Client, goods: None
) -> None:
    kitchen, clothes = category("Kitchen").id, category("Clothes").id
    start = client.get("/products/?price_to=50&sort=price")
    assert ticks(start) == {
        "Kitchen": f"/products/?category={kitchen}&price_to=50&sort=price",
        "Clothes": f"/products/?category={clothes}&price_to=50&sort=price",
        "In stock only": "/products/?price_to=50&in_stock=1&sort=price",
        "Red": "/products/?price_to=50&options=colour:red&sort=price",
        "Blue": "/products/?price_to=50&options=colour:blue&sort=price",
        "S": "/products/?price_to=50&options=size:s&sort=price",
        "M": "/products/?price_to=50&options=size:m&sort=price",
    }
    red = client.get(ticks(start)["Red"])
    assert ticks(red)["Blue"] == (
        "/products/?price_to=50&options=colour:blue,colour:red&sort=price"
    )
    assert ticks(red)["Remove the filter Red"] == "/products/?price_to=50&sort=price"
    for address in ticks(red).values():
        assert client.get(address).status_code == 200


def test_a_chosen_category_shows_what_is_below_it(client: Client, goods: None) -> None:
    kitchen, cups = category("Kitchen").id, category("Cups").id
    response = client.get(f"/products/?category={kitchen}")
    assert ticks(response)["Remove the filter Kitchen"] == "/products/"
    assert ticks(response)["Cups"] == f"/products/?category={cups}"
    response = client.get(f"/products/?category={cups}")
    assert ticks(response)["Remove the filter Cups"] == "/products/"
    assert chosen(response) == {"Remove the filter Cups": "/products/"}


def test_what_is_chosen_is_named_and_can_be_taken_off(client: Client, goods: None) -> None:
    kitchen = category("Kitchen").id
    query = f"category={kitchen}&price_from=1&price_to=50&options=colour:red,taste:sour&in_stock=1"
    found = chosen(client.get(f"/products/?{query}"))
    assert list(found) == [
        "Remove the filter Kitchen",
        "Remove the filter From £1.00",
        "Remove the filter Up to £50.00",
        "Remove the filter colour: red",
        "Remove the filter taste: sour",
        "Remove the filter In stock",
        "Clear all",
    ]
    assert found["Clear all"] == "/products/"
    assert found["Remove the filter From £1.00"] == (
        f"/products/?category={kitchen}&price_to=50&options=colour:red,taste:sour&in_stock=1"
    )
    named = chosen(client.get("/products/?options=colour:red"))
    assert named == {"Remove the filter Colour: Red": "/products/"}


def test_the_form_for_the_price_keeps_everything_else(client: Client, goods: None) -> None:
    kitchen = category("Kitchen").id
    query = f"category={kitchen}&price_to=50&options=colour:red&in_stock=1&sort=price"
    response = client.get(f"/products/?{query}")
    found = [a for tag, a in tags(response) if tag == "input" and "name" in a]
    assert [(a["name"], a.get("value", "")) for a in found] == [
        ("category", str(kitchen)),
        ("price_from", ""),
        ("price_to", "50"),
        ("options", "colour:red"),
        ("in_stock", "1"),
        ("sort", "price"),
    ]
    sent = "&".join(f"{a['name']}={a.get('value', '')}" for a in found)
    (form,) = [a for tag, a in tags(response) if tag == "form"]
    assert (form["action"], form.get("method", "get")) == ("/products/", "get")
    assert client.get(f"{form['action']}?{sent}")["Location"] == f"/products/?{query}"


def test_a_choice_and_an_order_lead_to_the_first_page(client: Client) -> None:
    for number in range(25):
        put_on_sale(f"p{number:02}", options=(("Colour", "Red" if number else "Blue"),))
    second = client.get(onwards(client.get("/products/?sort=price"), "next") or "")
    assert names(second) == ["P24"]
    leading = [link for link in links(second) if "cursor=" in link]
    assert leading == [onwards(second, "prev")]
    assert ticks(second)["Red"] == "/products/?options=colour:red&sort=price"
    fields = [a["name"] for tag, a in tags(second) if tag == "input" and "name" in a]
    assert fields == ["price_from", "price_to", "sort"]


def test_pages_of_a_narrowed_list_stay_narrowed(client: Client) -> None:
    for number in range(60):
        put_on_sale(f"p{number:02}", options=(("Colour", "Red" if number % 2 else "Blue"),))
    address: str | None = "/products/?options=colour:red&sort=newest"
    seen: list[str] = []
    while address:
        assert address.startswith("/products/?options=colour:red&sort=newest")
        response = client.get(address)
        seen += names(response)
        address = onwards(response, "next")
    assert seen == [f"P{number:02}" for number in range(59, 0, -2)]


def test_the_order_that_holds_is_marked(client: Client, goods: None) -> None:
    assert current(client.get("/products/?sort=rating"))[-1] == "/products/?sort=rating"
    assert current(client.get("/products/"))[-1] == "/products/"


def test_a_cursor_of_another_order_is_404(client: Client) -> None:
    for number in range(25):
        put_on_sale(f"p{number:02}")
    after = onwards(client.get("/products/"), "next") or ""
    assert client.get(after).status_code == 200
    assert client.get(f"{after.replace('?', '?sort=price&')}").status_code == 404


def test_an_option_with_one_value_is_no_choice(client: Client) -> None:
    put_on_sale("a", options=(("Colour", "Red"),))
    assert "Red" not in ticks(client.get("/products/"))
    # Unless it is chosen: then it can be taken off where it was put on.
    assert ticks(client.get("/products/?options=colour:red"))["Remove the filter Red"] == (
        "/products/"
    )

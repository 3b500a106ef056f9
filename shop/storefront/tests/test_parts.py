"""Money, placeholders, and the pages that the framework asks for when something is wrong."""

from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation
from django.views.csrf import csrf_failure
from django.views.defaults import server_error
from pytest_django import Settings

from shop.lib.countries import countries, country_name
from shop.storefront import baskets
from shop.storefront.templatetags.money import money
from shop.storefront.templatetags.pictures import placeholder
from shop.storefront.tests.reading import links, tags, words

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("0", "", "£0.00"),
        ("1234567.5", "", "£1,234,567.50"),
        ("999999999999.99", "", "£999,999,999,999.99"),
        ("3", "EUR", "€3.00"),
        ("3", "JPY", "JP¥3"),
    ],
)
def test_money_is_written_for_people(amount: str, currency: str, text: str) -> None:
    assert money(Decimal(amount), currency) == text


def test_money_speaks_the_language_of_the_page(settings: Settings) -> None:
    settings.CURRENCY = "EUR"
    with translation.override("de"):
        assert money(Decimal("1234.5")) == "1.234,50\u00a0€"
        assert country_name("DE") == "Deutschland"
    assert country_name("DE") == "Germany"


def test_countries_are_those_of_the_world() -> None:
    codes = dict(countries())
    assert len(codes) == 250
    assert (codes["GB"], codes["CI"]) == ("United Kingdom", "C\u00f4te d\u2019Ivoire")
    assert not {"ZZ", "EU", "UN", "XA", "IC"} & codes.keys()
    assert country_name("") == ""


@pytest.mark.parametrize(
    ("name", "letter"),
    [("mug", "M"), ("12 pencils", "P"), ("*USB", "U"), ("42", "4"), ("--", "?"), ("ßtraße", "S")],
)
def test_a_placeholder_shows_the_first_letter(name: str, letter: str) -> None:
    assert placeholder(1, name)["letter"] == letter


def test_neighbours_have_different_colours() -> None:
    hues = [placeholder(number, "x")["hue"] for number in range(12)]
    assert len(set(hues)) == 12


def test_a_placeholder_escapes_and_is_not_read_out() -> None:
    template = Template("{% load pictures %}{% placeholder 1 '<' %}")
    drawn = template.render(Context())
    assert 'aria-hidden="true"' in drawn
    assert ">?</text>" in drawn


def test_an_address_without_a_page_has_the_shops_own_404(client: Client) -> None:
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert words(response).startswith("Not found There is no page at this address.")
    assert links(response) == ["/products/"]


def test_a_mistake_of_ours_has_the_shops_own_500(rf: RequestFactory) -> None:
    response: Any = server_error(rf.get("/"))
    assert response.status_code == 500
    assert words(response).startswith("Something went wrong This is our mistake, not yours")


def test_an_unexpected_error_is_answered_with_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_request: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(baskets, "priced_cart", broken)
    client.raise_request_exception = False
    response = client.get("/cart/")
    assert response.status_code == 500
    assert "Something went wrong" in words(response)


def test_a_form_from_elsewhere_has_the_shops_own_403(rf: RequestFactory) -> None:
    response: Any = csrf_failure(rf.post("/cart/"))
    assert response.status_code == 403
    assert words(response).startswith("Please try again We could not be sure")


def test_what_cannot_be_read_has_the_shops_own_400(client: Client) -> None:
    response = client.post("/cart/", {"line": "x" * 2_000_000})
    assert response.status_code == 400
    assert words(response).startswith("That did not work We could not read")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/products/", "/cart/", "/accounts/login/", "/nothing/"])
def test_every_page_can_be_used_by_everybody(client: Client, address: str) -> None:
    response = client.get(address)
    found = list(tags(response))
    assert ("html", {"lang": "en"}) in found
    assert ("a", {"class": "skip", "href": "#main"}) in found
    assert [tag for tag, _ in found].count("h1") == 1
    assert [a["id"] for tag, a in found if tag == "main"] == ["main"]
    assert "<title>" in response.content.decode()
    labelled = {a.get("for") for tag, a in found if tag == "label"}
    for tag, attributes in found:
        if tag in {"input", "select"} and attributes.get("type") != "hidden":
            assert attributes["id"] in labelled

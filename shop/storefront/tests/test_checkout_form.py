"""What the checkout offers to choose, and what it says of several mistakes at once."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from shop.orders.models import Order
from shop.storefront.tests.buying import order, put_in_cart, ticket_of
from shop.storefront.tests.reading import alert, tags, words
from tests.builders import put_on_sale

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def mug() -> int:
    return put_on_sale("mug")


@pytest.fixture
def guest(client: Client, mug: int) -> Client:
    """A guest with two mugs in the cart."""
    put_in_cart(client, mug, quantity=2)
    return client


def test_without_an_account_to_pay_into_there_is_no_bank_transfer(
    guest: Client, mug: int, settings: Settings
) -> None:
    settings.BANK_DETAILS = ""
    assert "Bank transfer" not in words(guest.get("/checkout/"))
    response = order(guest, payment="bank_transfer")
    assert response.status_code == 422
    assert "Please choose one of these ways to pay." in alert(response)
    assert not Order.objects.exists()
    assert order(guest).status_code == 302


def countries_chosen(response: Any) -> list[str]:
    return [a["value"] for tag, a in tags(response) if tag == "option" and "selected" in a]


def test_a_country_is_chosen_already(
    guest: Client, client: Client, mug: int, alice: Any, settings: Settings
) -> None:
    assert countries_chosen(guest.get("/checkout/")) == ["GB"]
    client.force_login(alice)
    put_in_cart(client, mug)
    settings.DEFAULT_COUNTRY = "FR"
    assert countries_chosen(client.get("/checkout/")) == ["FR"]
    settings.DEFAULT_COUNTRY = ""
    assert countries_chosen(client.get("/checkout/")) == [""]


def test_a_changed_cart_is_told_with_the_mistakes_of_the_form(guest: Client, mug: int) -> None:
    ticket = ticket_of(guest)
    put_in_cart(guest, put_on_sale("fork", price="3"))
    response = order(guest, ticket=ticket, city="")
    assert response.status_code == 422
    assert "Your order now costs £28.00, not £25.00." in alert(response)
    assert "Town or city: Please fill this in." in alert(response)
    free = ticket_of(guest)
    put_in_cart(guest, put_on_sale("leaflet", price="0"))
    assert "Your cart has changed" in alert(order(guest, ticket=free, city=""))
    assert "Your cart has changed" not in alert(order(guest, city=""))
    assert not Order.objects.exists()

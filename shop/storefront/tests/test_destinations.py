"""Where an order goes: to an address of the book, or to another one, which can be kept."""

from typing import Any

import pytest
from django.test import Client

from shop.accounts import actions as accounts
from shop.accounts.models import Address
from shop.accounts.rules import AddressFields
from shop.events.actions import deliver_due
from shop.orders.models import Order
from shop.storefront.tests.buying import DETAILS, order, put_in_cart, ticket_of, without_person
from shop.storefront.tests.reading import alert, fields, links, words
from tests.builders import put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees"), pytest.mark.once]

HOME = AddressFields(name="Alice Able", line1="1 High Street", city="Leeds", country="GB")
WORK = AddressFields(name="A. Able", line1="2 Low Street", city="York", country="GB")
TYPED = {"name": "", "line1": "", "line2": "", "postcode": "", "city": "", "country": ""}


@pytest.fixture
def her(client: Client, alice: Any) -> Client:
    """Alice's browser, with a mug in the cart."""
    client.force_login(alice)
    put_in_cart(client, put_on_sale("mug"))
    return client


def keep(user: Any, address: AddressFields) -> str:
    return str(accounts.keep_address(user_id=user.id, address=address))


def book() -> list[str]:
    """Return the streets in all address books, the last used first, once all news has come."""
    deliver_due()
    return list(Address.objects.order_by("-used_at", "-id").values_list("line1", flat=True))


def where_to() -> tuple[str, str, str, str]:
    placed = Order.objects.get()
    return placed.name, placed.line1, placed.city, placed.country


def test_the_book_is_offered_the_last_used_first(her: Client, alice: Any) -> None:
    home, work = keep(alice, HOME), keep(alice, WORK)
    page = her.get("/checkout/")
    assert (
        "Where it goes A. Able 2 Low Street, York, United Kingdom "
        "Alice Able 1 High Street, Leeds, United Kingdom Another address"
    ) in words(page)
    body = page.content.decode()
    for value, is_checked in [(work, True), (home, False), ("another", False)]:
        (radio,) = [line for line in body.split("<input") if f'name="to" value="{value}"' in line]
        assert ("checked" in radio.split(">")[0]) is is_checked


def test_an_address_of_the_book_is_enough(her: Client, alice: Any) -> None:
    keep(alice, WORK)
    home = keep(alice, HOME)
    keep(alice, WORK)
    assert book() == ["2 Low Street", "1 High Street"]
    assert order(her, to=home, **TYPED).status_code == 302
    assert where_to() == ("Alice Able", "1 High Street", "Leeds", "GB")
    assert book() == ["1 High Street", "2 Low Street"]


def test_what_was_typed_beside_it_does_not_count(her: Client, alice: Any) -> None:
    home = keep(alice, HOME)
    assert order(her, to=home, city="x" * 999, country="XX", keep="on").status_code == 302
    assert where_to() == ("Alice Able", "1 High Street", "Leeds", "GB")
    assert book() == ["1 High Street"]


@pytest.mark.parametrize("kept", [True, False])
def test_another_address_is_kept_for_whoever_wants_it(her: Client, alice: Any, kept: bool) -> None:
    keep(alice, HOME)
    wish = {"keep": "on"} if kept else {}
    assert order(her, to="another", **wish).status_code == 302
    assert where_to() == ("Gus Guest", "1 Long Road", "Leeds", "GB")
    assert book() == (["1 Long Road", "1 High Street"] if kept else ["1 High Street"])


def test_another_address_has_to_be_whole(her: Client, alice: Any) -> None:
    keep(alice, HOME)
    response = order(her, to="another", city="", keep="on")
    assert response.status_code == 422
    assert alert(response).endswith("ordered yet. Town or city: Please fill this in.")
    assert fields(response)["line1"] == "1 Long Road"
    assert 'value="another" id="id_to_1" checked' in response.content.decode()
    assert Order.objects.count() == 0
    assert book() == ["1 High Street"]


def test_a_book_that_is_full_stops_no_order(her: Client, alice: Any) -> None:
    for number in range(20):
        keep(alice, AddressFields(name="A", line1=f"{number} St", city="Leeds", country="GB"))
    assert order(her, to="another", keep="on").status_code == 302
    assert where_to()[1] == "1 Long Road"
    assert "1 Long Road" not in book()


def test_somebody_elses_address_cannot_be_chosen(her: Client, alice: Any, bob: Any) -> None:
    keep(alice, HOME)
    his = keep(bob, WORK)
    for wanted in (his, "4711", "x", "\0"):
        response = order(her, to=wanted)
        assert response.status_code == 422
        assert (
            "Where it goes: This address is not in your address book any more. "
            "Please choose another one."
        ) in alert(response) or wanted == "\0"
        assert "2 Low Street" not in words(response)
    assert Order.objects.count() == 0


def test_an_address_that_was_removed_meanwhile_is_asked_for_again(her: Client, alice: Any) -> None:
    home = keep(alice, HOME)
    ticket = ticket_of(her)
    accounts.remove_address(user_id=alice.id, address_id=int(home))
    response = order(her, ticket=ticket, to=home, **TYPED)
    assert response.status_code == 422
    assert "Full name: Please fill this in." in alert(response)
    assert Order.objects.count() == 0


def test_sent_twice_is_one_order_and_one_address(her: Client, alice: Any) -> None:
    ticket = ticket_of(her)
    first, second = (order(her, ticket=ticket, keep="on") for _ in range(2))
    assert first["Location"] == second["Location"]
    assert (Order.objects.count(), book()) == (1, ["1 Long Road"])


def test_a_guest_has_no_book_and_is_shown_the_way_to_it(client: Client) -> None:
    put_in_cart(client, put_on_sale("mug"))
    page = client.get("/checkout/")
    assert "/accounts/login/?next=/checkout/" in links(page)
    assert not {"to", "keep"} & fields(page).keys()
    assert order(client, keep="on", to="1").status_code == 302
    assert (where_to()[1], book()) == (DETAILS["line1"], [])


def test_an_address_is_text_whatever_it_is(her: Client, alice: Any) -> None:
    tag = "<script>alert(1)</script>"
    keep(alice, AddressFields(name=tag, line1=tag, city=tag, country="GB"))
    page = her.get("/checkout/")
    assert tag not in page.content.decode()
    assert tag in words(page)


def test_the_page_costs_five_queries_besides_the_head(her: Client, alice: Any) -> None:
    for number in range(10):
        keep(alice, AddressFields(name="A", line1=f"{number} St", city="Leeds", country="GB"))
    with queries_named() as queries:
        her.get("/checkout/")
    assert without_person(queries) == [
        "SELECT cart_cart",  # whose it is
        "SELECT cart_cart",
        "SELECT inventory_stocklevel",
        "SELECT accounts_address",
        "SELECT catalog_productimage",
    ]

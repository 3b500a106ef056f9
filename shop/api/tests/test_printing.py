"""What buyers and shoppers write can be printed, and is paid for as the shop can be paid."""

from typing import Any

import pytest

from shop.accounts.models import User
from shop.api.tests.calling import Api, mistakes, problem
from shop.catalog.models import Variant
from shop.orders.models import Order
from shop.reviews.models import Review
from tests.builders import fill_cart, put_on_sale

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ADDRESS = {"name": "Gus", "line1": "1 Long Road", "city": "Leeds", "country": "GB"}
OVERRIDE = "\u202e"


def buy(api: Api, address: dict[str, str] = ADDRESS, **more: Any) -> Any:
    body = {"cart": str(fill_cart({put_on_sale("mug"): 1})), "email": "gus@example.com"}
    return api.post("orders/", {**body, "address": address, **more}, key="k")


@pytest.mark.parametrize("field", ["name", "line1", "line2", "city", "postcode"])
def test_an_address_is_printed_as_it_is(api: Api, field: str) -> None:
    response = buy(api, {**ADDRESS, field: f"a{OVERRIDE}b"})
    assert problem(response) == (400, "invalid")
    assert mistakes(response) == {f"address.{field}"}
    assert not Order.objects.exists()


@pytest.mark.parametrize("email", [f"a@exam{OVERRIDE}ple.com", '"a\x01"@example.com'])
def test_an_email_address_is_printed_as_it_is(api: Api, alice: User, email: str) -> None:
    for response in (
        buy(api, email=email),
        Api(alice).patch("users/me/", {"email": email}),
    ):
        assert problem(response) == (400, "invalid")
        assert mistakes(response) == {"email"}
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


@pytest.mark.parametrize("field", ["first_name", "last_name", "city", "address"])
def test_what_people_are_called_is_printed_as_it_is(alice: User, field: str) -> None:
    response = Api(alice).patch("users/me/", {field: f"a{OVERRIDE}b"})
    assert problem(response) == (400, "invalid")
    assert mistakes(response) == {field}


def test_a_review_has_lines_and_nothing_that_deceives(alice: User) -> None:
    product_id = Variant.objects.get(id=put_on_sale("mug")).product_id
    body = {"product": product_id, "rating": 5}
    shopper = Api(alice)
    refused = shopper.post("reviews/", {**body, "text": f"Good{OVERRIDE}."})
    assert problem(refused) == (422, "invalid_review_text")
    assert not Review.objects.exists()
    assert shopper.post("reviews/", {**body, "text": "Good.\nVery."}).status_code == 201


def test_without_an_account_to_pay_into_there_is_no_bank_transfer(api: Api, settings: Any) -> None:
    settings.BANK_DETAILS = ""
    response = buy(api, payment="bank_transfer")
    assert problem(response) == (400, "invalid")
    assert response.json()["errors"] == {"payment": ["This shop does not take this payment."]}
    assert not Order.objects.exists()
    assert buy(api).status_code == 201


def test_a_username_has_to_fit_in_the_form_in_which_it_is_kept(api: Api) -> None:
    """One letter becomes two, and what is kept would be longer than its column."""
    body = {"email": "a@example.com", "password": "seventeen green apples"}
    response = api.post("register/", {**body, "username": "\N{LATIN SMALL LIGATURE FI}" * 76})
    assert problem(response) == (400, "invalid")
    assert mistakes(response) == {"username"}
    assert (
        api.post("register/", {**body, "username": "\N{LATIN SMALL LIGATURE FI}" * 75}).json()[
            "username"
        ]
        == "fi" * 75
    )

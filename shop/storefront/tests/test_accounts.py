"""One's own details and address book, and nobody else's."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from shop.accounts.models import Address
from shop.storefront.tests.buying import without_person
from shop.storefront.tests.reading import alert, fields, links, words
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.once]

DETAILS = {
    "first_name": "Alice",
    "last_name": "Able",
    "email": "alice@example.com",
    "address": "1 High Street",
    "city": "Leeds",
}
HOME = {
    "name": "Alice Able",
    "line1": "1 High Street",
    "line2": "",
    "city": "Leeds",
    "postcode": "LS1 4AP",
    "country": "GB",
}
TAG = "<script>alert(1)</script>"


@pytest.fixture
def her(client: Client, alice: Any) -> Client:
    """Alice's browser."""
    client.force_login(alice)
    return client


def book(user: Any) -> list[dict[str, Any]]:
    """Return somebody's addresses, the oldest first."""
    return list(Address.objects.filter(user=user).order_by("id").values(*HOME))


def add(client: Client, **form: str) -> Any:
    return client.post("/accounts/addresses/add/", HOME | form)


def details_of(user: Any) -> dict[str, Any]:
    user.refresh_from_db()
    return {name: getattr(user, name) for name in DETAILS}


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/",
        "/accounts/addresses/",
        "/accounts/addresses/add/",
        "/accounts/addresses/1/",
        "/accounts/password/change/",
    ],
)
def test_a_guest_is_asked_to_sign_in_first(client: Client, address: str) -> None:
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}")


@pytest.mark.parametrize("address", ["/accounts/", "/accounts/addresses/"])
def test_what_is_ones_own_is_kept_by_no_cache(her: Client, address: str) -> None:
    assert "no-store" in her.get(address)["Cache-Control"]
    assert "private" in her.get(address)["Cache-Control"]


# --- Details --------------------------------------------------------------------------------------


def test_details_are_shown_and_changed(her: Client, alice: Any) -> None:
    shown = fields(her.get("/accounts/"))
    assert {name: shown[name] for name in DETAILS} == {
        "first_name": "", "last_name": "", "email": "alice@example.com", "address": "", "city": "",
    }  # fmt: skip
    response = her.post("/accounts/", DETAILS)
    assert (response.status_code, response["Location"]) == (302, "/accounts/")
    assert details_of(alice) == DETAILS
    again = her.get("/accounts/")
    assert "Your details were saved." in words(again)
    assert fields(again).items() >= DETAILS.items()
    assert "Your details were saved." not in words(her.get("/accounts/"))


def test_what_is_not_ones_own_to_change_stays(her: Client, alice: Any) -> None:
    her.post("/accounts/", DETAILS | {"username": "boss", "is_staff": "1", "token_version": "7"})
    alice.refresh_from_db()
    assert (alice.username, alice.is_staff, alice.token_version) == ("alice", False, 0)


@pytest.mark.parametrize(
    ("form", "mistake"),
    [
        ({"email": "BOB@example.com"}, "E-mail: Somebody has this e-mail address already."),
        ({"email": ""}, "E-mail: Please fill this in."),
        (
            {"email": "nonsense"},
            "E-mail: This is no e-mail address, like ann@example.com.",
        ),
        (
            {"city": "a\0"},
            "Town or city (optional): A character in it cannot be printed.",
        ),
        (
            {"address": "x" * 256},
            "Street and number (optional): "
            "Too long: there is room for 255 letters, and it has 256.",
        ),
    ],
)
def test_wrong_details_change_nothing(
    her: Client, alice: Any, bob: Any, form: dict[str, str], mistake: str
) -> None:
    before = details_of(alice)
    response = her.post("/accounts/", DETAILS | form)
    assert response.status_code == 422
    assert alert(response) == f"Please look at the marked fields. Nothing was saved yet. {mistake}"
    kept = DETAILS.keys() - form.keys()
    assert {fields(response)[name] for name in kept} == {DETAILS[name] for name in kept}
    assert details_of(alice) == before


def test_details_are_text_whatever_they_are(her: Client, alice: Any) -> None:
    odd = {"first_name": TAG, "last_name": "\N{TEACUP WITHOUT HANDLE}", "address": TAG, "city": TAG}
    assert her.post("/accounts/", DETAILS | odd).status_code == 302
    response = her.get("/accounts/")
    assert fields(response).items() >= odd.items()
    assert TAG not in response.content.decode()


# --- The address book -----------------------------------------------------------------------------


def test_an_address_is_added_changed_and_removed(her: Client, alice: Any) -> None:
    assert "Your address book is empty." in words(her.get("/accounts/addresses/"))
    response = add(her)
    assert (response.status_code, response["Location"]) == (302, "/accounts/addresses/")
    assert book(alice) == [HOME]
    shown = her.get("/accounts/addresses/")
    assert words(shown).endswith(
        "The address was saved. Alice Able 1 High Street LS1 4AP Leeds United Kingdom "
        "Change Alice Able, Leeds Remove Alice Able, Leeds Add an address"
    )
    address = f"/accounts/addresses/{Address.objects.get().id}/"
    assert address in links(shown)
    known = her.get(address)
    assert fields(known).items() >= (HOME.items() - {("country", "GB")})
    assert '<option value="GB" selected>' in known.content.decode()
    moved = HOME | {"line1": "2 Low Street", "line2": "Flat 3"}
    assert her.post(address, moved).status_code == 302
    assert book(alice) == [moved]
    assert her.post(f"{address}remove/").status_code == 302
    assert book(alice) == []
    assert "The address was removed." in words(her.get("/accounts/addresses/"))


def test_a_new_address_begins_with_ones_name(her: Client, alice: Any) -> None:
    alice.first_name, alice.last_name = "Alice", "Able"
    alice.save()
    assert fields(her.get("/accounts/addresses/add/"))["name"] == "Alice Able"


@pytest.mark.parametrize(
    ("form", "mistake"),
    [
        ({"name": ""}, "Full name: Please fill this in."),
        ({"line1": " "}, "Street and number: Please fill this in."),
        ({"city": ""}, "Town or city: Please fill this in."),
        ({"country": ""}, "Country: Please fill this in."),
        (
            {"country": "XX"},
            "Country: Please choose one of those that are offered.",
        ),
        (
            {"postcode": "\0"},
            "Postcode (if any): A character in it cannot be printed.",
        ),
        (
            {"postcode": "x" * 21},
            "Postcode (if any): Too long: there is room for 20 letters, and it has 21.",
        ),
    ],
)
def test_a_wrong_address_is_not_kept(
    her: Client, alice: Any, form: dict[str, str], mistake: str
) -> None:
    add(her)
    for address in ("add/", f"{Address.objects.get().id}/"):
        response = her.post(f"/accounts/addresses/{address}", HOME | {"line2": "Flat 9"} | form)
        assert response.status_code == 422
        assert alert(response).endswith(f"Nothing was saved yet. {mistake}")
        assert fields(response)["line2"] == "Flat 9"
    assert book(alice) == [HOME]


def test_the_book_has_room_for_twenty(her: Client, alice: Any) -> None:
    for number in range(20):
        assert add(her, line1=f"{number} High Street").status_code == 302
    response = add(her, line1="20 High Street")
    assert response.status_code == 422
    assert alert(response) == "You can keep 20 addresses, and yours are that many."
    assert len(book(alice)) == 20
    assert "/accounts/addresses/add/" not in links(her.get("/accounts/addresses/"))


def test_an_address_is_text_whatever_it_is(her: Client) -> None:
    add(her, name=TAG, line1=TAG, line2="\N{TEACUP WITHOUT HANDLE}", city=TAG)
    response = her.get("/accounts/addresses/")
    assert TAG not in response.content.decode()
    assert f"{TAG} {TAG} \N{TEACUP WITHOUT HANDLE}" in words(response)


def test_somebody_elses_address_is_not_there(her: Client, alice: Any, bob: Any) -> None:
    add(her)
    address_id = Address.objects.get().id
    his = Client()
    his.force_login(bob)
    for wanted in (address_id, 4711, 10**30):
        address = f"/accounts/addresses/{wanted}/"
        for response in (
            his.get(address),
            his.post(address, HOME | {"line1": "Gone"}),
            his.post(f"{address}remove/"),
        ):
            assert response.status_code == 404
            assert words(response) == "Not found We do not know this address. Go to the shop"
    assert (book(alice), book(bob)) == ([HOME], [])
    assert "High Street" not in words(his.get("/accounts/addresses/"))


def test_looking_removes_nothing(her: Client, alice: Any) -> None:
    add(her)
    address = f"/accounts/addresses/{Address.objects.get().id}/remove/"
    assert her.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    response = strict.post(address)
    assert response.status_code == 403
    assert words(response).startswith("Please try again We could not be sure")
    assert book(alice) == [HOME]


# --- What it costs, and how often -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/accounts/", ["SELECT letters_cartconsent"]),
        ("/accounts/addresses/", ["SELECT accounts_address"]),
        ("/accounts/addresses/add/", []),
    ],
)
def test_a_page_of_ones_own_costs_little(her: Client, address: str, expected: list[str]) -> None:
    for number in range(15):
        add(her, line1=f"{number} High Street")
    with queries_named() as queries:
        her.get(address)
    assert without_person(queries) == expected
    assert len(queries) <= len(expected) + 4


def test_a_person_sends_sixty_forms_a_minute(her: Client, bob: Any, settings: Settings) -> None:
    settings.THROTTLE = True
    for _ in range(60):
        assert her.post("/accounts/addresses/4711/remove/").status_code == 404
    for address in ("/accounts/", "/cart/", "/orders/1/cancel/", "/cart/add/1/"):
        response = her.post(address)
        assert response.status_code == 429
        assert 0 < int(response["Retry-After"]) <= 60
    assert her.get("/accounts/").status_code == 200
    his = Client()
    his.force_login(bob)
    assert his.post("/accounts/addresses/4711/remove/").status_code == 404

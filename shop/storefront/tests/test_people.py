"""Signing up, in and out, and what the head of personal pages says of it."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from shop.storefront.tests.reading import alert, fields, links, tags, words, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cheap_passwords")]

PASSWORD = "correct horse battery"
SIGN_IN = {"username": "alice", "password": PASSWORD}
SIGN_UP = {
    "first_name": "Cara",
    "last_name": "Clay",
    "email": "cara@example.com",
    "username": "cara",
    "password": "seventeen green apples",
}
UNKNOWN = "We know no account with this name and password. Please check both."


@pytest.fixture
def ann(alice: Any) -> Any:
    """Alice, who has a password."""
    alice.set_password(PASSWORD)
    alice.save()
    return alice


def people() -> list[str]:
    return list(get_user_model().objects.order_by("id").values_list("username", flat=True))


def head(client: Client, address: str = "/cart/") -> str:
    """Return what the head of a page says after its navigation."""
    body = client.get(address).content.decode()
    return words_of(body[body.index('<div class="person">') : body.index("</header>")])


def sign_in(client: Client, **form: str) -> Any:
    return client.post("/accounts/login/", SIGN_IN | form)


def sign_up(client: Client, **form: str) -> Any:
    return client.post("/accounts/signup/", SIGN_UP | form)


# --- In and out -----------------------------------------------------------------------------------


def test_somebody_signs_in_and_out(ann: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    form = fields(client.get("/accounts/login/")) | SIGN_IN
    response = client.post("/accounts/login/", form)
    assert (response.status_code, response["Location"]) == (302, "/accounts/")
    assert head(client) == "Your account: alice Sign out"
    found = tags(client.get("/cart/"))
    token = next(a["value"] for tag, a in found if a.get("name") == "csrfmiddlewaretoken")
    response = client.post("/accounts/logout/", {"csrfmiddlewaretoken": token})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert head(client) == "Sign in Register"


@pytest.mark.parametrize("name", ["alice@example.com", " Alice@EXAMPLE.com ", "alice", " ALICE "])
def test_an_email_address_is_as_good_as_a_username(client: Client, ann: Any, name: str) -> None:
    assert sign_in(client, username=name).status_code == 302
    assert head(client) == "Your account: alice Sign out"


def test_an_address_belongs_to_its_account_whatever_others_are_called(
    client: Client, ann: Any, bob: Any
) -> None:
    bob.username = "alice@example.com"
    bob.set_password("nine purple lanterns")
    bob.save()
    name = "alice@example.com"
    assert sign_in(client, username=name, password="nine purple lanterns").status_code == 422
    assert sign_in(client, username=name).status_code == 302
    assert head(client) == "Your account: alice Sign out"


@pytest.mark.parametrize(
    "form",
    [
        {"password": "wrong"},
        {"password": PASSWORD + " "},
        {"username": "nobody"},
        {"username": "nobody@example.com"},
        {"username": "alicé"},
        {"username": "<script>"},
        {"username": "\N{TEAPOT}" * 254},
        {"password": "x" * 500},
    ],
)
def test_a_wrong_name_or_password_signs_nobody_in(
    client: Client, ann: Any, form: dict[str, str]
) -> None:
    response = sign_in(client, **form)
    assert response.status_code == 422
    assert alert(response) == UNKNOWN
    assert fields(response)["username"] == (SIGN_IN | form)["username"].strip()
    assert fields(response)["password"] == ""
    assert head(client) == "Sign in Register"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"username": ""}, "Please fill this in."),
        ({"password": ""}, "Please fill this in."),
        (
            {"username": "a\0"},
            "A character in it cannot be printed.",
        ),
        (
            {"password": "a\0"},
            "A character in it cannot be printed.",
        ),
        (
            {"username": "x" * 255},
            "Too long: there is room for 254 letters, and it has 255.",
        ),
        (
            {"password": "x" * 501},
            "Too long: there is room for 500 letters, and it has 501.",
        ),
    ],
)
def test_what_cannot_be_a_name_or_a_password(
    client: Client, ann: Any, form: dict[str, str], sentence: str
) -> None:
    response = sign_in(client, **form)
    assert response.status_code == 422
    assert sentence in alert(response)


def test_a_disabled_account_cannot_sign_in(client: Client, ann: Any) -> None:
    ann.is_active = False
    ann.save()
    for name in ("alice", "alice@example.com"):
        response = sign_in(client, username=name)
        assert (response.status_code, alert(response)) == (422, UNKNOWN)


@pytest.mark.parametrize("name", ["alice", "alice@example.com", "nobody", "nobody@example.com"])
def test_whether_an_account_exists_does_not_show_in_the_time(
    client: Client, ann: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One password is hashed, whoever is named: that is where the time goes."""
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def encoding(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encoding)
    assert sign_in(client, username=name, password="wrong").status_code == 422
    assert hashed == ["wrong"]


def test_looking_asks_first_and_signs_nobody_out(ann: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    page = client.get("/accounts/logout/")
    assert page.status_code == 200
    assert words(page) == (
        "Sign out Your cart and your orders stay with your account. Sign out Stay signed in"
    )
    assert head(client) == "Your account: alice Sign out"
    assert client.post("/accounts/logout/", fields(page)).status_code == 302
    assert head(client) == "Sign in Register"
    assert client.get("/accounts/logout/")["Location"] == "/"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/accounts/logout/", "GET, HEAD, POST"),
        ("/accounts/addresses/1/remove/", "POST"),
        ("/orders/", "GET, HEAD"),
        ("/accounts/password/reset/a/b/", "GET, HEAD, POST"),
    ],
)
def test_another_method_is_answered_by_a_page(
    client: Client, ann: Any, address: str, allowed: str
) -> None:
    client.force_login(ann)
    response = client.delete(address)
    assert (response.status_code, response["Allow"]) == (405, allowed)
    assert words(response).startswith("That did not work This page cannot be opened like that")


def test_staff_find_the_way_to_the_back_office(client: Client, sam: Any) -> None:
    client.force_login(sam)
    assert head(client) == "Back office Your account: sam Sign out"
    assert "/admin/" in links(client.get("/accounts/"))


def test_people_are_greeted_by_the_name_they_gave(client: Client, ann: Any) -> None:
    ann.first_name = "<script>Ann"
    ann.save()
    client.force_login(ann)
    assert head(client) == "Your account: <script>Ann Sign out"
    assert "&lt;script&gt;Ann" in client.get("/cart/").content.decode()


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/"])
def test_whoever_is_in_is_not_asked_again(client: Client, ann: Any, address: str) -> None:
    client.force_login(ann)
    for target, expected in [("", "/accounts/"), ("?next=/orders/", "/orders/")]:
        assert client.get(f"{address}{target}")["Location"] == expected
    assert client.post(address, SIGN_UP)["Location"] == "/accounts/"
    assert people() == ["alice"]


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/signup/"])
def test_no_cache_keeps_these_pages(client: Client, address: str) -> None:
    assert "no-store" in client.get(address)["Cache-Control"]


# --- Where to -------------------------------------------------------------------------------------

WANTED = [
    ("/cart/", "/cart/"),
    ("/products/1/reviews/add/?a=b#c", "/products/1/reviews/add/?a=b#c"),
    ("http://testserver/checkout/", "http://testserver/checkout/"),
    ("", "/accounts/"),
    ("https://evil.example/", "/accounts/"),
    ("//evil.example/", "/accounts/"),
    ("///evil.example/", "/accounts/"),
    ("/\\evil.example/", "/accounts/"),
    ("\\\\evil.example/", "/accounts/"),
    ("http:///evil.example/", "/accounts/"),
    ("http:evil.example", "/accounts/"),
    (" https://evil.example/", "/accounts/"),
    ("\x08//evil.example/", "/accounts/"),
    ("/\t/evil.example/", "/accounts/"),
    ("javascript:alert(1)", "/accounts/"),
    ("http://testserver@evil.example/", "/accounts/"),
    ("http://testserver.evil.example/", "/accounts/"),
    ("/accounts/login/", "/accounts/"),
    ("/accounts/login/?next=/cart/", "/accounts/"),
    ("/accounts/signup/", "/accounts/"),
    ("/accounts/logout/", "/accounts/"),
    ("/" + "x" * 2000, "/accounts/"),
]


@pytest.mark.parametrize(("wanted", "arrived"), WANTED)
def test_somebody_comes_back_to_where_they_were_and_never_to_another_site(
    client: Client, ann: Any, wanted: str, arrived: str
) -> None:
    assert sign_in(client, next=wanted)["Location"] == arrived
    client.post("/accounts/logout/")
    response = client.post("/accounts/login/?next=" + "/orders/", SIGN_IN | {"next": wanted})
    assert response["Location"] == (arrived if wanted else "/orders/")
    client.post("/accounts/logout/")
    assert sign_up(client, next=wanted)["Location"] == arrived
    assert client.get("/accounts/login/", {"next": wanted})["Location"] == arrived


def test_the_way_is_not_lost_by_a_mistake_nor_between_the_two_doors(
    client: Client, ann: Any
) -> None:
    response = client.get("/accounts/login/?next=/checkout/")
    assert fields(response)["next"] == "/checkout/"
    assert "/accounts/signup/?next=%2Fcheckout%2F" in links(response)
    wrong = sign_in(client, password="wrong", next="/checkout/")
    assert fields(wrong)["next"] == "/checkout/"
    assert "next" not in fields(client.get("/accounts/login/?next=//evil.example/"))


# --- Opening an account ---------------------------------------------------------------------------


def test_somebody_opens_an_account_and_is_in(client: Client) -> None:
    response = sign_up(client)
    assert (response.status_code, response["Location"]) == (302, "/accounts/")
    cara = get_user_model().objects.get()
    assert (cara.username, cara.email) == ("cara", "cara@example.com")
    assert (cara.first_name, cara.last_name) == ("Cara", "Clay")
    assert cara.check_password(SIGN_UP["password"])
    assert (cara.is_staff, cara.is_superuser) == (False, False)
    assert head(client) == "Your account: Cara Sign out"


def test_nobody_makes_themselves_staff(client: Client) -> None:
    sign_up(client, is_staff="1", is_superuser="1", token_version="9")
    cara = get_user_model().objects.get()
    assert (cara.is_staff, cara.is_superuser, cara.token_version) == (False, False, 0)


def test_names_can_be_left_out(client: Client) -> None:
    assert sign_up(client, first_name="", last_name="").status_code == 302
    assert head(client) == "Your account: cara Sign out"


@pytest.mark.parametrize(
    ("form", "mistake"),
    [
        ({"username": "alice"}, "Username: Somebody has the username alice already."),
        ({"username": "ALICE"}, "Username: Somebody has the username ALICE already."),
        (
            {"first_name": "a\u202eb"},
            "First name (optional): A character in it cannot be printed.",
        ),
        ({"email": "ALICE@example.com"}, "E-mail: Somebody has this e-mail address already."),
        ({"username": ""}, "Username: Please fill this in."),
        ({"username": "a b"}, "Username: A space, or another character that no username has."),
        ({"username": "<script>"}, "Username: A space, or another character that no username has."),
        ({"email": ""}, "E-mail: Please fill this in."),
        (
            {"email": "nonsense"},
            "E-mail: This is no e-mail address, like ann@example.com.",
        ),
        (
            {"email": "a@example.com\nb: c"},
            "E-mail: This is no e-mail address, like ann@example.com.",
        ),
        (
            {"first_name": "a\0"},
            "First name (optional): A character in it cannot be printed.",
        ),
        (
            {"last_name": "x" * 151},
            "Last name (optional): Too long: there is room for 150 letters, and it has 151.",
        ),
        ({"password": ""}, "Password: Please fill this in."),
        ({"password": "12345678"}, "Password: This password is too common."),
        (
            {"password": "short"},
            "Password: This password is too short. It must contain at least 8 characters.",
        ),
        (
            {"password": "cara@example.com"},
            "Password: The password is too similar to the email address.",
        ),
    ],
)
def test_a_mistake_is_told_at_its_field_and_what_was_typed_is_kept(
    client: Client, alice: Any, form: dict[str, str], mistake: str
) -> None:
    response = sign_up(client, **form)
    assert response.status_code == 422
    assert alert(response) == (
        f"Please look at the marked fields. Please type your password again. {mistake}"
    )
    shown = fields(response)
    for name in SIGN_UP.keys() - form.keys() - {"password"}:
        assert shown[name] == SIGN_UP[name]
    assert shown["password"] == ""
    assert people() == ["alice"]
    assert head(client) == "Sign in Register"


def test_all_that_is_weak_of_a_password_is_told(client: Client) -> None:
    said = words(sign_up(client, password="123456"))
    for problem in ("too short", "too common", "entirely numeric"):
        assert problem in said

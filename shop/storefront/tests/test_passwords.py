"""Changing a password, and getting a new one by a letter."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.http import urlsafe_base64_encode
from pytest_django import Settings

from shop.storefront.tests.reading import alert, fields, links, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cheap_passwords"), pytest.mark.once]

OLD = "correct horse battery"
NEW = "seventeen green apples"
SENT = "/accounts/password/reset/sent/"


@pytest.fixture
def ann(alice: Any) -> Any:
    """Alice, who has a password."""
    alice.set_password(OLD)
    alice.save()
    return alice


def can_sign_in(password: str) -> bool:
    form = {"username": "alice", "password": password}
    return bool(Client().post("/accounts/login/", form).status_code == 302)


def signed_in(password: str = OLD) -> Client:
    client = Client()
    client.post("/accounts/login/", {"username": "alice", "password": password})
    assert is_in(client)
    return client


def is_in(client: Client) -> bool:
    return client.get("/accounts/").status_code == 200


# --- Changing it ----------------------------------------------------------------------------------


def change(client: Client, **form: str) -> Any:
    form = {"old_password": OLD, "password": NEW} | form
    return client.post("/accounts/password/change/", form)


def test_a_password_is_changed_here_and_everybody_else_is_signed_out(ann: Any) -> None:
    here, elsewhere = signed_in(), signed_in()
    response = change(here)
    assert (response.status_code, response["Location"]) == (302, "/accounts/")
    assert "Your password was changed. You are signed out everywhere else." in words(
        here.get("/accounts/")
    )
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert (can_sign_in(OLD), can_sign_in(NEW)) == (False, True)
    ann.refresh_from_db()
    assert ann.token_version == 1


@pytest.mark.parametrize(
    ("form", "mistake"),
    [
        ({"old_password": "wrong"}, "Present password: This is not your present password."),
        ({"old_password": ""}, "Present password: Please fill this in."),
        ({"password": ""}, "New password: Please fill this in."),
        ({"password": "alice@example.com"}, "New password: The password is too similar to the "),
        ({"password": "1234"}, "New password: This password is too short. It must contain at "),
        (
            {"password": "\0" * 9},
            "New password: A character in it cannot be printed.",
        ),
    ],
)
def test_a_mistake_changes_nothing(ann: Any, form: dict[str, str], mistake: str) -> None:
    here, elsewhere = signed_in(), signed_in()
    response = change(here, **form)
    assert response.status_code == 422
    assert mistake in alert(response)
    assert {fields(response)[name] for name in ("old_password", "password")} == {""}
    assert (is_in(here), is_in(elsewhere)) == (True, True)
    assert can_sign_in(OLD)
    ann.refresh_from_db()
    assert ann.token_version == 0


def test_the_old_password_is_not_guessed_from_a_screen_left_open(
    ann: Any, settings: Settings
) -> None:
    client = signed_in()
    settings.THROTTLE = True
    for _ in range(10):
        assert change(client, old_password="wrong").status_code == 422
    assert change(client).status_code == 429
    settings.THROTTLE = False
    assert can_sign_in(OLD)


def test_a_guest_has_no_password_to_change(client: Client) -> None:
    for response in (client.get("/accounts/password/change/"), change(client)):
        assert response.status_code == 302
        assert response["Location"] == "/accounts/login/?next=/accounts/password/change/"


# --- Forgetting it --------------------------------------------------------------------------------


def ask(client: Client, email: str = "alice@example.com") -> Any:
    return client.post("/accounts/password/reset/", {"email": email})


def link() -> str:
    """Return where the one letter leads to."""
    (letter,) = mail.outbox
    (address,) = re.findall(r"http://testserver(/\S+)", str(letter.body))
    return str(address)


def form_of(client: Client, address: str) -> str:
    """Follow the link of a letter; return where its form is."""
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"].endswith("/set-password/")
    return str(response["Location"])


def test_a_letter_leads_to_a_new_password(client: Client, ann: Any) -> None:
    elsewhere = signed_in()
    response = ask(client, " Alice@Example.COM ")
    assert (response.status_code, response["Location"]) == (302, SENT)
    assert words(client.get(SENT)).startswith(
        "Look into your mail If there is an account with this e-mail address, a letter"
    )
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (
        ["alice@example.com"],
        "A new password for Tern & Tide",
    )
    assert str(letter.body).startswith(
        "Hello,\n\nsomebody, probably you, asked for a new password for your account\n"
        '"alice" at Tern & Tide. You can choose one here:\n\nhttp://testserver/accounts/password/'
    )
    address = form_of(client, link())
    assert words(client.get(address)).startswith("Choose a new password You sign in as alice.")
    response = client.post(address, {"password": NEW})
    assert (response.status_code, response["Location"]) == (302, "/accounts/password/reset/done/")
    assert "/accounts/login/" in links(client.get(response["Location"]))
    assert (can_sign_in(OLD), can_sign_in(NEW)) == (False, True)
    assert not is_in(elsewhere)
    assert not is_in(client)
    ann.refresh_from_db()
    assert ann.token_version == 1


def test_no_name_that_somebody_else_chose_is_in_the_letter(client: Client, ann: Any) -> None:
    ann.first_name = "Ann O'Neill & <b>Sons</b>"
    ann.save()
    ask(client)
    assert "O'Neill" not in str(mail.outbox[0].body)


@pytest.mark.parametrize("who", ["known", "unknown", "disabled", "without a password"])
def test_nobody_learns_who_has_an_account(client: Client, ann: Any, who: str) -> None:
    if who == "disabled":
        ann.is_active = False
    if who == "without a password":
        ann.set_unusable_password()
    ann.save()
    response = ask(client, "bob@example.com" if who == "unknown" else "alice@example.com")
    assert (response.status_code, response["Location"], response.content) == (302, SENT, b"")
    assert not response.cookies
    assert len(mail.outbox) == (1 if who == "known" else 0)


def test_a_letter_that_cannot_be_sent_looks_the_same(
    client: Client, ann: Any, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    response = ask(client)
    assert (response.status_code, response["Location"]) == (302, SENT)


@pytest.mark.parametrize("email", ["", "nonsense", "a@b\0", "a@example.com\nBcc: b@example.com"])
def test_what_is_no_address_is_told(client: Client, ann: Any, email: str) -> None:
    response = ask(client, email)
    assert response.status_code == 422
    assert alert(response).startswith("Please look at the marked fields. E-mail: ")
    assert mail.outbox == []


def assert_does_not_work(client: Client, address: str) -> None:
    for response in (client.get(address), client.post(address, {"password": NEW})):
        assert response.status_code == 410
        assert words(response) == (
            "This link does not work any more It has been used already, or it is too old. "
            "Nothing was changed. Send me a new link"
        )
        assert links(response) == ["/accounts/password/reset/"]


def test_a_link_works_once(client: Client, ann: Any) -> None:
    ask(client)
    address = form_of(client, link())
    client.post(address, {"password": NEW})
    assert_does_not_work(client, address)
    assert_does_not_work(Client(), link())
    assert can_sign_in(NEW)


def test_two_windows_of_one_link_set_one_password(client: Client, ann: Any) -> None:
    ask(client)
    other = Client()
    first, second = form_of(client, link()), form_of(other, link())
    assert client.post(first, {"password": NEW}).status_code == 302
    assert other.post(second, {"password": "nine purple lanterns"}).status_code == 410
    assert can_sign_in(NEW)


def test_a_link_grows_old(client: Client, ann: Any, settings: Settings) -> None:
    ask(client)
    lifetime = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    with time_machine.travel(timezone.now() + lifetime + timedelta(minutes=1)):
        assert_does_not_work(client, link())
    assert can_sign_in(OLD)


def test_a_link_dies_when_the_password_is_changed_otherwise(client: Client, ann: Any) -> None:
    ask(client)
    change(signed_in(), password="nine purple lanterns")
    assert_does_not_work(client, link())


def test_a_link_is_for_one_account(client: Client, ann: Any, bob: Any) -> None:
    ask(client)
    *_, token, _end = link().split("/")
    whose = urlsafe_base64_encode(str(bob.id).encode())
    assert_does_not_work(client, f"/accounts/password/reset/{whose}/{token}/")


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/password/reset/MQ/set-password/",
        "/accounts/password/reset/MQ/x-y/",
        "/accounts/password/reset/!!!/x-y/",
        "/accounts/password/reset/OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5/x-y/",
        "/accounts/password/reset/AAAA/x-y/",
        "/accounts/password/reset/4pyT/%00/",
    ],
)
def test_a_link_that_is_not_ours(client: Client, ann: Any, address: str) -> None:
    assert_does_not_work(client, address)
    assert can_sign_in(OLD)


def test_a_weak_new_password_is_told(client: Client, ann: Any) -> None:
    ask(client)
    address = form_of(client, link())
    response = client.post(address, {"password": "alice1234"})
    assert response.status_code == 422
    assert "New password: The password is too similar to the username." in alert(response)
    assert client.post(address, {"password": NEW}).status_code == 302


def test_a_link_dies_when_its_owner_signs_in_after_all(client: Client, ann: Any) -> None:
    ask(client)
    assert can_sign_in(OLD)
    assert_does_not_work(client, link())


def test_letters_are_asked_for_five_times_an_hour(ann: Any, settings: Settings) -> None:
    settings.THROTTLE = True
    for number in range(6):
        client = Client(REMOTE_ADDR=f"10.0.0.{number}")
        assert ask(client, "ALICE@example.com").status_code == (302 if number < 5 else 429)
    assert len(mail.outbox) == 5
    client = Client(REMOTE_ADDR="10.0.1.1")
    for number in range(5):
        assert ask(client, f"person{number}@example.com").status_code == 302
    response = ask(client, "person6@example.com")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60 * 60

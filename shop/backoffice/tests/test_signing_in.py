"""The door: staff come in, others do not, and nobody tries for long."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.html import escape

from shop.accounts.rules import SIGN_INS_FROM_HERE
from shop.backoffice.site import OLD_PASSWORDS
from shop.backoffice.tests.desk import member
from shop.backoffice.wording import sentence_of
from shop.gate.errors import TooManyRequests

pytestmark = [pytest.mark.django_db, pytest.mark.once]

DOOR = "/admin/login/?next=/admin/"
PASSWORD = "a quiet harbour 7"


@pytest.fixture
def anna() -> Any:
    """A member of staff with a password."""
    person = member("anna", "Orders")
    person.set_password(PASSWORD)
    person.save()
    return person


def knock(client: Client, username: str = "anna", password: str = "wrong") -> Any:  # noqa: S107
    return client.post(DOOR, {"username": username, "password": password})


def test_staff_come_in(anna: Any, client: Client) -> None:
    assert client.get(DOOR).status_code == 200
    response = knock(client, password=PASSWORD)
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200
    assert client.post("/admin/logout/").status_code == 302
    assert client.get("/admin/").status_code == 302


def test_a_shopper_with_the_right_password_does_not(alice: Any, client: Client) -> None:
    alice.set_password(PASSWORD)
    alice.save()
    response = knock(client, "alice", PASSWORD)
    assert response.status_code == 200
    assert "staff account" in response.content.decode()
    assert client.get("/admin/").status_code == 302


def test_it_does_not_lead_to_another_site(anna: Any, client: Client) -> None:
    said = {"username": "anna", "password": PASSWORD, "next": "https://evil.example/"}
    response = client.post("/admin/login/?next=https://evil.example/", said)
    assert response.headers["Location"].startswith("/")
    assert "evil" not in response.headers["Location"]


@time_machine.travel("2026-11-22 12:00:01+00:00", tick=False)
def test_after_ten_tries_the_door_stays_shut_for_a_while(
    anna: Any, client: Client, settings: Any
) -> None:
    settings.THROTTLE = True
    for _ in range(SIGN_INS_FROM_HERE):
        assert knock(client).status_code == 200
    response = knock(client, password=PASSWORD)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "899"
    assert escape(sentence_of(TooManyRequests(retry_after=899))) in response.content.decode()
    assert client.get("/admin/").status_code == 302
    assert knock(client, " ANNA ", PASSWORD).status_code == 429


def test_others_are_not_kept_out(anna: Any, alice: Any, client: Client, settings: Any) -> None:
    settings.THROTTLE = True
    with time_machine.travel("2026-11-22 12:00:01+00:00", tick=False):
        for _ in range(SIGN_INS_FROM_HERE + 1):
            knock(client)
        assert knock(client, "alice").status_code == 200
        elsewhere = Client(REMOTE_ADDR="192.0.2.7")
        assert knock(elsewhere, password=PASSWORD).status_code == 302
    with time_machine.travel("2026-11-22 12:15:01+00:00", tick=False):
        assert knock(client, password=PASSWORD).status_code == 302


def test_a_new_password_ends_every_other_sign_in(anna: Any, client: Client) -> None:
    new = "another harbour 8"
    elsewhere = Client()
    for browser in (client, elsewhere):
        knock(browser, password=PASSWORD)
    said = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", said).status_code == 200
    anna.refresh_from_db()
    assert (anna.check_password(PASSWORD), anna.token_version) == (True, 0)
    response = client.post("/admin/password_change/", said | {"old_password": PASSWORD})
    assert response.headers["Location"] == "/admin/password_change/done/"
    anna.refresh_from_db()
    assert (anna.check_password(new), anna.token_version) == (True, 1)
    assert client.get("/admin/password_change/done/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_guesses_at_the_present_password_are_counted(
    anna: Any, client: Client, settings: Any
) -> None:
    knock(client, password=PASSWORD)
    settings.THROTTLE = True
    said = {"old_password": "wrong", "new_password1": "x", "new_password2": "x"}
    with time_machine.travel("2026-11-22 12:00:01+00:00", tick=False):
        client.force_login(anna)
        for _ in range(OLD_PASSWORDS):
            assert client.post("/admin/password_change/", said).status_code == 200
        assert client.post("/admin/password_change/", said).status_code == 429


@pytest.mark.parametrize("username", ["", "a\x00b", "x" * 10_000, "<script>alert(1)</script>"])
def test_strange_names_are_no_fault(username: str, settings: Any) -> None:
    settings.THROTTLE = True
    client = Client(raise_request_exception=False)
    response = knock(client, username)
    assert response.status_code == 200
    assert "<script>alert(1)" not in response.content.decode()


@time_machine.travel("2026-11-22 12:00:01+00:00", tick=False)
def test_right_passwords_do_not_use_up_the_tries(anna: Any, settings: Any) -> None:
    settings.THROTTLE = True
    for _ in range(SIGN_INS_FROM_HERE + 1):
        assert knock(Client(), password=PASSWORD).status_code == 302
    for _ in range(SIGN_INS_FROM_HERE):
        assert knock(Client()).status_code == 200
    assert knock(Client(), password=PASSWORD).status_code == 429


@time_machine.travel("2026-11-22 12:00:01+00:00", tick=False)
def test_right_passwords_use_up_nothing_of_the_name_elsewhere(
    anna: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.THROTTLE = True
    monkeypatch.setattr("shop.accounts.rules.SIGN_INS_OF_NAME", 2)
    for number in range(3):
        assert knock(Client(REMOTE_ADDR=f"192.0.2.{number}"), password=PASSWORD).status_code == 302
    for number, status in enumerate((200, 200, 429), start=3):
        assert knock(Client(REMOTE_ADDR=f"192.0.2.{number}")).status_code == status


@time_machine.travel("2026-11-22 12:00:01+00:00", tick=False)
def test_many_names_from_one_address_are_counted_together(
    anna: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.THROTTLE = True
    monkeypatch.setattr("shop.accounts.rules.SIGN_INS_OF_ADDRESS", 3)
    here = Client(REMOTE_ADDR="192.0.2.9")
    for name in ("a", "b", "c"):
        assert knock(here, name).status_code == 200
    assert knock(here, "anna", PASSWORD).status_code == 429
    assert knock(Client(REMOTE_ADDR="192.0.2.10"), "anna", PASSWORD).status_code == 302


def test_without_an_address_to_go_to_it_leads_to_the_first_page(anna: Any, client: Client) -> None:
    response = client.post("/admin/login/", {"username": "anna", "password": PASSWORD})
    assert response.headers["Location"] == "/admin/"

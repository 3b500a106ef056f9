"""How much one person can do."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from shop.api import throttles
from shop.api.tests.calling import Api, problem

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def closed_gate(open_gate: None, settings: Any) -> Iterator[None]:
    """People are counted, within one minute that does not pass."""
    settings.THROTTLE = True
    cache.clear()
    with time_machine.travel(datetime(2026, 5, 1, 12, 0, 15, tzinfo=UTC), tick=False):
        yield
    cache.clear()


def test_writes_are_counted_by_person(api: Api, alice: Any, bob: Any) -> None:
    shopper = Api(alice)
    for _ in range(throttles.WRITES_PER_MINUTE):
        assert shopper.post("carts/").status_code == 201
    response = shopper.post("carts/")
    assert problem(response) == (429, "too_many_requests")
    assert response["Retry-After"] == "45"
    assert response.json()["data"] == {"retry_after": 45}
    # Others are others, and reading goes on.
    assert Api(bob).post("carts/").status_code == 201
    assert api.post("carts/").status_code == 201
    assert shopper.get("carts/").status_code == 200


def test_the_next_minute_is_a_new_one(alice: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(throttles, "WRITES_PER_MINUTE", 1)
    shopper = Api(alice)
    assert shopper.post("carts/").status_code == 201
    assert shopper.post("carts/").status_code == 429
    with time_machine.travel(datetime(2026, 5, 1, 12, 1, 0, tzinfo=UTC), tick=False):
        assert shopper.post("carts/").status_code == 201


def test_reads_are_counted_by_address(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(throttles, "READS_PER_MINUTE", 3)
    here, there = Client(REMOTE_ADDR="10.0.0.1"), Client(REMOTE_ADDR="10.0.0.2")
    for _ in range(3):
        assert here.get("/api/products/").status_code == 200
    assert problem(here.get("/api/products/")) == (429, "too_many_requests")
    # What a client says of itself does not count.
    said = here.get("/api/products/", headers={"X-Forwarded-For": "10.0.0.9"})
    assert said.status_code == 429
    assert there.get("/api/products/").status_code == 200


@pytest.mark.parametrize(
    ("path", "limit"), [("login/", 100), ("register/", 100), ("token/refresh/", 300)]
)
def test_attempts_are_counted_by_address(db: None, path: str, limit: int) -> None:
    client = Client(REMOTE_ADDR="10.0.0.1")
    for number in range(limit):
        body = {"username": f"user-{number}"}
        answer = client.post(f"/api/{path}", body, content_type="application/json")
        assert answer.status_code == 400
    refused = client.post(f"/api/{path}", {"username": "x"}, content_type="application/json")
    assert problem(refused) == (429, "too_many_requests")


def test_bodies_that_cannot_be_read_are_counted_by_address(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr("shop.accounts.rules.SIGN_INS_OF_ADDRESS", 2)
    client = Client(REMOTE_ADDR="10.0.0.1")
    for status in (400, 400, 429):
        answer = client.post("/api/login/", "{", content_type="application/json")
        assert answer.status_code == status


def test_renewing_tokens_uses_up_no_sign_ins(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(throttles, "REFRESHES", 2)
    client = Client(REMOTE_ADDR="10.0.0.1")
    for status in (400, 400, 429):
        answer = client.post("/api/token/refresh/", {}, content_type="application/json")
        assert answer.status_code == status
    assert attempt("10.0.0.1", "maya") == WRONG


def attempt(address: str, name: str) -> tuple[int, str]:
    client = Client(REMOTE_ADDR=address)
    body = {"username": name, "password": "guess"}
    return problem(client.post("/api/login/", body, content_type="application/json"))


WRONG = (401, "wrong_credentials")
TOO_MANY = (429, "too_many_requests")


def test_attempts_on_one_username_from_one_address(db: None) -> None:
    for _ in range(10):
        assert attempt("10.0.0.1", "maya") == WRONG
    for name in ("maya", " MAYA ", "\N{FULLWIDTH LATIN SMALL LETTER M}aya"):
        assert attempt("10.0.0.1", name) == TOO_MANY
    # Others behind this address sign in, and nobody is kept out elsewhere.
    assert attempt("10.0.0.1", "mia") == WRONG
    for _ in range(50):
        assert attempt("10.0.0.1", "maya") == TOO_MANY
    assert attempt("10.0.0.2", "maya") == WRONG


def test_attempts_on_one_username_wherever_they_come_from(db: None) -> None:
    for number in range(50):
        assert attempt(f"10.0.0.{number}", "maya" if number % 2 else "Maya") == WRONG
    assert attempt("10.0.1.1", "maya") == TOO_MANY
    assert attempt("10.0.1.1", "mia") == WRONG


def test_a_load_test_lifts_all_limits(alice: Any, settings: Any) -> None:
    settings.THROTTLE = False
    shopper = Api(alice)
    for _ in range(throttles.WRITES_PER_MINUTE + 1):
        assert shopper.post("carts/").status_code == 201

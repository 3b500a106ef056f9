"""Attempts to sign in are counted together, whichever door somebody tries."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from shop.accounts import actions, rules
from shop.gate.errors import TooManyRequests

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cheap_passwords"), pytest.mark.once]

PASSWORD = "correct horse battery"
HERE, ELSEWHERE = "10.0.0.1", "10.0.0.2"


@pytest.fixture(autouse=True)
def counted(settings: Any) -> Iterator[None]:
    """Attempts count, within a quarter of an hour that does not pass."""
    settings.THROTTLE = True
    cache.clear()
    with time_machine.travel("2026-05-01 12:00:01+00:00", tick=False):
        yield
    cache.clear()


@pytest.fixture
def ann(alice: Any) -> Any:
    """Alice, who has a password and may enter the back office."""
    alice.set_password(PASSWORD)
    alice.is_staff = True
    alice.save()
    return alice


def at_api(address: str, name: str, password: str) -> int:
    said = {"username": name, "password": password}
    client = Client(REMOTE_ADDR=address)
    return client.post("/api/login/", said, content_type="application/json").status_code


def at_pages(address: str, name: str, password: str) -> int:
    said = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post("/accounts/login/", said).status_code


def at_back_office(address: str, name: str, password: str) -> int:
    said = {"username": name, "password": password}
    return Client(REMOTE_ADDR=address).post("/admin/login/", said).status_code


Door = Callable[[str, str, str], int]
# Each door, with what it says to a wrong password and to a right one.
DOORS: tuple[tuple[Door, int, int], ...] = (
    (at_api, 401, 200),
    (at_pages, 422, 302),
    (at_back_office, 200, 302),
)


def test_ten_attempts_spread_over_the_doors_close_all_of_them(ann: Any) -> None:
    for number in range(10):
        knock, wrong, _ = DOORS[number % 3]
        assert knock(HERE, "alice" if number % 2 else " ALICE ", "wrong") == wrong
    for knock, wrong, right in DOORS:
        assert knock(HERE, "alice", PASSWORD) == 429
        # Others behind this address try, and she comes in from elsewhere.
        assert knock(HERE, "bob", "wrong") == wrong
        assert knock(ELSEWHERE, "alice", PASSWORD) == right


def test_an_address_has_its_attempts_for_all_doors_together(
    ann: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SIGN_INS_OF_ADDRESS", 3)
    for number, (knock, wrong, _) in enumerate(DOORS):
        assert knock(HERE, f"person{number}", "wrong") == wrong
    for knock, _, right in DOORS:
        assert knock(HERE, "alice", PASSWORD) == 429
        assert knock(ELSEWHERE, "alice", PASSWORD) == right


def test_a_name_has_its_attempts_for_all_doors_together(
    ann: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SIGN_INS_OF_NAME", 3)
    for number, (knock, wrong, _) in enumerate(DOORS):
        assert knock(f"10.0.1.{number}", "alice", "wrong") == wrong
    for knock, wrong, _ in DOORS:
        assert knock(ELSEWHERE, "alice", PASSWORD) == 429
        assert knock(ELSEWHERE, "bob", "wrong") == wrong


def attempts(*, name: str, address: str, most: int) -> int:
    """Return how many attempts are let in before one is refused, of so many."""
    for number in range(most):
        try:
            actions.admit_sign_in(name=name, address=address)
        except TooManyRequests:
            return number
    return most


def test_the_limits() -> None:
    assert attempts(name="maya", address=HERE, most=200) == 10
    assert sum(attempts(name="mia", address=f"10.0.1.{n}", most=10) for n in range(9)) == 50
    # Ten attempts of this address went to "maya"; without a name only the address counts.
    assert attempts(name="", address=HERE, most=200) == 90


def test_what_is_refused_here_uses_up_nothing_elsewhere() -> None:
    for _ in range(60):
        attempts(name="maya", address=HERE, most=11)
    # Neither of the address, ...
    assert attempts(name="", address=HERE, most=200) == 90
    # ... nor of the name.
    left = sum(attempts(name="maya", address=f"10.0.1.{n}", most=10) for n in range(9))
    assert left == 40


def test_an_attempt_that_is_forgotten_was_none() -> None:
    for _ in range(200):
        actions.admit_sign_in(name="maya", address=HERE)
        actions.forget_sign_in(name=" MAYA ", address=HERE)
    assert attempts(name="maya", address=HERE, most=200) == 10


def test_another_quarter_of_an_hour_is_a_new_one() -> None:
    assert attempts(name="maya", address=HERE, most=200) == 10
    with pytest.raises(TooManyRequests) as refused:
        actions.admit_sign_in(name="maya", address=HERE)
    assert refused.value.retry_after == 899
    with time_machine.travel("2026-05-01 12:15:00+00:00", tick=False):
        actions.admit_sign_in(name="maya", address=HERE)

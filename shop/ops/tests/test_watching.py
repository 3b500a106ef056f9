"""Who watches over the processes: by any address, at the app servers and at the relay."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from shop.ops.answering import Pulse, only_for_watchers
from shop.ops.tests.commands import start
from shop.ops.tests.processes import free_port, status_of

pytestmark = pytest.mark.once


# --- App servers ---


@pytest.mark.django_db
@pytest.mark.parametrize("path", settings.WATCHED)
def test_whoever_watches_need_not_know_a_name_of_the_shop(path: str) -> None:
    assert Client().get(path, headers={"host": "172.18.0.5:8000"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/products/", "/metrics/", "/readyz/more", "//metrics"])
def test_everybody_else_has_to_know_it(path: str) -> None:
    assert Client().get(path, headers={"host": "172.18.0.5:8000"}).status_code == 400


# --- The relay ---


def _answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"the shop"]


def _ask(path: str, *, pulse: Pulse) -> tuple[str, bytes]:
    said: list[str] = []
    application = only_for_watchers(_answer, pulse=pulse)
    body = b"".join(application({"PATH_INFO": path}, lambda status, _: said.append(status)))
    return said[0], body


@pytest.mark.parametrize("path", settings.WATCHED)
def test_a_relay_answers_those_who_watch(path: str) -> None:
    assert _ask(path, pulse=Pulse()) == ("200 OK", b"the shop")


@pytest.mark.parametrize("path", ["/", "/admin/", "/healthz/", ""])
def test_a_relay_is_no_shop(path: str) -> None:
    assert _ask(path, pulse=Pulse())[0] == "404 Not Found"


def test_a_relay_that_finishes_nothing_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    pulse, now = Pulse(), time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + Pulse.SECONDS + 1)
    assert _ask("/healthz", pulse=pulse)[0] == "503 Service Unavailable"
    # What it has counted can be read all the same.
    assert _ask("/metrics", pulse=pulse)[0] == "200 OK"
    pulse.beat()
    assert _ask("/healthz", pulse=pulse)[0] == "200 OK"


@pytest.mark.django_db(transaction=True)
def test_a_relay_with_a_port_can_be_watched_from_its_start() -> None:
    port = free_port()
    process = start("relay", "--port", str(port))
    try:
        assert process.stdout
        assert process.stdout.readline() == "The relay is running.\n"
        where = f"http://127.0.0.1:{port}"
        assert {path: status_of(where + path) for path in settings.WATCHED} == dict.fromkeys(
            settings.WATCHED, 200
        )
        assert status_of(f"{where}/products/") == 404
        with urllib.request.urlopen(f"{where}/metrics", timeout=5) as answer:  # noqa: S310
            assert "novashop_database_up 1.0" in answer.read().decode()
        process.terminate()
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, out, err) == (0, "The relay has stopped.\n", "")
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{where}/healthz", timeout=5)  # noqa: S310


@pytest.mark.django_db(transaction=True)
def test_a_port_that_makes_no_sense_is_one_sentence() -> None:
    process = start("relay", "--port", "eighty")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err == (
        "CommandError: It cannot start: PORT must be a number from 1 to 65535, "
        "and it is 'eighty'.\n"
    )

"""An app server among others: several workers, one that dies, and leaving without a loss."""

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.ops.tests.processes import SECONDS_TO_CLOSE, SECONDS_TO_OPEN, Shop, close

pytestmark = pytest.mark.once


def _ask(shop: Shop, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Return the status, the headers and the body of an answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{shop.port}{path}",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    with contextlib.closing(_opened(request)) as answer:
        found = {name.lower(): value for name, value in answer.headers.items()}
        return int(answer.status or 0), found, answer.read().decode()


def _opened(request: urllib.request.Request) -> "urllib.response.addinfourl":
    try:
        answer: urllib.response.addinfourl = urllib.request.urlopen(request, timeout=20)  # noqa: S310
    except urllib.error.HTTPError as error:
        return error
    return answer


def _workers(process: subprocess.Popen[str]) -> set[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return {int(number) for number in children.split()}


def _titles(process: subprocess.Popen[str]) -> set[str]:
    return {Path(f"/proc/{number}/cmdline").read_text().strip("\0") for number in _workers(process)}


# --- Workers ---


def test_as_many_workers_answer_as_were_asked_for(known_shop: Shop) -> None:
    with known_shop.started("--prepared", "--workers=3") as process:
        known_shop.wait_until_open()
        # The shop is open as soon as one of them answers.
        wanted = {f"novashop worker-{number}" for number in (1, 2, 3)}
        deadline = time.monotonic() + SECONDS_TO_OPEN
        while (titles := _titles(process)) != wanted and time.monotonic() < deadline:
            time.sleep(0.02)
        status, _, err = close(process, by=signal.SIGTERM)

    assert titles == wanted
    assert status == 0
    assert "Traceback" not in err


def test_a_worker_that_is_killed_comes_back(known_shop: Shop) -> None:
    with known_shop.started("--prepared") as process:
        known_shop.wait_until_open()
        (worker,) = _workers(process)
        os.kill(worker, signal.SIGKILL)
        assert _wait_for_another(process, than=worker) != worker
        assert known_shop.wait_until_open() == 404
        status, _, err = close(process, by=signal.SIGTERM)

    assert status == 0
    assert "Traceback" not in err


def _wait_for_another(process: subprocess.Popen[str], *, than: int) -> int:
    deadline = time.monotonic() + SECONDS_TO_OPEN
    while not (found := _workers(process) - {than}):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found.pop()


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--workers=0", "--workers must be a number from 1 to 256, and it is 0"),
        ("--workers=257", "--workers must be a number from 1 to 256, and it is 257"),
        ("--drain=-1", "--drain must be a number of seconds from 0 to 600, and it is -1"),
        ("--drain=nan", "--drain must be a number of seconds from 0 to 600, and it is nan"),
    ],
)
def test_amounts_that_make_no_sense_are_refused(
    known_shop: Shop, option: str, sentence: str
) -> None:
    assert known_shop.refusal(option) == (1, "", f"NovaShop cannot start: {sentence}\n")


# --- Leaving ---


@contextlib.contextmanager
def _asked_all_the_time(shop: Shop) -> Iterator[None]:
    """Let somebody ask again and again, so that there is no silence."""
    done = threading.Event()

    def ask() -> None:
        while not done.wait(0.1):
            with contextlib.suppress(OSError):
                _ask(shop, "/robots.txt")

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_server_that_leaves_refuses_what_others_can_do_and_does_the_rest(
    known_shop: Shop,
) -> None:
    with known_shop.started("--prepared", "--drain=30") as process:
        known_shop.wait_until_open()
        assert _ask(known_shop, "/robots.txt", X_Retry_Elsewhere="1")[0] == 200
        with _asked_all_the_time(known_shop):
            process.send_signal(signal.SIGTERM)
            refused = _wait_until_it_refuses(known_shop)
            problem = _ask(known_shop, "/api/products/", X_Retry_Elsewhere="1")
            health = [_ask(known_shop, path)[0] for path in ("/healthz", "/readyz")]
            served = _ask(known_shop, "/robots.txt")
        # Silence, and it closes.
        _, err = process.communicate(timeout=SECONDS_TO_CLOSE)

    assert (refused[0], refused[1]["connection"]) == (502, "close")
    assert "restarting" in refused[2]
    assert (problem[0], problem[1]["content-type"]) == (502, "application/problem+json")
    assert health == [502, 502]
    assert (served[0], served[1]["connection"]) == (200, "close")
    assert (process.returncode, "Traceback" in err) == (0, False)


def _wait_until_it_refuses(shop: Shop) -> tuple[int, dict[str, str], str]:
    """Return the first answer that says no, to somebody who can be served elsewhere."""
    deadline = time.monotonic() + 20
    while (answer := _ask(shop, "/products/", X_Retry_Elsewhere="1"))[0] == 200:
        assert time.monotonic() < deadline, "it does not leave"
        time.sleep(0.05)
    return answer


def test_a_server_nobody_asks_leaves_after_a_moment(known_shop: Shop) -> None:
    with known_shop.started("--prepared", "--drain=60") as process:
        known_shop.wait_until_open()
        began = time.monotonic()
        status, _, _ = close(process, by=signal.SIGTERM)

    assert status == 0
    assert 1 <= time.monotonic() - began < 50


@pytest.mark.long
def test_a_server_that_is_asked_all_the_time_leaves_when_its_time_is_over(known_shop: Shop) -> None:
    with known_shop.started("--prepared", "--drain=3") as process:
        known_shop.wait_until_open()
        with _asked_all_the_time(known_shop):
            began = time.monotonic()
            status, _, _ = close(process, by=signal.SIGTERM)

    assert status == 0
    assert 3 <= time.monotonic() - began < 50


@pytest.mark.long
def test_a_second_signal_ends_the_wait(known_shop: Shop) -> None:
    with known_shop.started("--prepared", "--drain=600") as process:
        known_shop.wait_until_open()
        with _asked_all_the_time(known_shop):
            process.send_signal(signal.SIGTERM)
            _wait_until_it_refuses(known_shop)
            assert process.poll() is None
            status, _, _ = close(process, by=signal.SIGTERM)

    assert status == 0


def test_without_a_drain_the_door_is_closed_at_once(known_shop: Shop) -> None:
    with known_shop.started("--prepared") as process:
        known_shop.wait_until_open()
        with _asked_all_the_time(known_shop):
            status, _, _ = close(process, by=signal.SIGTERM)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", known_shop.port), timeout=5)

    assert status == 0

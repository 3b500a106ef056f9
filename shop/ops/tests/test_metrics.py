"""What Prometheus is told: by whom it may be asked, and what it hears when the database is away."""

import contextlib
import ipaddress
import platform
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import django
import pytest
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from shop.events.actions import run_due
from shop.events.models import Event, Schedule
from shop.lib.metrics import LANE
from shop.ops import database_facts
from shop.ops.database_facts import ask_database


@pytest.fixture(autouse=True)
def _an_answer_may_take_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has more to do than these tests still lets the database answer."""
    monkeypatch.setattr("shop.ops.database_facts._SECONDS", 30.0)


PARSERS: dict[str, Any] = {"text/plain": plain, "application/openmetrics-text": openmetrics}


def values_of(response: Any) -> dict[str, float]:
    """Return what an answer says, by name and labels, read by the library's own parser."""
    assert response.status_code == 200
    kind = response["Content-Type"].partition(";")[0]
    families = PARSERS[kind](response.content.decode())
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


# --- Who may ask ----------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("allowed", "caller", "proxies", "forwarded", "status"),
    [
        ("127.0.0.0/8 ::1", "127.0.0.1", 0, "", 200),
        ("127.0.0.0/8 ::1", "::1", 0, "", 200),
        ("127.0.0.0/8 ::1", "::ffff:127.0.0.1", 0, "", 200),
        ("127.0.0.0/8 ::1", "203.0.113.9", 0, "", 404),
        ("127.0.0.0/8 ::1", "", 0, "", 404),
        ("127.0.0.0/8 ::1", "::ffff:203.0.113.9", 0, "", 404),
        # Nobody says of themselves that they are here.
        ("127.0.0.0/8 ::1", "203.0.113.9", 0, "127.0.0.1", 404),
        ("127.0.0.0/8 ::1", "203.0.113.9", 1, "127.0.0.1, 203.0.113.9", 404),
        # Behind our own proxy the caller is who called the proxy.
        ("127.0.0.0/8 ::1", "127.0.0.1", 1, "203.0.113.9", 404),
        ("127.0.0.0/8 ::1", "127.0.0.1", 1, "127.0.0.1", 200),
        ("10.1.0.0/16", "127.0.0.1", 1, "10.1.2.3", 200),
        ("10.1.0.0/16", "127.0.0.1", 1, "10.2.2.3", 404),
        ("", "127.0.0.1", 0, "", 404),
    ],
)
def test_only_those_who_are_named_may_ask(
    settings: Any, allowed: str, caller: str, proxies: int, forwarded: str, status: int
) -> None:
    settings.METRICS_NETWORKS = [ipaddress.ip_network(place) for place in allowed.split()]
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}

    answer = Client(REMOTE_ADDR=caller).get("/metrics", headers=headers)

    assert answer.status_code == status
    assert (b"novashop_build_info" in answer.content) is (status == 200)


@pytest.mark.once
@pytest.mark.django_db
def test_it_is_for_reading_and_not_for_keeping(client: Client) -> None:
    assert client.head("/metrics").status_code == 200
    assert client.post("/metrics").status_code == 405
    assert "no-store" in client.get("/metrics")["Cache-Control"]
    # To strangers even that is nothing.
    assert Client(REMOTE_ADDR="203.0.113.9").post("/metrics").status_code == 404


# --- What they hear -------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", PARSERS)
def test_both_languages_of_prometheus_are_spoken(client: Client, kind: str) -> None:
    client.get("/products/")

    answer = client.get("/metrics", headers={"Accept": kind})
    values = values_of(answer)

    assert answer["Content-Type"].startswith(kind)
    assert values[f"novashop_requests_in_progress {LANE}"] == 1
    assert values[f"novashop_workers {LANE}"] == 1
    assert values["novashop_request_seconds_count GET /products/ 2xx"] >= 1
    assert values["novashop_database_up"] == 1
    assert not [name for name in values if not name.startswith("novashop_")]


@pytest.mark.django_db(transaction=True)
def test_the_database_tells_how_much_waits_and_how_late_things_are(client: Client) -> None:
    now = timezone.now()
    Event.objects.create(
        name="mug.broke", subject="mug:1", created_at=now - timedelta(minutes=5), due_at=now
    )
    run_due()
    late, early = Schedule.objects.order_by("name").values_list("name", flat=True)[:2]
    Schedule.objects.filter(name=late).update(due_at=now - timedelta(minutes=2))
    Schedule.objects.filter(name=early).update(due_at=now + timedelta(minutes=2))

    values = values_of(client.get("/metrics"))

    assert values["novashop_events_waiting"] == 1
    assert values["novashop_events_oldest_seconds"] == pytest.approx(300, abs=20)
    assert values[f"novashop_schedule_late_seconds {late}"] == pytest.approx(120, abs=20)
    assert values[f"novashop_schedule_late_seconds {early}"] == 0
    if connection.vendor == "sqlite":
        assert not [
            name
            for name in values
            if name.startswith(("novashop_database_c", "novashop_database_l"))
        ]
        return
    # Ours, and the one that asks.
    ours = values["novashop_database_connections"]
    everybody = values["novashop_database_connections_of_everybody"]
    assert 2 <= ours <= everybody < values["novashop_database_connections_limit"] < 100_000


@pytest.mark.django_db(transaction=True)
def test_a_question_leaves_no_connection_behind(client: Client) -> None:
    for _ in range(5):
        assert ask_database() is not None
    if connection.vendor == "sqlite":
        return

    # A server may count a connection for a moment after it was closed.
    deadline = time.monotonic() + 10
    while (connections := _connections()) > 2 and time.monotonic() < deadline:
        time.sleep(0.1)

    # The test's own, and the one that asks.
    assert connections <= 2


def _connections() -> int:
    facts = ask_database()
    assert facts is not None
    assert facts.server is not None
    return facts.server.connections


@pytest.mark.django_db(transaction=True)
def test_it_tells_for_how_long_something_is_going_on(client: Client) -> None:
    if connection.vendor == "sqlite":
        # It has no server that could be asked.
        assert "novashop_database_longest_seconds" not in values_of(client.get("/metrics"))
        return

    def longest() -> float:
        return values_of(client.get("/metrics"))["novashop_database_longest_seconds"]

    deadline = time.monotonic() + 30
    with _a_long_statement():
        began = time.monotonic()
        while (busy := longest()) < 1 and time.monotonic() < deadline:
            time.sleep(0.1)
        most = time.monotonic() - began + 1
    while (quiet := longest()) >= 1 and time.monotonic() < deadline:
        time.sleep(0.1)

    # MySQL counts whole seconds.
    assert 1 <= busy <= most
    assert quiet < 1


@contextlib.contextmanager
def _a_long_statement() -> Iterator[None]:
    """Let the server work at something, by a connection of its own, until it is ended."""
    number, sleep, end = {
        "postgresql": ("pg_backend_pid()", "SELECT pg_sleep(60)", "SELECT pg_cancel_backend(%s)"),
        "mysql": ("CONNECTION_ID()", "SELECT SLEEP(60)", "KILL QUERY %s"),
    }[connection.vendor]
    numbers: list[int] = []
    begun = threading.Event()

    def be_slow() -> None:
        with contextlib.closing(connection.copy()) as other, other.cursor() as cursor:
            cursor.execute(f"SELECT {number}")
            numbers.extend(cursor.fetchone())
            begun.set()
            with contextlib.suppress(DatabaseError):
                cursor.execute(sleep)

    slow = threading.Thread(target=be_slow)
    slow.start()
    try:
        assert begun.wait(30)
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(end, numbers)
        slow.join()


# --- Processes ------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.django_db
def test_it_tells_how_its_processes_are(client: Client) -> None:
    values = values_of(client.get("/metrics"))

    (name,) = (name for name in values if name.startswith("novashop_process_resident_bytes"))
    who = name.removeprefix("novashop_process_resident_bytes")
    assert 10_000_000 < values[name] < 4_000_000_000
    assert values[f"novashop_process_cpu_seconds_total{who}"] > 0
    assert time.time() - 86_400 < values[f"novashop_process_start_time_seconds{who}"] < time.time()


# --- When the database is away --------------------------------------------------------------------


@pytest.fixture
def slow() -> Iterator[threading.Event]:
    """Let go, after the test, of a question that still waits."""
    go_on = threading.Event()
    yield go_on
    go_on.set()
    if database_facts._last is not None:
        database_facts._last.join(5)


@pytest.mark.once
@pytest.mark.django_db
def test_without_its_database_it_tells_the_rest(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr("shop.ops.database_facts._asked", away)

    values = values_of(client.get("/metrics"))

    assert values["novashop_database_up"] == 0
    of_database = ("novashop_events_waiting", "novashop_events_oldest", "novashop_schedule_late")
    versions = (django.get_version(), platform.python_version(), settings.VERSION)
    assert values[" ".join(["novashop_build_info", *versions])] == 1
    assert not [name for name in values if name.startswith(of_database)]


@pytest.mark.once
@pytest.mark.django_db
def test_a_database_that_says_nothing_keeps_nobody_waiting(
    client: Client, monkeypatch: pytest.MonkeyPatch, slow: threading.Event
) -> None:
    asked: list[int] = []

    def silent() -> Any:
        asked.append(1)
        slow.wait(30)

    monkeypatch.setattr("shop.ops.database_facts._asked", silent)
    monkeypatch.setattr("shop.ops.database_facts._SECONDS", 0.3)

    started = time.monotonic()
    first = values_of(client.get("/metrics"))["novashop_database_up"]
    again = values_of(client.get("/metrics"))["novashop_database_up"]

    assert (first, again) == (0, 0)
    assert time.monotonic() - started < 5
    # It is asked once, and not by ever more threads.
    assert asked == [1]

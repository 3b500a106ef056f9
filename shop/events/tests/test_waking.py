"""On PostgreSQL a relay that sleeps is woken by what is told; elsewhere it looks once a second."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from shop.events import actions
from shop.events.actions import Rest, waking
from shop.events.models import Event
from shop.events.tests.telling import tell
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nobody_listens"),
]

# Far longer than any of it takes, and shorter than anybody waits for a test.
FOREVER = 60.0


@pytest.fixture
def postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL wakes who sleeps")


@contextmanager
def sleeping(rest: Rest, stop: threading.Event) -> Iterator[threading.Thread]:
    """Let a relay rest in a thread of its own; it is told to stop at the end."""

    def sleep() -> None:
        try:
            rest.until_news(stop)
        finally:
            connection.close()

    thread = threading.Thread(target=sleep)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(FOREVER)


def is_somebody_asleep() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            # Of this database: others of the server have sleepers of their own.
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND objid = %s"
            " AND mode = 'ExclusiveLock'",
            [waking._SLEEPING],
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.usefixtures("postgresql")
def test_what_is_told_wakes_who_sleeps() -> None:
    stop = threading.Event()
    with sleeping(Rest(longest=FOREVER), stop) as thread:
        wait_until(is_somebody_asleep, seconds=FOREVER)
        tell()
        thread.join(FOREVER / 2)
        assert not thread.is_alive()
    assert not is_somebody_asleep()


@pytest.mark.usefixtures("postgresql")
def test_what_did_not_happen_wakes_nobody() -> None:
    stop = threading.Event()
    with sleeping(Rest(longest=FOREVER), stop) as thread:
        wait_until(is_somebody_asleep, seconds=FOREVER)
        with transaction.atomic():
            actions.emit(name="mug.broke", subject="mug:1", payload={})
            transaction.set_rollback(True)
        thread.join(0.5)
        assert thread.is_alive()


@pytest.mark.usefixtures("postgresql")
def test_what_was_told_before_is_found_and_not_waited_for() -> None:
    tell()

    Rest(longest=FOREVER).until_news(threading.Event())

    assert Event.objects.filter(delivered_at=None).exists()


@pytest.mark.usefixtures("postgresql")
def test_nobody_sleeps_while_somebody_is_telling_something() -> None:
    """Or what is told now would wake nobody: it was written before there was a sleeper."""
    stop = threading.Event()
    with transaction.atomic():
        actions.emit(name="mug.broke", subject="mug:1", payload={})
        with sleeping(Rest(longest=FOREVER), stop) as thread:
            thread.join(FOREVER / 2)
            assert not thread.is_alive()


@pytest.mark.usefixtures("postgresql")
def test_while_one_sleeps_the_others_nap_longer_and_longer() -> None:
    stop, rest = threading.Event(), Rest(longest=0.1)
    with sleeping(Rest(longest=FOREVER), stop):
        wait_until(is_somebody_asleep, seconds=FOREVER)
        naps = []
        for _ in range(4):
            naps.append(rest._nap)
            rest.until_news(threading.Event())

    assert naps == [0.02, 0.04, 0.08, 0.1]
    # What was found then may be followed by more.
    rest.begin_anew()
    assert rest._nap == 0.02


def test_whoever_is_told_to_stop_does_not_sleep_on() -> None:
    stop = threading.Event()
    with sleeping(Rest(longest=FOREVER), stop) as thread:
        stop.set()
        thread.join(FOREVER / 2)
        assert not thread.is_alive()


def test_nobody_rests_longer_than_that() -> None:
    Rest(longest=0.01).until_news(threading.Event())

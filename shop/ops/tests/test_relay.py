"""`manage.py relay`: it delivers, does what is due, outlives its database, and ends when told."""

import atexit
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from shop.events import actions as events
from shop.events.models import Event
from shop.ops import relaying
from shop.ops.management.commands import relay
from shop.ops.tests.commands import start, wait_until
from shop.orders.models import Order
from shop.orders.rules import PaymentMethod
from tests.builders import breaches, order_states, place, put_on_sale, stock_of

SECONDS_TO_END = 10


@contextmanager
def running_relay() -> Iterator["subprocess.Popen[str]"]:
    """Start a relay on the test's database, and wait until it says that it runs."""
    process = start("relay")
    try:
        assert process.stdout
        assert process.stdout.readline() == "The relay is running.\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_delivers_expires_and_ends(number: signal.Signals) -> None:
    mug = put_on_sale("mug", stock=10)
    kept = place({mug: 2}, payment=PaymentMethod.BANK_TRANSFER)
    late = place({mug: 3}, payment=PaymentMethod.BANK_TRANSFER)
    Order.objects.filter(id=late).update(expires_at=timezone.now() - timedelta(seconds=1))

    with running_relay() as process:
        wait_until(
            lambda: (
                not Event.objects.filter(delivered_at__isnull=True).exists()
                and order_states(late)[0] == "Canceled"
            ),
            process,
        )
        process.send_signal(number)
        out, err = process.communicate(timeout=SECONDS_TO_END)

    assert (process.returncode, out, err) == (0, "The relay has stopped.\n", "")
    assert order_states(kept) == ("Pending", "Unpaid", "Unshipped")
    assert stock_of(mug) == (10, 2)
    assert set(Event.objects.values_list("name", "subject")) >= {
        ("order.placed", f"order:{late}"),
        ("order.expired", f"order:{late}"),
    }
    assert breaches() == []


@pytest.mark.once
def test_a_signal_never_waits_for_the_lock_that_the_waiting_holds() -> None:
    stop = threading.Event()
    handled = threading.Event()

    def be_interrupted_while_waiting() -> None:
        with stop._cond:  # type: ignore[attr-defined]  # what `stop.wait` does first
            relay._set(stop)
        handled.set()

    threading.Thread(target=be_interrupted_while_waiting, daemon=True).start()

    assert handled.wait(SECONDS_TO_END)
    assert stop.wait(SECONDS_TO_END)


@pytest.fixture
def one_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything wait in the same queue."""
    monkeypatch.setattr(events, "queues_apart", lambda: (None,))


def answers(*results: int | Exception, stop: threading.Event) -> Callable[..., int]:
    """Return a function that gives these results one after the other, and stops with the last."""
    left = list(results)

    def answer(**_: object) -> int:
        result = left.pop(0)
        if not left:
            stop.set()
        if isinstance(result, Exception):
            raise result
        return result

    return answer


@pytest.mark.django_db
@pytest.mark.usefixtures("one_queue")
def test_it_outlives_a_database_that_is_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    away = (OperationalError("server closed"), InterfaceError("already closed"))
    monkeypatch.setattr(events, "deliver_due", answers(*away, 0, stop=stop))
    monkeypatch.setattr(events, "run_due", lambda: 0)
    monkeypatch.setattr(relaying, "REST_SECONDS", 0)

    relaying.relay_until(stop)

    assert [record.getMessage() for record in caplog.records] == [
        "The relay waits for the database: server closed",
        "The relay waits for the database: already closed",
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("one_queue")
def test_so_does_the_schedule_and_it_outlives_a_mistake(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    troubles = (OperationalError("gone"), ValueError("a bad row"))
    monkeypatch.setattr(events, "deliver_due", lambda **_: 0)
    monkeypatch.setattr(events, "run_due", answers(*troubles, 1, stop=stop))
    monkeypatch.setattr(relaying, "REST_SECONDS", 0.01)

    relaying.relay_until(stop)

    assert caplog.messages == [
        "The relay waits for the database: gone",
        "What is due by the schedule could not be done",
    ]


@pytest.mark.once
@pytest.mark.usefixtures("one_queue")
def test_news_does_not_wait_for_what_the_schedule_takes_its_time_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop, is_delivered = threading.Event(), threading.Event()

    def deliver(**_: object) -> int:
        is_delivered.set()
        return 0

    def draw() -> int:
        assert is_delivered.wait(SECONDS_TO_END)
        stop.set()
        return 0

    monkeypatch.setattr(events, "deliver_due", deliver)
    monkeypatch.setattr(events, "run_due", draw)
    monkeypatch.setattr(events.WebhookSender, "work", lambda _: 0)

    relaying.relay_until(stop)

    assert is_delivered.is_set()
    assert not [each for each in threading.enumerate() if each.name == "schedule"]


@pytest.mark.django_db
@pytest.mark.usefixtures("one_queue")
def test_it_rests_only_when_there_is_nothing_to_deliver(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    rests: list[float] = []
    monkeypatch.setattr(stop, "wait", rests.append)
    monkeypatch.setattr(events, "deliver_due", answers(100, 7, 0, 1, stop=stop))
    monkeypatch.setattr(relaying, "_works", lambda _: ())

    relaying.relay_until(stop)

    assert rests == [relaying.REST_SECONDS]


@pytest.mark.once
def test_a_queue_that_stands_still_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, answered = threading.Event(), threading.Event()
    rounds: list[str] = []

    def deliver(*, queue: str) -> int:
        if queue == "mail":
            assert answered.wait(SECONDS_TO_END)
            return 0
        rounds.append(queue)
        if len(rounds) == 3:
            stop.set()
            answered.set()
        return 1

    monkeypatch.setattr(events, "queues_apart", lambda: ("events", "mail"))
    monkeypatch.setattr(events, "deliver_due", deliver)
    monkeypatch.setattr(events, "run_due", lambda: 0)

    relaying.relay_until(stop)

    assert rounds == ["events"] * 3
    assert not [each for each in threading.enumerate() if each.name == "relay-mail"]


@pytest.mark.once
def test_a_queue_beside_goes_on_after_what_nobody_foresaw(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    of_mail = answers(ValueError("a bad row"), 0, stop=stop)

    def deliver(*, queue: str) -> int:
        return of_mail() if queue == "mail" else 1

    monkeypatch.setattr(events, "queues_apart", lambda: ("events", "mail"))
    monkeypatch.setattr(events, "deliver_due", deliver)
    monkeypatch.setattr(events, "run_due", lambda: 0)
    monkeypatch.setattr(events.WebhookSender, "work", lambda _: 0)
    monkeypatch.setattr(relaying, "REST_SECONDS", 0.01)
    giving_up = threading.Timer(SECONDS_TO_END, stop.set)
    giving_up.start()

    relaying.relay_until(stop)

    assert not giving_up.finished.is_set()
    giving_up.cancel()
    assert caplog.messages == ["What waits in the queue mail could not be delivered"]


@pytest.mark.once
def test_in_the_background_it_ends_with_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    endings: list[Callable[[], None]] = []
    delivered = threading.Event()

    def deliver(**_: object) -> int:
        delivered.set()
        return 0

    monkeypatch.setattr(atexit, "register", endings.append)
    monkeypatch.setattr(events, "deliver_due", deliver)
    monkeypatch.setattr(events, "run_due", lambda: 0)
    monkeypatch.setattr(events.WebhookSender, "work", lambda _: 0)

    relaying.relay_in_background()
    (thread,) = (each for each in threading.enumerate() if each.name == "relay")
    assert delivered.wait(SECONDS_TO_END)
    (end,) = endings
    end()

    assert not thread.is_alive()

"""The relay: every handler hears its news once, the oldest first, and has a receipt for it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from shop.events.actions import deliver_due, forget_delivered, on
from shop.events.models import Event, Receipt
from shop.events.queries import breaches
from shop.events.rules import Notice
from shop.events.tests.telling import claiming_names, listener, state_of, tell
from tests.builders import NOON
from tests.counts import count_of
from tests.queries import queries_named
from tests.races.racing import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_listens")]

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _effects_are_there_once() -> Iterator[None]:
    yield
    assert not list(breaches())


@pytest.mark.usefixtures("clock")
def test_a_handler_hears_news_once_and_has_a_receipt() -> None:
    heard: list[Notice] = []
    handler = on("mug.counted")(heard.append)
    event_id = tell("mug.counted", "mug:1", pieces=3)

    before = count_of("novashop_events_delivered_total")
    assert deliver_due() == 1
    assert deliver_due() == 0

    assert count_of("novashop_events_delivered_total") == before + 1
    assert heard == [Notice(event_id, "mug.counted", "mug:1", {"pieces": 3}, version=1)]
    assert Event.objects.get().delivered_at == NOON
    receipt = Receipt.objects.get()
    assert receipt.event_id == event_id
    assert receipt.handler.endswith(handler.__qualname__)
    assert receipt.created_at == NOON


def test_every_handler_of_a_name_hears_it_and_no_other() -> None:
    heard: list[str] = []

    @on("mug.broke")
    def first(notice: Notice) -> None:
        heard.append(f"first {notice.subject}")

    @on("mug.broke")
    def second(notice: Notice) -> None:
        heard.append(f"second {notice.subject}")

    @on("mug.mended")
    def third(notice: Notice) -> None:
        heard.append(f"third {notice.subject}")

    tell("mug.broke", "mug:1")
    tell("mug.mended", "mug:2")

    assert deliver_due() == 2
    assert heard == ["first mug:1", "second mug:1", "third mug:2"]
    assert Receipt.objects.count() == 3


def test_a_handler_registered_twice_hears_it_once() -> None:
    heard: list[str] = []
    on("mug.broke")(listener(heard))
    tell()

    deliver_due()

    assert heard == ["mug:1"]


@pytest.mark.parametrize("name", ["nobody.cares", "mug", "MUG.BROKE", ""])
def test_news_nobody_wants_is_delivered(name: str) -> None:
    """Whatever it is called: a name may have been declared when it was told, and not any more."""
    heard: list[str] = []
    listener(heard)
    event_id = tell()
    Event.objects.update(name=name)

    with queries_named() as names:
        assert deliver_due() == 1

    assert heard == []
    assert state_of(event_id) == (True, 0, 0)
    # Claim it, and mark it.
    assert names == [*claiming_names(), "UPDATE events_event"]


def test_the_oldest_comes_first_and_only_so_many_at_once(clock: time_machine.Traveller) -> None:
    heard: list[str] = []
    listener(heard)
    for number in (1, 2, 3):
        tell(subject=f"mug:{number}")
    # What has waited longest goes first, whatever its number.
    Event.objects.filter(subject="mug:3").update(due_at=NOON - SECOND)

    assert deliver_due(limit=2) == 2
    assert heard == ["mug:3", "mug:1"]
    clock.shift(SECOND)
    assert deliver_due(limit=2) == 1
    assert heard == ["mug:3", "mug:1", "mug:2"]


def test_news_that_is_not_due_waits(clock: time_machine.Traveller) -> None:
    heard: list[str] = []
    listener(heard)
    tell()
    Event.objects.update(due_at=NOON + SECOND)

    assert deliver_due() == 0
    clock.shift(SECOND)
    assert deliver_due() == 1
    assert heard == ["mug:1"]


def test_a_relay_that_has_nothing_to_do_asks_once_and_locks_nothing() -> None:
    tell()
    deliver_due()

    with CaptureQueriesContext(connection) as captured:
        assert deliver_due() == 0

    # Nor does it open a transaction: on SQLite that would keep everybody else from writing.
    assert len(captured) == 1


def test_a_relay_needs_transactions_of_its_own() -> None:
    heard: list[str] = []
    listener(heard)
    tell()

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        deliver_due()

    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_relays_that_run_at_once_do_each_thing_once() -> None:
    heard: list[str] = []
    listener(heard)
    for number in range(24):
        tell(subject=f"mug:{number:02}")

    def relay() -> int:
        return sum(iter(lambda: deliver_due(limit=3), 0))

    claimed = race(*[relay] * 4)

    assert sum(claimed) == 24
    assert sorted(heard) == [f"mug:{number:02}" for number in range(24)]
    assert Receipt.objects.count() == Group.objects.count() == 24
    assert not Event.objects.filter(delivered_at=None).exists()


def test_only_what_was_delivered_long_ago_is_forgotten() -> None:
    now = timezone.now()
    for days in (29, 30, 31):
        then = now - timedelta(days=days)
        event = Event.objects.create(
            name="x", subject=f"{days} days", created_at=then, due_at=then, delivered_at=then
        )
        event.receipts.create(handler="x", created_at=then)
    tell(subject="never delivered")

    assert forget_delivered(before=now - timedelta(days=30)) == 1

    left = Event.objects.order_by("id").values_list("subject", flat=True)
    assert list(left) == ["29 days", "30 days", "never delivered"]
    assert Receipt.objects.count() == 2
    assert forget_delivered(before=now - timedelta(days=30)) == 0


def test_a_lot_is_forgotten_a_little_at_a_time() -> None:
    now = timezone.now()
    Event.objects.bulk_create(
        Event(name="x", subject="y", created_at=now, due_at=now, delivered_at=now)
        for _ in range(1_001)
    )

    with queries_named() as names:
        assert forget_delivered(before=now + SECOND) == 1_001

    assert names.count("DELETE events_event") >= 2
    assert not Event.objects.exists()

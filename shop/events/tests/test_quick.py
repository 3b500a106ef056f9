"""Quick handlers share a transaction: fewer commits, and still one effect for each event."""

import logging
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from shop.events.actions import deliver_due, on
from shop.events.models import Event, Receipt
from shop.events.queries import breaches
from shop.events.rules import Notice
from shop.events.tests.telling import claiming_names, name_of, state_of, tell
from tests.counts import count_of
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_listens")]


@pytest.fixture(autouse=True)
def _effects_are_there_once(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.CRITICAL, logger="shop.events")
    yield
    assert not list(breaches())


def groups() -> list[str]:
    return list(Group.objects.order_by("name").values_list("name", flat=True))


def test_many_events_of_quick_handlers_are_one_transaction() -> None:
    @on("mug.broke", is_quick=True)
    def note(notice: Notice) -> None:
        pass

    for number in range(50):
        tell(subject=f"mug:{number}")

    with queries_named() as names:
        assert deliver_due() == 50

    assert names == [
        *claiming_names(),
        "SELECT events_receipt",
        "INSERT events_receipt",
        "UPDATE events_event",
    ]
    assert Receipt.objects.count() == 50
    assert count_of("novashop_handler_runs_total", handler=name_of(note), outcome="done") == 50


def test_one_that_fails_stands_alone_and_the_others_are_done_once() -> None:
    @on("mug.broke", is_quick=True)
    def note(notice: Notice) -> None:
        Group.objects.create(name=notice.subject)
        if notice.subject == "mug:3":
            raise ValueError("no glue")

    ids = [tell(subject=f"mug:{number}") for number in range(8)]

    assert deliver_due() == 8

    assert groups() == [f"mug:{number}" for number in range(8) if number != 3]
    assert [state_of(id_) for id_ in ids] == [
        (False, 1, 0) if number == 3 else (True, 0, 1) for number in range(8)
    ]
    assert Event.objects.get(id=ids[3]).last_error.endswith("note: ValueError('no glue')")


def test_quick_and_slow_handlers_of_one_event_run_apart() -> None:
    @on("mug.broke", is_quick=True)
    def note(notice: Notice) -> None:
        Group.objects.create(name=f"{notice.subject} noted")

    @on("mug.broke")
    def fail(notice: Notice) -> None:
        raise ValueError("no glue")

    event_id = tell()
    deliver_due()

    assert groups() == ["mug:1 noted"]
    assert state_of(event_id) == (False, 1, 1)


def test_whoever_finds_a_receipt_taken_leaves_that_event_alone() -> None:
    """Another relay, long thought dead, has done one of them at this very moment."""

    @on("mug.broke", is_quick=True)
    def note(notice: Notice) -> None:
        Group.objects.create(name=notice.subject)

    @on("mug.mended")
    def look_away(notice: Notice) -> None:
        Receipt.objects.create(event_id=taken, handler=name_of(note), created_at=timezone.now())

    tell("mug.mended", "mug:0")
    tell(subject="mug:1")
    taken = tell(subject="mug:2")

    assert deliver_due() == 3

    assert groups() == ["mug:1"]
    assert state_of(taken) == (True, 0, 1)
    assert not Event.objects.filter(delivered_at=None).exists()

"""What goes out of the database: written down before and after, and never done twice knowingly."""

import logging
from datetime import timedelta

import pytest
import time_machine
from django.db import InterfaceError, connection
from django.utils import timezone

from shop.events.actions import deliver_due, effects, hear, on, queues_apart, replay
from shop.events.models import Effect, Event, Receipt
from shop.events.queries import breaches
from shop.events.rules import EFFECT_LEASE, LEASE, Notice
from shop.events.tests.telling import listener, name_of, state_of, tell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nobody_listens")]


class Killed(BaseException):
    """What a handler raises in order to be gone, with nobody left to write anything down."""


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="shop.events")


def sender(
    sent: list[int], *, fails: list[BaseException] | None = None, queue: str = "mail"
) -> str:
    """Register a handler that sends something away, or fails as it is told; return its name."""

    @on("mug.broke", is_outside=True, queue="mail")
    def send(notice: Notice) -> None:
        if fails:
            raise fails.pop()
        sent.append(notice.id)

    return name_of(send)


def effect() -> tuple[int, bool, bool]:
    """Return how often it was tried, whether that has ended, and whether it is known as done."""
    row = Effect.objects.get()
    return row.tries, row.ended_at is not None, Receipt.objects.exists()


def test_an_effect_is_written_down_before_and_after_and_runs_in_no_transaction() -> None:
    seen: list[tuple[bool, tuple[int, bool, bool]]] = []

    @on("mug.broke", is_outside=True)
    def send(notice: Notice) -> None:
        seen.append((connection.in_atomic_block, effect()))

    event_id = tell()
    assert deliver_due() == 1
    assert seen == [(False, (1, False, False))]
    assert effect() == (1, True, True)
    assert Effect.objects.get().event_id == event_id
    assert state_of(event_id) == (True, 0, 1)
    assert not list(breaches())


def test_what_fails_is_tried_again_after_a_while(clock: time_machine.Traveller) -> None:
    sent: list[int] = []
    sender(sent, fails=[OSError("away"), OSError("still away")])
    event_id = tell()
    deliver_due()
    assert (sent, effect(), state_of(event_id)) == ([], (1, True, False), (False, 1, 0))
    deliver_due()
    assert effect() == (1, True, False)
    clock.shift(timedelta(seconds=2))
    deliver_due()
    assert (sent, effect()) == ([], (2, True, False))
    clock.shift(timedelta(seconds=4))
    deliver_due()
    assert (sent, effect(), state_of(event_id)) == ([event_id], (3, True, True), (True, 2, 1))


def test_who_dies_while_it_is_done_leaves_it_to_others_when_the_lease_has_passed(
    clock: time_machine.Traveller,
) -> None:
    sent: list[int] = []
    sender(sent, fails=[Killed()])
    event_id = tell()
    with pytest.raises(Killed):
        deliver_due()
    assert effect() == (1, False, False)

    clock.shift(LEASE)
    deliver_due()
    assert (sent, effect(), state_of(event_id)[1]) == ([], (1, False, False), 1)
    assert "UnderWayError" in Event.objects.get().last_error

    clock.shift(EFFECT_LEASE - LEASE)
    deliver_due()
    assert (sent, effect(), state_of(event_id)) == ([event_id], (2, True, True), (True, 1, 1))


def test_who_dies_between_the_deed_and_its_record_does_it_again_under_the_same_number(
    clock: time_machine.Traveller,
) -> None:
    sent: list[int] = []

    @on("mug.broke", is_outside=True)
    def send(notice: Notice) -> None:
        sent.append(notice.id)
        if len(sent) == 1:
            raise Killed

    event_id = tell()
    with pytest.raises(Killed):
        deliver_due()
    clock.shift(EFFECT_LEASE)
    deliver_due()
    assert sent == [event_id, event_id]
    assert effect() == (2, True, True)


def left_without_the_database(monkeypatch: pytest.MonkeyPatch) -> tuple[list[int], str, int]:
    """Begin to send, and lose the database: return what is sent, by whom, and of which event."""
    sent: list[int] = []
    name = sender(sent, fails=[InterfaceError("hung up")])
    event_id = tell()
    with monkeypatch.context() as patched:
        patched.setattr(effects, "_end", _hang_up)
        hear(event_ids=[event_id], handler=name)
    return sent, name, event_id


def test_who_has_lost_the_database_meanwhile_does_not_wait_for_itself(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, name, event_id = left_without_the_database(monkeypatch)
    assert (sent, effect()) == ([], (1, False, False))

    clock.shift(timedelta(seconds=1))
    hear(event_ids=[event_id], handler=name)

    assert (sent, effect(), state_of(event_id)) == ([event_id], (2, True, True), (True, 1, 1))


def test_somebody_else_still_waits_for_who_has_lost_it(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: only who has left it knows that nobody is at it."""
    sent, name, event_id = left_without_the_database(monkeypatch)
    effects._left().clear()

    clock.shift(timedelta(seconds=1))
    hear(event_ids=[event_id], handler=name)

    assert (sent, effect(), state_of(event_id)[1]) == ([], (1, False, False), 2)


def _hang_up(_mine: Effect) -> None:
    raise InterfaceError("hung up")


def test_an_event_that_comes_twice_has_its_effect_once() -> None:
    sent: list[int] = []
    name = sender(sent)
    event_id = tell()
    for _ in range(2):
        hear(event_ids=[event_id], handler=name)
        # As if a relay had claimed it before the first was through.
        Event.objects.update(delivered_at=None, due_at=timezone.now())
        deliver_due()
    assert sent == [event_id]
    assert effect() == (1, True, True)


def test_two_at_the_same_moment_do_it_once() -> None:
    sent: list[int] = []

    @on("mug.broke", is_outside=True)
    def send(notice: Notice) -> None:
        sent.append(notice.id)
        if len(sent) == 1:
            hear(event_ids=[notice.id], handler=name_of(send))

    event_id = tell()
    deliver_due()
    assert sent == [event_id]
    assert effect() == (1, True, True)


def test_who_finds_the_receipt_leaves_it_at_that() -> None:
    sent: list[int] = []
    name = sender(sent)
    event_id = tell()
    deliver_due()
    Receipt.objects.all().delete()
    left = Event.objects.get()

    Receipt.objects.create(event=left, handler=name, created_at=timezone.now())
    effects.perform(left, name, lambda: sent.append(0))
    assert sent == [event_id]
    assert effect()[1:] == (True, True)


def test_people_can_have_it_done_anew() -> None:
    sent: list[int] = []
    sender(sent)
    event_id = tell()
    deliver_due()
    replay(event_ids=[event_id], handlers=None)
    deliver_due()
    assert sent == [event_id, event_id]
    assert effect() == (2, True, True)


def test_what_goes_out_is_not_quick() -> None:
    with pytest.raises(ValueError, match="not quick"):
        on("mug.broke", is_quick=True, is_outside=True)


# --- Queues ---------------------------------------------------------------------------------------


def test_what_takes_its_time_waits_in_a_queue_of_its_own() -> None:
    sent: list[int] = []
    heard: list[str] = []
    sender(sent)
    listener(heard, name="mug.mended")
    slow, quick = tell(subject="mug:1"), tell("mug.mended", subject="mug:2")
    first, second = queues_apart()

    assert deliver_due(queue=first) == 1
    assert (sent, heard) == ([], ["mug:2"])
    assert deliver_due(queue=first) == 0
    assert deliver_due(queue=second) == 1
    assert sent == [slow]
    assert [state_of(id_)[0] for id_ in (slow, quick)] == [True, True]


def test_news_of_one_subject_keep_their_order_across_queues() -> None:
    sent: list[int] = []
    heard: list[str] = []
    sender(sent)
    listener(heard, name="mug.mended")
    tell("mug.mended")
    slow = tell()
    tell("mug.mended")
    first, second = queues_apart()

    assert deliver_due(queue=second) == 0
    assert deliver_due(queue=first) == 1
    assert (heard, sent) == (["mug:1"], [])
    assert deliver_due(queue=first) == 0
    assert deliver_due(queue=second) == 1
    assert sent == [slow]
    assert deliver_due(queue=first) == 1
    assert heard == ["mug:1", "mug:1"]


def test_where_nobody_takes_his_time_the_second_queue_is_empty() -> None:
    heard: list[str] = []
    listener(heard)
    tell()
    first, second = queues_apart()
    assert deliver_due(queue=second) == 0
    assert deliver_due(queue=first) == 1

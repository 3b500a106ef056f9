"""What a worker does with a message, however often it comes."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from shop.events.actions import hear, on
from shop.events.actions.hearing import UnknownHandlerError
from shop.events.actions.registering import handlers
from shop.events.models import Event
from shop.events.rules import Notice
from shop.events.tests.telling import listener, name_of, state_of, tell
from tests.queries import queries_named
from tests.races.racing import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_listens")]


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="shop.events")


def test_whoever_is_last_marks_the_event() -> None:
    heard: list[str] = []

    @on("mug.broke")
    def other(notice: Notice) -> None:
        heard.append("other")

    first = listener(heard)
    event_id = tell()

    hear(event_ids=[event_id], handler=name_of(first))
    assert state_of(event_id) == (False, 0, 1)
    hear(event_ids=[event_id], handler=name_of(other))

    assert state_of(event_id) == (True, 0, 2)
    assert heard == ["mug:1", "other"]


def test_a_message_that_comes_twice_has_one_effect() -> None:
    heard: list[str] = []
    name = name_of(listener(heard))
    event_id = tell()

    for _ in range(3):
        hear(event_ids=[event_id], handler=name)
    Event.objects.update(delivered_at=None)
    hear(event_ids=[event_id], handler=name)

    assert heard == ["mug:1"]
    assert Group.objects.count() == 1
    assert state_of(event_id) == (True, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_workers_that_get_it_at_the_same_moment_have_one_effect() -> None:
    name = name_of(listener([]))
    event_id = tell()

    race(*[lambda: hear(event_ids=[event_id], handler=name)] * 4)

    assert Group.objects.count() == 1
    assert state_of(event_id) == (True, 0, 1)


def test_what_fails_is_left_to_the_outbox() -> None:
    @on("mug.broke")
    def fail(notice: Notice) -> None:
        Group.objects.create(name="half done")
        raise ValueError("no glue")

    event_id = tell()
    before = timezone.now()

    hear(event_ids=[event_id], handler=name_of(fail))

    event = Event.objects.get()
    assert state_of(event_id) == (False, 1, 0)
    assert event.due_at is not None
    assert event.due_at >= before + timedelta(seconds=2)
    assert not Group.objects.exists()


@pytest.mark.parametrize("state", [{"delivered_at": timezone.now()}, {"due_at": None}])
def test_what_is_done_or_set_aside_is_left_alone(state: dict[str, object]) -> None:
    heard: list[str] = []
    name = name_of(listener(heard))
    event_id = tell()
    Event.objects.update(**state)

    hear(event_ids=[event_id], handler=name)
    hear(event_ids=[event_id + 1], handler=name)

    assert heard == []


def test_a_handler_that_nobody_knows_is_an_error_and_the_event_waits() -> None:
    listener([])
    event_id = tell()

    with pytest.raises(UnknownHandlerError, match=r"shop\.gone does not hear mug\.broke"):
        hear(event_ids=[event_id], handler="shop.gone")

    assert state_of(event_id) == (False, 0, 0)


def quick_listener(heard: list[str], *, bad: str = "") -> str:
    """Register a quick handler that cannot hear of one subject; return its name."""

    @on("mug.broke", is_quick=True)
    def listen(notice: Notice) -> None:
        Group.objects.create(name=f"{notice.id} heard")
        if notice.subject == bad:
            raise ValueError("no glue")
        heard.append(notice.subject)

    return name_of(listen)


def test_a_quick_one_hears_many_in_one_transaction() -> None:
    name = quick_listener([])
    ids = [tell(subject=f"mug:{number}") for number in range(20)]

    with queries_named() as names:
        hear(event_ids=ids, handler=name)

    assert names == [
        "SELECT events_event",
        "SELECT events_receipt",
        "INSERT events_receipt",
        *["INSERT auth_group"] * 20,
        "UPDATE events_event",
        # Is somebody to be sent who waited behind them?
        "SELECT events_event",
    ]
    assert {state_of(event_id) for event_id in ids} == {(True, 0, 1)}
    assert Group.objects.count() == 20


def test_one_that_fails_spoils_nothing_for_the_others() -> None:
    heard: list[str] = []
    name = quick_listener(heard, bad="mug:3")
    ids = [tell(subject=f"mug:{number}") for number in range(6)]

    hear(event_ids=ids, handler=name)

    assert [state_of(event_id) for event_id in ids] == [
        (False, 1, 0) if number == 3 else (True, 0, 1) for number in range(6)
    ]
    assert set(heard) == {f"mug:{number}" for number in (0, 1, 2, 4, 5)}
    assert Group.objects.count() == 5


def test_of_a_message_that_comes_again_each_event_is_heard_by_itself() -> None:
    name = quick_listener([], bad="mug:1")
    first, second = tell(subject="mug:0"), tell(subject="mug:1")
    kills_its_worker = patch.dict(
        handlers["mug.broke"],
        {name: replace(handlers["mug.broke"][name], handler=dying("mug:1"))},
    )

    with kills_its_worker, pytest.raises(SystemExit):
        hear(event_ids=[first, second], handler=name)
    assert (state_of(first), state_of(second)) == ((False, 0, 0), (False, 0, 0))
    with kills_its_worker, pytest.raises(SystemExit):
        hear(event_ids=[first, second], handler=name, together=False)

    assert (state_of(first)[2], state_of(second)[2]) == (1, 0)


def dying(subject: str) -> Callable[[Notice], None]:
    """Return a handler that takes its process along with one subject."""

    def die(notice: Notice) -> None:
        if notice.subject == subject:
            raise SystemExit

    return die


def test_what_others_have_yet_to_hear_is_not_marked() -> None:
    name = quick_listener([])

    @on("mug.mended")
    @on("mug.broke")
    def other(notice: Notice) -> None:
        pass

    ids = [tell(subject="mug:1"), tell(subject="mug:2")]
    hear(event_ids=ids[:1], handler=name_of(other))

    hear(event_ids=ids, handler=name)

    assert [state_of(event_id) for event_id in ids] == [(True, 0, 2), (False, 0, 1)]

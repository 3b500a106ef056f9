"""What a worker does with a message, however often it comes."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from shop.events.actions import hear, on
from shop.events.actions.hearing import UnknownHandlerError
from shop.events.models import Event
from shop.events.rules import Notice
from shop.events.tests.telling import listener, name_of, state_of, tell
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

    hear(event_id=event_id, handler=name_of(first))
    assert state_of(event_id) == (False, 0, 1)
    hear(event_id=event_id, handler=name_of(other))

    assert state_of(event_id) == (True, 0, 2)
    assert heard == ["mug:1", "other"]


def test_a_message_that_comes_twice_has_one_effect() -> None:
    heard: list[str] = []
    name = name_of(listener(heard))
    event_id = tell()

    for _ in range(3):
        hear(event_id=event_id, handler=name)
    Event.objects.update(delivered_at=None)
    hear(event_id=event_id, handler=name)

    assert heard == ["mug:1"]
    assert Group.objects.count() == 1
    assert state_of(event_id) == (True, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_workers_that_get_it_at_the_same_moment_have_one_effect() -> None:
    name = name_of(listener([]))
    event_id = tell()

    race(*[lambda: hear(event_id=event_id, handler=name)] * 4)

    assert Group.objects.count() == 1
    assert state_of(event_id) == (True, 0, 1)


def test_what_fails_is_left_to_the_outbox() -> None:
    @on("mug.broke")
    def fail(notice: Notice) -> None:
        Group.objects.create(name="half done")
        raise ValueError("no glue")

    event_id = tell()
    before = timezone.now()

    hear(event_id=event_id, handler=name_of(fail))

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

    hear(event_id=event_id, handler=name)
    hear(event_id=event_id + 1, handler=name)

    assert heard == []


def test_a_handler_that_nobody_knows_is_an_error_and_the_event_waits() -> None:
    listener([])
    event_id = tell()

    with pytest.raises(UnknownHandlerError, match=r"shop\.gone does not hear mug\.broke"):
        hear(event_id=event_id, handler="shop.gone")

    assert state_of(event_id) == (False, 0, 0)

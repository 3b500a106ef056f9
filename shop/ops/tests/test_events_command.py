"""`manage.py events`: what was told is listed, shown, and handled once more."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from shop.events import actions
from shop.events.models import Event, Receipt
from shop.events.rules import Notice
from shop.events.tests.conftest import nobody_listens
from tests.builders import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_listens")]
__all__ = ["nobody_listens"]


@pytest.fixture
def heard() -> list[int]:
    """What a handler has heard."""
    numbers: list[int] = []

    @actions.on("mug.broke")
    def hear(notice: Notice) -> None:
        numbers.append(notice.id)

    @actions.on("mug.broke")
    def hear_too(_: Notice) -> None:
        pass

    return numbers


def tell(name: str, subject: str, *, after: timedelta = timedelta(0)) -> int:
    with time_machine.travel(NOON + after, tick=False), transaction.atomic():
        actions.emit(name=name, subject=subject, payload={})
    return Event.objects.latest("id").id


def run(*words: str) -> list[str]:
    out = io.StringIO()
    call_command("events", *words, stdout=out)
    return out.getvalue().splitlines()


def listed(*words: str) -> list[int]:
    return [int(line.split()[0]) for line in run("list", *words)]


def test_a_line_for_each_the_newest_last() -> None:
    first = tell("mug.broke", "mug:1")
    second = tell("mug.mended", "mug:2", after=timedelta(hours=1))
    Event.objects.filter(id=first).update(due_at=None, failures=20)
    actions.deliver_due()

    assert run("list") == [
        f"{first}  2030-05-04T12:00:00+00:00  mug.broke  mug:1  set-aside, 20 failures",
        f"{second}  2030-05-04T13:00:00+00:00  mug.mended  mug:2  waiting",
    ]
    assert listed("--limit", "1") == [second]
    assert listed("--name", "mug.broke") == [first]
    assert listed("--subject", "mug:2") == [second]
    assert listed("--state", "set-aside") == [first]
    assert listed("--state", "delivered") == []
    assert listed("--since", "2030-05-04T13:00") == [second]
    assert listed("--until", "2030-05-04T13:00") == [first]


def test_all_that_is_known_of_one(heard: list[int]) -> None:
    event_id = tell("mug.broke", "mug:1")
    Event.objects.update(due_at=timezone.now(), last_error="x: ValueError()\ny: KeyError()")
    actions.deliver_due()

    lines = run("show", str(event_id))

    assert lines[:3] == [
        f"event      {event_id} mug.broke, version 3",
        "subject    mug:1",
        "payload    {}",
    ]
    assert "state      delivered" in lines
    assert len([line for line in lines if line.startswith("done ")]) == 2
    assert lines[-2:] == ["error      x: ValueError()", "error      y: KeyError()"]
    with pytest.raises(CommandError, match=r"There is no event 999999\."):
        run("show", "999999")


@pytest.mark.parametrize(
    "words", [["{id}"], ["--name", "mug.broke"], ["--subject", "mug:1"], ["--state", "set-aside"]]
)
def test_what_was_set_aside_is_tried_again(heard: list[int], words: list[str]) -> None:
    event_id = tell("mug.broke", "mug:1")
    Event.objects.update(due_at=None, failures=20, last_error="no glue")

    assert run("replay", *[word.format(id=event_id) for word in words]) == [
        "1 events will be delivered once more."
    ]
    actions.deliver_due()

    event = Event.objects.get()
    assert heard == [event_id]
    assert (event.failures, event.last_error, event.delivered_at is None) == (0, "", False)


def test_what_was_done_is_done_again_only_by_whom_one_names(heard: list[int]) -> None:
    event_id = tell("mug.broke", "mug:1")
    Event.objects.update(due_at=timezone.now())
    actions.deliver_due()
    name = Receipt.objects.get(handler__endswith="hear").handler

    run("replay", str(event_id))
    actions.deliver_due()
    assert heard == [event_id]
    run("replay", str(event_id), "--again", name)
    assert Receipt.objects.count() == 1
    actions.deliver_due()
    assert heard == [event_id] * 2
    run("replay", "--since", "2030-05-04", "--again", "every")
    assert not Receipt.objects.exists()
    actions.deliver_due()
    assert heard == [event_id] * 3


def test_nobody_replays_everything_by_leaving_out_a_word() -> None:
    with pytest.raises(CommandError, match="Say which events"):
        run("replay")

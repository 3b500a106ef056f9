"""Handlers that fail and relays that die: nothing is lost, and nothing is done twice."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.utils import timezone

from shop.events.actions import deliver_due, on
from shop.events.models import Event, Receipt
from shop.events.queries import breaches
from shop.events.rules import LEASE, Notice
from shop.events.tests.telling import listener, name_of, state_of, tell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_listens")]

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _effects_are_there_once() -> Iterator[None]:
    yield
    assert not list(breaches())


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="shop.events")


# --- When something fails -------------------------------------------------------------------------


def test_what_a_failed_handler_wrote_is_gone_and_the_others_are_done() -> None:
    heard: list[str] = []

    @on("mug.broke")
    def fail(notice: Notice) -> None:
        Group.objects.create(name="written by the one that fails")
        raise ValueError("no glue")

    listener(heard)
    event_id = tell()

    assert deliver_due() == 1

    assert heard == ["mug:1"]
    assert list(Group.objects.values_list("name", flat=True)) == [f"{event_id} heard"]
    assert state_of(event_id) == (False, 1, 1)
    error = Event.objects.get().last_error
    assert error.endswith("fail: ValueError('no glue')")
    assert error.startswith(f"{__name__}.")


def test_only_the_one_that_failed_tries_again_after_a_while(clock: time_machine.Traveller) -> None:
    heard: list[str] = []
    tries: list[int] = []

    @on("mug.broke")
    def fail_twice(notice: Notice) -> None:
        tries.append(notice.id)
        if len(tries) < 3:
            raise ValueError("no glue")

    listener(heard)
    event_id = tell()

    # Two seconds after the first failure, four after the second, and never before.
    for wait in (2, 4):
        assert deliver_due() == 1
        clock.shift(wait * SECOND - SECOND / 1000)
        assert deliver_due() == 0
        clock.shift(SECOND / 1000)
    assert state_of(event_id) == (False, 2, 1)
    assert deliver_due() == 1
    assert state_of(event_id) == (True, 2, 2)
    assert (heard, tries) == (["mug:1"], [event_id] * 3)


def test_a_failed_event_holds_up_no_other() -> None:
    @on("mug.broke")
    def fail(notice: Notice) -> None:
        raise ValueError("no glue")

    heard: list[str] = []
    listener(heard, name="mug.mended")
    broken = tell("mug.broke")
    mended = tell("mug.mended", "mug:2")

    assert deliver_due() == 2

    assert heard == ["mug:2"]
    assert (state_of(broken), state_of(mended)) == ((False, 1, 0), (True, 0, 1))


def test_every_error_is_written_down_as_far_as_there_is_room() -> None:
    @on("mug.broke")
    def short(notice: Notice) -> None:
        raise ValueError("no glue")

    @on("mug.broke")
    def long(notice: Notice) -> None:
        raise ValueError("x" * 10_000)

    tell()
    deliver_due()

    first, second = Event.objects.get().last_error.split("\n")
    assert first.endswith("short: ValueError('no glue')")
    assert second.endswith("x")
    assert len(first) + 1 + len(second) == 2_000


def test_a_failure_is_in_the_log_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="shop.events")

    @on("mug.broke")
    def fail(notice: Notice) -> None:
        raise ValueError("no glue")

    event_id = tell()
    deliver_due()

    (record,) = caplog.records
    assert record.getMessage() == f"{name_of(fail)} failed for event {event_id}"
    assert record.exc_info
    assert isinstance(record.exc_info[1], ValueError)


def test_a_handler_that_breaks_its_transaction_breaks_nobody_elses() -> None:
    Group.objects.create(name="taken")
    heard: list[str] = []

    @on("mug.broke")
    def collide(notice: Notice) -> None:
        Group.objects.create(name="taken")

    listener(heard)
    event_id = tell()

    assert deliver_due() == 1

    assert heard == ["mug:1"]
    assert state_of(event_id) == (False, 1, 1)


# --- When somebody dies ---------------------------------------------------------------------------


class PowerCutError(BaseException):
    """The process is gone: nothing that follows is run."""


def test_another_relay_takes_over_when_the_lease_has_passed(clock: time_machine.Traveller) -> None:
    heard: list[str] = []

    @on("mug.broke")
    def die_once(notice: Notice) -> None:
        heard.append(notice.subject)
        Group.objects.create(name="half done")
        if len(heard) == 1:
            raise PowerCutError

    event_id = tell()
    with pytest.raises(PowerCutError):
        deliver_due()
    assert state_of(event_id) == (False, 0, 0)
    assert not Group.objects.exists()

    clock.shift(LEASE - SECOND)
    assert deliver_due() == 0
    clock.shift(SECOND)
    assert deliver_due() == 1

    assert heard == ["mug:1", "mug:1"]
    assert state_of(event_id) == (True, 0, 1)
    assert Group.objects.count() == 1


def test_what_was_done_before_the_power_cut_is_not_done_again(
    clock: time_machine.Traveller,
) -> None:
    """The first event was handled; that it was delivered, nobody could write down any more."""
    heard: list[str] = []
    listener(heard)
    cuts = [PowerCutError()]

    @on("mug.mended")
    def die_once(notice: Notice) -> None:
        if cuts:
            raise cuts.pop()

    first, second = tell("mug.broke"), tell("mug.mended", "mug:2")
    with pytest.raises(PowerCutError):
        deliver_due()
    assert state_of(first) == (False, 0, 1)

    clock.shift(LEASE)
    assert deliver_due() == 2

    assert heard == ["mug:1"]
    assert Group.objects.count() == 1
    assert (state_of(first), state_of(second)) == ((True, 0, 1), (True, 0, 1))


def test_whoever_finds_the_receipt_taken_leaves_it_at_that() -> None:
    """Another relay, long thought dead, has done a handler's work at this very moment."""
    heard: list[str] = []

    @on("mug.broke")
    def look_away(notice: Notice) -> None:
        Receipt.objects.create(
            event_id=notice.id, handler=name_of(listen), created_at=timezone.now()
        )

    listen = listener(heard)
    event_id = tell()

    assert deliver_due() == 1

    assert heard == []
    assert state_of(event_id) == (True, 0, 2)

"""Periodic work: due when it is due, done by one, and never lost with whoever does it."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group

from shop.events.actions import every, registering, run_due
from shop.events.actions.registering import Entry
from shop.events.models import Event, Schedule
from shop.events.tasks import KEPT_FOR, forget_delivered_events
from tests.builders import NOON
from tests.queries import queries_named
from tests.races.racing import race

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _quiet(nobody_listens: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="shop.events")


class Work:
    """Work that counts how often it was done, and then does what the test wants it to."""

    __module__ = "shop.somewhere.tasks"

    def __init__(self, name: str, then: Callable[[], object] = lambda: None) -> None:
        self.__qualname__ = name
        self.runs = 0
        self.then = then

    def __call__(self) -> None:
        self.runs += 1
        self.then()


def row(name: str = "tidy") -> Schedule:
    return Schedule.objects.get(name=f"shop.somewhere.tasks.{name}")


def test_new_work_is_done_at_once(clock: time_machine.Traveller) -> None:
    work = Work("tidy", then=lambda: clock.shift(2 * SECOND))
    assert every(MINUTE)(work) is work

    assert run_due() == 1

    assert work.runs == 1
    assert (row().started_at, row().finished_at) == (NOON, NOON + 2 * SECOND)
    # From start to start, so that the hour of the day does not wander.
    assert row().due_at == NOON + MINUTE
    assert row().last_error == ""


def test_work_is_not_done_before_it_is_due(clock: time_machine.Traveller) -> None:
    work = Work("tidy")
    every(MINUTE)(work)
    run_due()

    clock.shift(MINUTE - SECOND)
    with queries_named() as names:
        assert run_due() == 0
    assert names == ["SELECT events_schedule"]
    assert work.runs == 1

    clock.shift(SECOND)
    assert run_due() == 1
    assert work.runs == 2
    assert row().due_at == NOON + 2 * MINUTE


def test_each_piece_of_work_has_its_own_time(clock: time_machine.Traveller) -> None:
    often, seldom = Work("often"), Work("seldom")
    every(MINUTE)(often)
    every(HOUR)(seldom)
    assert run_due() == 2

    for _ in range(59):
        clock.shift(MINUTE)
        assert run_due() == 1
    clock.shift(MINUTE)
    assert run_due() == 2

    assert (often.runs, seldom.runs) == (61, 2)


@pytest.mark.usefixtures("clock")
def test_while_one_works_the_others_leave_it_alone() -> None:
    work = Work("tidy")
    every(SECOND)(work)
    seen: list[int] = []
    work.then = lambda: seen.append(run_due())

    assert run_due() == 1

    assert seen == [0]
    assert work.runs == 1


@pytest.mark.django_db(transaction=True)
def test_processes_that_start_at_once_do_new_work_once() -> None:
    def write() -> None:
        Group.objects.create(name=f"run {work.runs}")

    work = Work("tidy", then=write)
    every(HOUR)(work)

    done = race(*[run_due] * 4)

    assert sorted(done) == [0, 0, 0, 1]
    assert work.runs == 1
    assert Group.objects.count() == 1
    assert Schedule.objects.count() == 1


def test_a_failure_is_in_the_log_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("no broom")

    caplog.set_level(logging.ERROR, logger="shop.events")
    every(MINUTE)(Work("tidy", then=fail))
    run_due()

    (record,) = caplog.records
    assert record.getMessage() == "shop.somewhere.tasks.tidy failed"
    assert record.exc_info
    assert isinstance(record.exc_info[1], ValueError)


def test_a_failure_is_written_down_and_stops_nobody(clock: time_machine.Traveller) -> None:
    def fail() -> None:
        Group.objects.create(name="what it did so far")
        raise ValueError("no broom")

    failing, other = Work("tidy", then=fail), Work("sweep")
    every(MINUTE)(failing)
    every(MINUTE)(other)

    assert run_due() == 2
    assert (failing.runs, other.runs) == (1, 1)
    assert row().last_error == "ValueError('no broom')"
    assert row("sweep").last_error == ""
    # It fails once a minute, not all the time.
    assert run_due() == 0
    clock.shift(MINUTE)
    failing.then = lambda: None
    assert run_due() == 2
    assert row().last_error == ""


def test_where_work_begins_to_fail_it_is_told_and_not_each_time(
    clock: time_machine.Traveller,
) -> None:
    outcomes = [True, False, False, True, False]

    def fall_short() -> None:
        if not outcomes.pop(0):
            raise ValueError("no time")

    every(MINUTE)(Work("tidy", then=fall_short))
    told = []
    while outcomes:
        run_due()
        told.append(Event.objects.filter(name="schedule.failed").count())
        clock.shift(MINUTE)

    assert told == [0, 1, 1, 1, 2]
    assert Event.objects.latest("id").payload == {"entry": "shop.somewhere.tasks.tidy"}


class PowerCutError(BaseException):
    """The process is gone: nothing that follows is run."""


@pytest.mark.parametrize(
    ("interval", "lease", "wait"), [(SECOND, MINUTE, MINUTE), (HOUR, MINUTE, HOUR)]
)
def test_work_that_was_cut_short_is_taken_up_by_another(
    clock: time_machine.Traveller, interval: timedelta, lease: timedelta, wait: timedelta
) -> None:
    def cut() -> None:
        raise PowerCutError

    work = Work("tidy", then=cut)
    every(interval, lease=lease)(work)
    with pytest.raises(PowerCutError):
        run_due()
    assert (row().started_at, row().finished_at) == (NOON, None)
    work.then = lambda: None

    clock.shift(wait - SECOND)
    assert run_due() == 0
    clock.shift(SECOND)
    assert run_due() == 1

    assert work.runs == 2
    assert row().finished_at == NOON + wait


def test_whoever_outlives_its_lease_does_not_disturb_its_successor(
    clock: time_machine.Traveller,
) -> None:
    work = Work("tidy")
    every(SECOND, lease=MINUTE)(work)

    def dawdle() -> None:
        work.then = lambda: None
        clock.shift(MINUTE)
        assert run_due() == 1
        clock.shift(MINUTE)

    work.then = dawdle
    assert run_due() == 1

    assert work.runs == 2
    # What stands there is the successor's.
    assert (row().started_at, row().finished_at) == (NOON + MINUTE, NOON + MINUTE)
    assert row().due_at == NOON + MINUTE + SECOND


def test_work_that_takes_longer_than_its_interval_is_due_when_it_is_done(
    clock: time_machine.Traveller,
) -> None:
    """What was missed meanwhile is not made up for."""
    work = Work("tidy", then=lambda: clock.shift(10 * SECOND))
    every(2 * SECOND, lease=MINUTE)(work)

    run_due()

    assert row().due_at == NOON + 10 * SECOND
    assert run_due() == 1


def test_work_that_is_no_more_is_left_alone(clock: time_machine.Traveller) -> None:
    work = Work("tidy")
    every(SECOND)(work)
    run_due()
    registering.entries.clear()
    clock.shift(HOUR)

    assert run_due() == 0
    assert work.runs == 1


def test_an_entry_says_what_it_was_given() -> None:
    def tidy() -> None:
        """Do nothing."""

    every(MINUTE)(tidy)

    name = f"{__name__}.test_an_entry_says_what_it_was_given.<locals>.tidy"
    lease = timedelta(minutes=5)
    assert registering.entries == {name: Entry(name, tidy, interval=MINUTE, lease=lease)}


def test_news_is_kept_for_a_month(clock: time_machine.Traveller) -> None:
    for delivered_at in (NOON, None):
        Event.objects.create(
            name="x", subject="y", created_at=NOON, due_at=NOON, delivered_at=delivered_at
        )

    clock.shift(KEPT_FOR)
    forget_delivered_events()
    assert Event.objects.count() == 2
    clock.shift(SECOND)
    forget_delivered_events()

    assert list(Event.objects.values_list("delivered_at", flat=True)) == [None]
    assert timedelta(days=30) == KEPT_FOR

"""News of one subject is handled in its order, whoever delivers it and whatever fails."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction

from shop.events import actions
from shop.events.actions import claiming, deliver_due, on
from shop.events.models import Event, Receipt
from shop.events.queries import backlog, breaches
from shop.events.rules import LEASE, MOST_TRIES, News, Notice
from shop.events.tests.telling import state_of, tell
from tests.builders import NOON
from tests.races.racing import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_listens")]

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _effects_are_there_once(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.CRITICAL, logger="shop.events")
    yield
    assert not list(breaches())


def failing(heard: list[str], *, times: int, is_quick: bool = False) -> Callable[[Notice], None]:
    """Register a handler of broken mugs that fails so often, and hears after that."""
    left = [times]

    @on("mug.broke", is_quick=is_quick)
    def fail(notice: Notice) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise ValueError("no glue")
        heard.append(f"{notice.subject} broke")

    return fail


def mending(heard: list[str], *, is_quick: bool = False) -> None:
    @on("mug.mended", is_quick=is_quick)
    def mend(notice: Notice) -> None:
        heard.append(f"{notice.subject} mended")


# Quick ones are tried with the others, then with fewer of them, then alone.
@pytest.mark.parametrize(("is_quick", "times"), [(False, 1), (True, 3)])
def test_those_behind_a_failure_wait_for_it_and_others_do_not(
    clock: time_machine.Traveller, is_quick: bool, times: int
) -> None:
    heard: list[str] = []
    failing(heard, times=times, is_quick=is_quick)
    mending(heard, is_quick=is_quick)
    broke, mended = tell("mug.broke"), tell("mug.mended")
    tell("mug.mended", "mug:2")

    deliver_due()
    assert heard == ["mug:2 mended"]
    assert (state_of(broke), state_of(mended)) == ((False, 1, 0), (False, 0, 0))
    # What is told meanwhile waits as well.
    tell("mug.mended")
    assert deliver_due() == 0
    clock.shift(2 * SECOND)
    assert deliver_due() == 3

    assert heard[1:] == ["mug:1 broke", "mug:1 mended", "mug:1 mended"]
    assert not Event.objects.filter(delivered_at=None).exists()


def test_after_twenty_failures_an_event_is_set_aside_and_the_others_go_on(
    clock: time_machine.Traveller,
) -> None:
    heard: list[str] = []
    failing(heard, times=MOST_TRIES)
    mending(heard)
    broke, mended = tell("mug.broke"), tell("mug.mended")

    for _ in range(MOST_TRIES):
        assert heard == []
        deliver_due()
        clock.shift(timedelta(hours=1))

    assert heard == ["mug:1 mended"]
    assert (state_of(broke), state_of(mended)) == ((False, 20, 0), (True, 0, 1))
    assert Event.objects.get(id=broke).due_at is None
    # What waits now is the news of that.
    assert (backlog().waiting, backlog().set_aside) == (1, 1)
    told = Event.objects.get(name="event.set_aside")
    assert told.payload == {"event_id": broke, "name": "mug.broke"}
    assert deliver_due() == 1
    assert deliver_due() == 0


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_a_long_line_of_one_subject_is_taken_in_its_order(limit: int) -> None:
    heard: list[int] = []

    @on("mug.counted")
    def count(notice: Notice) -> None:
        heard.append(notice.payload["pieces"])

    for number in range(7):
        tell("mug.counted", pieces=number)

    assert sum(iter(lambda: deliver_due(limit=limit), 0)) == 7
    assert heard == list(range(7))


def test_nobody_goes_past_what_another_relay_has_taken(clock: time_machine.Traveller) -> None:
    heard: list[str] = []
    failing(heard, times=0)
    mending(heard)
    tell("mug.broke")
    (taken,) = claiming.claim(1)
    tell("mug.mended")
    tell("mug.mended", "mug:2")

    assert deliver_due() == 1
    assert heard == ["mug:2 mended"]

    # The other one was never heard of again.
    clock.shift(LEASE)
    assert deliver_due() == 2
    assert heard[1:] == [f"{taken.subject} broke", "mug:1 mended"]


def many_in_order(heard: list[tuple[str, int]]) -> Callable[[], int]:
    """Tell sixty counts of six mugs; return a relay that delivers them, a few at a time."""
    lock = threading.Lock()

    @on("mug.counted", is_quick=True)
    def count(notice: Notice) -> None:
        with lock:
            heard.append((notice.subject, notice.payload["pieces"]))

    with transaction.atomic():
        actions.emit_all(
            news=[
                News(name="mug.counted", subject=f"mug:{number % 6}", payload={"pieces": number})
                for number in range(60)
            ]
        )

    def relay() -> int:
        done = 0
        while Event.objects.filter(delivered_at=None).exists():
            done += deliver_due(limit=4)
        return done

    return relay


def are_in_order(heard: Sequence[tuple[str, int]]) -> bool:
    return all(
        [pieces for subject, pieces in heard if subject == f"mug:{mug}"] == list(range(mug, 60, 6))
        for mug in range(6)
    )


@pytest.mark.django_db(transaction=True)
def test_relays_that_run_at_once_keep_the_order_of_each_subject() -> None:
    heard: list[tuple[str, int]] = []

    claimed = race(*[many_in_order(heard)] * 4)

    assert sum(claimed) == len(heard) == 60
    assert are_in_order(heard)
    assert Receipt.objects.count() == 60


@pytest.mark.overlap
@pytest.mark.django_db(transaction=True)
def test_relays_that_do_not_look_at_what_comes_before_lose_the_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The twin: each takes what is due, as if no other relay had taken what comes before."""

    def claim_anything(limit: int, **_: object) -> list[Event]:
        with transaction.atomic():
            rows = Event.objects.filter(delivered_at=None, due_at__lte=NOON + timedelta(days=9999))
            events = list(rows.select_for_update(skip_locked=True).order_by("-id")[:limit])
            Event.objects.filter(id__in=[event.id for event in events]).update(
                due_at=NOON + timedelta(days=10_000)
            )
        return events

    monkeypatch.setattr("shop.events.actions.transports.inline.handing_over.claim", claim_anything)
    heard: list[tuple[str, int]] = []

    race(*[many_in_order(heard)] * 4)

    assert len(heard) == 60
    assert not are_in_order(heard)


def test_a_listener_of_many_names_hears_them_in_order() -> None:
    heard: list[str] = []

    @on("mug.broke", "mug.mended")
    def hear(notice: Notice) -> None:
        heard.append(notice.name)

    tell("mug.mended")
    tell("mug.broke")
    tell("mug.mended")
    deliver_due()

    assert heard == ["mug.mended", "mug.broke", "mug.mended"]

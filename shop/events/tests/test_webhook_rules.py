"""What is sent of an event, what an answer means, and when a failed delivery is tried again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shop.events.rules import (
    FEWEST_TRIES,
    TRIED_FOR,
    Outcome,
    body_of,
    is_given_up_on,
    message_id_of,
    outcome_of,
    wait_before_next_try,
    wants,
)

pytestmark = pytest.mark.once

NOON = datetime(2030, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)


def wait(tries: int, tried_for: timedelta, *, asked: int = 0, chance: float = 0.5) -> float | None:
    found = wait_before_next_try(
        tries=tries, tried_for=tried_for, asked_to_wait=timedelta(seconds=asked), chance=chance
    )
    return None if found is None else found.total_seconds()


def test_a_body_says_what_happened_to_what_and_when() -> None:
    body = body_of(
        name="order.paid", subject="order:12", payload={"number": "Ä"}, version=2, told_at=NOON
    )
    assert body == (
        '{"type":"order.paid","timestamp":"2030-05-04T12:00:00.123456Z","version":2,'
        '"subject":"order:12","data":{"number":"Ä"}}'
    )


def test_a_message_has_one_id_wherever_and_however_often_it_is_told() -> None:
    found = message_id_of(12, NOON)
    assert found == "evt_" + found[4:].lower()
    assert len(found) == 36
    assert message_id_of(12, NOON.astimezone(timezone(timedelta(hours=5)))) == found


def test_a_number_that_is_given_out_once_more_makes_another_id() -> None:
    """A shop that was put back from a backup counts on from there."""
    later = NOON + timedelta(microseconds=1)
    assert len({message_id_of(12, NOON), message_id_of(13, NOON), message_id_of(12, later)}) == 3


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [([], False), (["order.paid"], True), (["order.placed"], False), (["*"], True)],
)
def test_who_wants_what(chosen: list[str], wanted: bool) -> None:
    assert wants(chosen, "order.paid") is wanted


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.ACCEPTED),
        (204, Outcome.ACCEPTED),
        (299, Outcome.ACCEPTED),
        (301, Outcome.REFUSED),
        (400, Outcome.REFUSED),
        (410, Outcome.GONE),
        (429, Outcome.REFUSED),
        (503, Outcome.REFUSED),
        (None, Outcome.FAILED),
    ],
)
def test_what_an_answer_means(status: int | None, outcome: Outcome) -> None:
    assert outcome_of(status) == outcome


def test_the_wait_grows_and_the_last_try_is_a_day_after_the_first() -> None:
    passed, waits = timedelta(0), []
    for tries in range(1, 100):
        seconds = wait(tries, passed)
        if seconds is None:
            break
        waits.append(seconds)
        passed += timedelta(seconds=seconds)
    assert waits == [5, 20, 80, 320, 1280, 5120, 14400, 14400, 14400, 14400, 14400, 7575]
    assert passed == TRIED_FOR


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 64), (0.25, 72), (0.5, 80), (1.0, 96)])
def test_chance_moves_the_wait_a_little(chance: float, seconds: float) -> None:
    assert wait(3, timedelta(minutes=1), chance=chance) == seconds


@pytest.mark.parametrize(
    ("asked", "seconds"), [(0, 5), (3, 5), (60, 60), (3600, 3600), (999_999, 14_400)]
)
def test_who_asks_for_time_gets_it_up_to_four_hours(asked: int, seconds: float) -> None:
    assert wait(1, timedelta(0), asked=asked) == seconds


def test_it_is_given_up_after_a_day_but_not_by_a_shop_that_was_closed_meanwhile() -> None:
    assert wait(FEWEST_TRIES, TRIED_FOR) is None
    assert wait(FEWEST_TRIES - 1, TRIED_FOR) == 1280
    assert wait(FEWEST_TRIES, TRIED_FOR - timedelta(seconds=1)) == 1
    assert wait(500, timedelta(0)) == 14_400


@pytest.mark.parametrize(
    ("failing_since", "given_up"),
    [
        (NOON - timedelta(hours=1), True),
        (NOON, True),
        # It has accepted something meanwhile.
        (NOON + timedelta(seconds=1), False),
        (None, False),
    ],
)
def test_a_webhook_is_given_up_on_where_it_accepted_nothing_all_day(
    failing_since: datetime | None, given_up: bool
) -> None:
    assert is_given_up_on(failing_since=failing_since, tried_since=NOON) is given_up

"""When a replica may be read: never for what is older than it may be, whatever is late."""

import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.lib.replicas import judging, limits
from shop.lib.replicas.freshness import Freshness
from shop.lib.replicas.judging import Answer, Verdict, judge

pytestmark = pytest.mark.once

# Moments to a millisecond, so that sums are exact enough to compare.
MILLISECONDS = st.integers(1, 4_000).map(lambda number: number / 1000)
SLACK = 1e-6


def seen(*beats: tuple[float, int]) -> Freshness:
    """What a process has seen of the primary: moments, and the beats it had then."""
    freshness = Freshness(at=0.0)
    for at, number in beats:
        freshness.note(number, at=at)
    return freshness


def test_who_has_written_comes_back_when_it_is_everywhere() -> None:
    late = limits.BEAT_SECONDS + limits.LOOK_SECONDS

    assert limits.MAX_LAG_SECONDS + late < limits.STICKY_SECONDS
    # And a replica that is well looks well.
    assert late + limits.ANSWER_SECONDS < limits.MAX_LAG_SECONDS
    assert limits.LOOK_SECONDS + limits.ANSWER_SECONDS < limits.BELIEVED_SECONDS


def test_a_replica_has_what_was_there_when_its_beat_was_not() -> None:
    freshness = seen((10, 7), (11, 8), (12, 8), (13, 10))

    assert freshness.whole_until(10) == 12
    assert freshness.whole_until(9) == 12
    assert freshness.whole_until(8) == 10
    # What came before is not known.
    assert freshness.whole_until(7) is None
    assert freshness.newest == 10


def test_a_primary_that_goes_back_is_another_one() -> None:
    freshness = seen((10, 7), (11, 8), (12, 3))

    assert freshness.whole_until(8) == 12
    assert freshness.whole_until(3) is None


# --- It never claims too much ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Course:
    """How things went: when the primary beat, when it was looked at, how far the replica was."""

    beats: list[float]
    looks: list[float]
    replayed_until: float

    @property
    def beat_of_replica(self) -> int:
        return sum(at <= self.replayed_until for at in self.beats)


def moments(gaps: list[float]) -> list[float]:
    return [sum(gaps[: count + 1]) for count in range(len(gaps))]


GAPS = st.lists(MILLISECONDS, min_size=1, max_size=30)
COURSES = st.builds(
    Course,
    beats=GAPS.map(moments),
    looks=GAPS.map(moments),
    replayed_until=st.integers(0, 60_000).map(lambda number: number / 1000),
)


def claim(course: Course, freshness: Freshness) -> float | None:
    for look in course.looks:
        freshness.note(sum(at <= look for at in course.beats), at=look)
    return freshness.whole_until(course.beat_of_replica)


@given(COURSES)
def test_however_late_the_beat_and_the_looks_are_it_has_what_is_claimed(course: Course) -> None:
    whole_until = claim(course, Freshness(at=0.0))

    assert whole_until is None or whole_until <= course.replayed_until + SLACK


class Careless(Freshness):
    """Takes the last moment at which the primary had the replica's own beat."""

    def whole_until(self, number: int) -> float | None:
        found = [at for at, there in self._seen if there <= number]
        return found[-1] if found else None


def test_a_careless_one_claims_too_much() -> None:
    """The beat comes at 1 and a write at 2, which the replica lacks; at 3 both beats are equal."""
    course = Course(beats=[1.0], looks=[0.5, 3.0], replayed_until=1.5)

    careless, ours = claim(course, Careless(at=0.0)), claim(course, Freshness(at=0.0))

    assert (careless, ours) == (3.0, 0.5)


# --- The verdict ----------------------------------------------------------------------------------

WELL = seen((98, 5), (99, 6), (100, 7))
LONG = seen((90, 5), (99, 6), (100, 7))
NEW = Freshness(at=98.0)
NEW.note(6, at=99)
NEW.note(7, at=100)


def test_a_replica_that_is_well_is_read_until_what_is_known_of_it_is_too_old() -> None:
    verdict = judge(Answer(at=99.9, beat=7), WELL, now=100.1)

    assert verdict == Verdict(good_until=99.9 + limits.BELIEVED_SECONDS, whole_until=99)
    late = judge(Answer(at=99.9, beat=6), seen((95.5, 5), (100, 7)), now=100.1)
    assert late == Verdict(good_until=95.5 + limits.MAX_LAG_SECONDS, whole_until=95.5)


@pytest.mark.parametrize(
    ("answer", "freshness", "expected"),
    [
        (Answer(at=99.9, error="gone"), WELL, (judging.AWAY, "gone")),
        (Answer(at=97.0, beat=7), WELL, (judging.AWAY, "no answer")),
        (Answer(at=99.9, beat=7, is_replica=False), WELL, (judging.NO_REPLICA, "")),
        (Answer(at=99.9, beat=9), WELL, (judging.STRANGER, "")),
        # By the time the primary was asked it had not said its newest beat to everybody.
        (Answer(at=99.9, beat=8), WELL, ("", "")),
        # The primary does not answer just now.
        (Answer(at=100.05, beat=9), WELL, ("", "")),
        (Answer(at=99.9, beat=6), LONG, (judging.LAGS, "by 10 s at most")),
        (Answer(at=99.9, beat=2), LONG, (judging.LAGS, "by more than 5 s")),
        (Answer(at=99.9, beat=7), seen((93, 6), (94, 7), (100, 7)), (judging.NO_BEAT, "")),
        (Answer(at=99.9, beat=0), seen((98, 0), (100, 0)), (judging.NO_BEAT, "")),
        # Not long enough there to know.
        (Answer(at=99.9, beat=6), NEW, ("", "")),
    ],
)
def test_what_is_in_the_way(
    answer: Answer, freshness: Freshness, expected: tuple[str, str]
) -> None:
    verdict = judge(answer, freshness, now=100.1)

    assert (verdict.trouble, verdict.details) == expected
    assert verdict.is_silent is (answer.at == 97.0)
    if verdict.trouble:
        assert verdict.good_until == 0.0


def test_a_process_that_has_just_begun_reads_from_the_primary() -> None:
    now = time.monotonic()

    assert judge(Answer(at=now), Freshness(at=now), now=now) == Verdict()

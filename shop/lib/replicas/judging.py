"""Whether a replica may be read, by what it has answered and by what was seen of the primary."""

from dataclasses import dataclass

from shop.lib.replicas import limits
from shop.lib.replicas.freshness import Freshness

AWAY = "it cannot be asked"
NO_REPLICA = "it follows nobody: it was promoted, or never was a replica"
STRANGER = "it is ahead of the primary: it belongs to another database"
LAGS = "it lags"
NO_BEAT = "the beat in the primary stands still: is the relay running?"
_SILENT_SECONDS = limits.LOOK_SECONDS + limits.ANSWER_SECONDS + 0.5
# A standby may show a commit a moment before the primary does.
_AHEAD = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a replica said of itself, asked at a moment of `time.monotonic()`."""

    at: float
    is_replica: bool = True
    beat: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Until when a replica may be read; what is in the way, empty where nothing is, or none knows.

    `whole_until` is a moment up to which it has everything, None where that is not known.
    """

    good_until: float = 0.0
    trouble: str = ""
    details: str = ""
    whole_until: float | None = None
    # Whoever waits for it would wait for ever.
    is_silent: bool = False


def judge(answer: Answer, freshness: Freshness, *, now: float) -> Verdict:
    """Decide. The primary was looked at after the replica had answered."""
    if answer.error:
        return Verdict(trouble=AWAY, details=answer.error)
    if now - answer.at > _SILENT_SECONDS:
        return Verdict(trouble=AWAY, details="no answer", is_silent=True)
    if not answer.is_replica:
        return Verdict(trouble=NO_REPLICA)
    if freshness.seen_at > answer.at and answer.beat > freshness.newest + _AHEAD:
        return Verdict(trouble=STRANGER)
    return _judge_lag(answer, freshness, now=now)


def _judge_lag(answer: Answer, freshness: Freshness, *, now: float) -> Verdict:
    whole_until = freshness.whole_until(answer.beat)
    if whole_until is not None and now - whole_until <= limits.MAX_LAG_SECONDS:
        good_until = min(whole_until + limits.MAX_LAG_SECONDS, answer.at + limits.BELIEVED_SECONDS)
        return Verdict(good_until=good_until, whole_until=whole_until)
    if now - freshness.risen_at > limits.MAX_LAG_SECONDS:
        return Verdict(trouble=NO_BEAT, whole_until=whole_until)
    if whole_until is not None:
        lag = f"by {now - whole_until:.0f} s at most"
        return Verdict(trouble=LAGS, details=lag, whole_until=whole_until)
    if now - freshness.begun_at > limits.MAX_LAG_SECONDS:
        return Verdict(trouble=LAGS, details=f"by more than {limits.MAX_LAG_SECONDS:.0f} s")
    return Verdict()

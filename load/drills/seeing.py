"""What shoppers saw: each request of the crowd, as it is written down, and what it comes to."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from load.drills.growing import GrowingFile

# As all people name what places an order (load/people/).
_ORDERS = "POST order "


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something that was asked for, and answered `at` that time; a status of 0: it was not."""

    at: float
    name: str
    status: int
    ms: float
    error: str = ""


class Requests:
    """The file in which the crowd writes, read along."""

    def __init__(self, path: Path) -> None:
        self._file = GrowingFile(path)
        self._all: list[Request] = []

    def between(self, begin: float, end: float) -> list[Request]:
        """Return what was answered from then until then."""
        self._all += [Request(**facts) for facts in self._file.new()]
        return [request for request in self._all if begin <= request.at < end]

    def forget_before(self, moment: float) -> None:
        """Nobody will ask for anything earlier any more."""
        self._all = [request for request in self._all if request.at >= moment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What some requests come to. `statuses` are those of the ones that went wrong."""

    requests: int = 0
    statuses: Mapping[int, int] = field(default_factory=dict)
    # What was answered with a good status and says something wrong.
    wrong: Sequence[str] = ()
    p95_ms: float = 0.0
    slowest_ms: float = 0.0
    orders: int = 0
    # Orders that were told to come again, or nothing at all.
    orders_refused: int = 0

    @property
    def failures(self) -> int:
        return sum(self.statuses.values()) + len(self.wrong)


def seen(requests: Sequence[Request]) -> Seen:
    bad = [request for request in requests if request.error]
    failed = [request for request in bad if request.status == 0 or request.status >= 500]
    ordered = [each for each in requests if each.name.startswith(_ORDERS)]
    return Seen(
        requests=len(requests),
        statuses=dict(sorted(Counter(request.status for request in failed).items())),
        wrong=tuple(f"{each.name}: {each.error}" for each in bad if each not in failed),
        p95_ms=within(requests, 0.95),
        slowest_ms=max((request.ms for request in requests), default=0.0),
        orders=sum(not request.error for request in ordered),
        orders_refused=sum(bool(request.error) for request in ordered),
    )


def within(requests: Sequence[Request], share: float) -> float:
    """Return within how many milliseconds such a share of them were answered; 0 for none."""
    times = sorted(request.ms for request in requests)
    return times[math.ceil(len(times) * share) - 1] if times else 0.0

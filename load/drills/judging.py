"""When all is well again: nobody meets an error, answers come as soon as before, news is heard."""

from collections.abc import Sequence
from dataclasses import dataclass

from load.drills.seeing import Request, seen, within
from load.drills.watching import Look

# For so long all must be well, to count as well: longer than news may take (watching.py), so that
# news of after the fault is among what is looked at.
SECONDS = 5.0
# So many of a hundred answers are looked at: what is rare and slow is so by chance.
_SHARE = 0.9
_TIMES, _MORE_MS = 2.0, 250.0
_LEAST_RATE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How it was before: requests and orders a second, and how soon most were answered.

    Where news was `late` before, as it is where more is ordered than letters can be written, it may
    be so afterwards.
    """

    rate: float
    orders: float
    ms: float
    late: int


def usual(requests: Sequence[Request], looks: Sequence[Look], *, seconds: float) -> Usual:
    return Usual(
        rate=len(requests) / seconds,
        orders=seen(requests).orders / seconds,
        ms=within(requests, _SHARE),
        late=max((look.late for look in looks), default=0),
    )


def complaints(requests: Sequence[Request], looks: Sequence[Look], before: Usual) -> list[str]:
    """Return what is not as before in SECONDS of a crowd, and of looks at the shop's news."""
    now, found = usual(requests, looks, seconds=SECONDS), seen(requests)
    limit = before.ms * _TIMES + _MORE_MS
    said = [
        (f"{found.failures} of {found.requests} requests failed", found.failures > 0),
        (f"{now.rate:.1f} requests a second", now.rate < before.rate * _LEAST_RATE),
        (f"{now.orders:.1f} orders a second", now.orders < before.orders * _LEAST_RATE),
        (f"p90 {now.ms:,.0f} ms, at most {limit:,.0f}", now.ms > limit),
        ("nobody can look at the news", not looks),
        (f"{now.late} news unheard", now.late > 0 and before.late == 0),
    ]
    return [sentence for sentence, is_so in said if is_so]

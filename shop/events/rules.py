"""What news looks like, and when a failed delivery is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

# How long a relay may take for the events it has claimed; then another one takes them over.
LEASE = timedelta(seconds=60)
_FIRST_RETRY = timedelta(seconds=2)
_LONGEST_RETRY = timedelta(hours=1)
_MOST_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to a subject such as `order:12`."""

    name: str
    subject: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """News as a handler gets it: with the number under which it was written down."""

    id: int
    name: str
    subject: str
    payload: Mapping[str, Any]


def retry_delay(failures: int) -> timedelta:
    """Return how long to wait after so many failures: doubling, up to an hour."""
    doublings = min(failures - 1, _MOST_DOUBLINGS)
    return min(_FIRST_RETRY * (1 << doublings), _LONGEST_RETRY)

"""What news looks like, and when a failed delivery is tried again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

# In which events wait for their handlers. Mail takes its time: apart, it delays nothing else.
QUEUES = ("events", "mail")
# How long a relay may take for the events it has claimed; then another one takes them over.
LEASE = timedelta(seconds=60)
# How long an effect outside the database may take; then whoever began it is believed dead. A
# mail server may answer each of a dozen commands at the last moment.
EFFECT_LEASE = timedelta(minutes=3)
# After so many failures an event is set aside: trying on helps nobody, and others wait behind it.
MOST_TRIES = 20
_FIRST_RETRY = timedelta(seconds=2)
_LONGEST_RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to a subject such as `order:12`.

    `request_id` is the request in which it was asked for, where that is not the present one.
    """

    name: str
    subject: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """News as a handler gets it: with the number under which it was written down."""

    id: int
    name: str
    subject: str
    payload: Mapping[str, Any]
    version: int = 1


def retry_delay(failures: int) -> timedelta | None:
    """Return how long to wait after so many failures: doubling, up to an hour; None: set aside."""
    if failures >= MOST_TRIES:
        return None
    return min(_FIRST_RETRY * (1 << failures - 1), _LONGEST_RETRY)


def subject_of(kind: str, ids: Collection[int]) -> str:
    """Return what news of these rows is about: `product:7`, or `product:7-512` for a batch."""
    first, last = min(ids), max(ids)
    return f"{kind}:{first}" if first == last else f"{kind}:{first}-{last}"

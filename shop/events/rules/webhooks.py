"""Webhooks: who is told what, in which words, and when a failed delivery is tried again."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from shop.events.rules.kinds import NUMBER, TEXT, Kind

NEWS = (
    Kind(
        "webhook.disabled",
        "A webhook gets nothing any more: it answered nothing good for a day, or says it is gone.",
        {"webhook_id": NUMBER, "reason": TEXT},
    ),
)

# Chosen in place of names: every event, those of later releases too.
EVERY_EVENT = "*"
# What is sent to try a webhook out; it never happens by itself.
TEST_EVENT = "webhook.test"
# Together they bound how many deliveries are on their way from one sender, and each webhook has
# places of its own among them: whoever is slow keeps nobody else waiting.
MOST_WEBHOOKS = 50
AT_ONCE_FOR_ONE = 4
# As often as this is knocked at a door that did not open the last time.
AT_ONCE_WHILE_FAILING = 1
# How long whoever has claimed a delivery may take; then it is sent once more.
DELIVERY_LEASE = timedelta(seconds=60)
TRIED_FOR = timedelta(days=1)
# A shop that was closed for a day has not tried for a day.
FEWEST_TRIES = 6
FORMER_SECRET_FOR = timedelta(hours=24)
LONGEST_DESCRIPTION = 200
LONGEST_ANSWER_KEPT = 4_000
_FIRST_DELAY = timedelta(seconds=5)
_LONGEST_DELAY = timedelta(hours=4)
_MOST_GROWTHS = 6
_JITTER = 0.2
# Of this shop's news, as `uuid5` makes names of it.
_NAMESPACE = UUID("6f1f1f58-3d07-5c0e-9c8e-5b9f0f5a7c11")


class WebhookState(StrEnum):
    """Whether a webhook gets anything, and who has put an end to it."""

    ENABLED = "Enabled"
    OFF = "Off"
    FAILING = "Failing"
    GONE = "Gone"


class DeliveryState(StrEnum):
    """What has become of a delivery."""

    WAITING = "Waiting"
    DELIVERED = "Delivered"
    GIVEN_UP = "Given up"


class Outcome(StrEnum):
    """What came of one attempt."""

    ACCEPTED = "accepted"
    # It has answered, and the answer was no.
    REFUSED = "refused"
    # It will never want anything again.
    GONE = "gone"
    # There was no answer.
    FAILED = "failed"


def outcome_of(status: int | None) -> Outcome:
    """Return what an answer's status says; None: there was no answer."""
    if status is None:
        return Outcome.FAILED
    if status // 100 == 2:
        return Outcome.ACCEPTED
    return Outcome.GONE if status == 410 else Outcome.REFUSED


def wants(chosen: Collection[str], name: str) -> bool:
    """Tell whether somebody who has chosen these events wants to hear of one of this name."""
    return name in chosen or EVERY_EVENT in chosen


def message_id_of(event_id: int, told_at: datetime) -> str:
    """Return the name of an event for receivers: the same however often it is sent, to whomever.

    The number alone would not do: a shop that was put back from a backup gives numbers out again,
    and another shop has the same ones.
    """
    return f"evt_{uuid5(_NAMESPACE, f'{event_id} {told_at.astimezone(UTC).isoformat()}').hex}"


def body_of(
    *, name: str, subject: str, payload: Mapping[str, Any], version: int, told_at: datetime
) -> str:
    """Return what is sent of an event, in JSON as short as it can be."""
    said = {
        "type": name,
        "timestamp": told_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "version": version,
        "subject": subject,
        "data": payload,
    }
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)


def wait_before_next_try(
    *, tries: int, tried_for: timedelta, asked_to_wait: timedelta, chance: float
) -> timedelta | None:
    """Return how long to wait after so many failed tries in such a time; None: it is given up.

    Four times as long after each, from 5 seconds to 4 hours, and the last time a day after the
    first; `chance`, from 0 to 1, moves it a little, so that what failed together does not come
    back together. `asked_to_wait` is what the receiver has asked for.
    """
    if tried_for >= TRIED_FOR and tries >= FEWEST_TRIES:
        return None
    growing = min(_FIRST_DELAY * (1 << 2 * min(tries - 1, _MOST_GROWTHS)), _LONGEST_DELAY)
    moved = growing * (1 - _JITTER + 2 * _JITTER * chance)
    wished = max(moved, min(asked_to_wait, _LONGEST_DELAY))
    left = TRIED_FOR - tried_for
    return min(wished, left) if left > timedelta(0) else wished


def is_given_up_on(*, failing_since: datetime | None, tried_since: datetime) -> bool:
    """Tell whether a webhook has accepted nothing for as long as a delivery was tried."""
    return failing_since is not None and failing_since <= tried_since

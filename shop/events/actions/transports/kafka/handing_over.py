"""The relay claims events that others do not know of, and tells them."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from shop.events.actions.claiming import FOR_OTHERS, claim
from shop.events.actions.transports.kafka.sending import Told, hang_up
from shop.events.models import Event
from shop.events.queries import for_others

__all__ = ["hand_over", "hang_up"]

logger = logging.getLogger(__name__)

_SECONDS_TO_CONFIRM = 5.0
_REST = timedelta(seconds=2)


def hand_over(*, limit: int) -> int:
    """Tell others of up to `limit` events, those of one subject in order; return of how many.

    While Kafka is away they wait, and nothing is counted against them.
    """
    events = claim(limit, line=FOR_OTHERS)
    if not events:
        return 0
    told = Told()
    for event in events:
        told.send(event)
    told.settle(_SECONDS_TO_CONFIRM)
    _note(events, told.ids)
    return len(told.ids)


def _note(events: Sequence[Event], told: set[int]) -> None:
    """Write down which are known to others; the rest comes due again after a moment."""
    for_others().filter(id__in=told).update(tell_others_at=None)
    untold = [event.id for event in events if event.id not in told]
    if untold:
        logger.warning("Kafka does not know of %s events yet", len(untold))
        for_others().filter(id__in=untold).update(tell_others_at=timezone.now() + _REST)

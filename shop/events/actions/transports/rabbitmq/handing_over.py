"""The relay claims events and asks the workers to handle them."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from shop.events.actions.claiming import claim
from shop.events.actions.finishing import left_to_do, mark_delivered
from shop.events.actions.registering import QUEUES, Listener
from shop.events.actions.transports.rabbitmq.sending import AWAY, Sender, connected
from shop.events.models import Event
from shop.events.queries import waiting

logger = logging.getLogger(__name__)

# After which nobody has to believe any more that a message is on its way.
LEASE = timedelta(minutes=5)
# As many messages keep the workers busy; the others wait where they are safe, in the outbox.
MOST_ON_THEIR_WAY = 2000
# The broker keeps the lines apart.
LINES = (None,)
_REST_FOR_THE_BROKER = timedelta(seconds=2)


def hand_over(*, limit: int, line: str | None) -> int:
    """Send messages for up to `limit` events that are due; return how many events there were.

    While the broker is away they wait, and nothing is counted against them.
    """
    try:
        return _hand_over(limit, line)
    except AWAY as error:
        logger.warning("The relay waits for the broker: %s", error)
        return 0


def _hand_over(limit: int, line: str | None) -> int:
    # Those behind one that is on its way are sent when that was handled.
    events = claim(limit, lease=LEASE, with_followers=False, line=line)
    if not events:
        return 0
    left = left_to_do(events)
    mark_delivered([event.id for event in events if not left[event.id]])
    wanted = [event for event in events if left[event.id]]
    sent: set[int] = set()
    try:
        if wanted:
            _send(wanted, left, sent)
    finally:
        _put_back([event.id for event in wanted if event.id not in sent])
    return len(events)


def _send(events: Sequence[Event], left: Mapping[int, Sequence[Listener]], sent: set[int]) -> None:
    with connected() as connection:
        sender = Sender(connection)
        full = {name for name in QUEUES if sender.is_full(name, limit=MOST_ON_THEIR_WAY)}
        for event in events:
            if any(listener.queue in full for listener in left[event.id]):
                continue
            for listener in left[event.id]:
                sender.send(event.id, listener)
            sent.add(event.id)


def _put_back(event_ids: Sequence[int]) -> None:
    """Let events that nobody was told of be due again after a moment."""
    if event_ids:
        mine = waiting().filter(id__in=event_ids)
        mine.update(due_at=timezone.now() + _REST_FOR_THE_BROKER)

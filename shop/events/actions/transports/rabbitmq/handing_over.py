"""The relay claims events and asks the workers to handle them."""

import logging
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from django.utils import timezone

from shop.events.actions.claiming import claim, of_queue
from shop.events.actions.finishing import left_to_do, mark_delivered
from shop.events.actions.registering import Listener
from shop.events.actions.transports.rabbitmq.sending import AWAY, Sender, hang_up, sending
from shop.events.models import Event
from shop.events.queries import waiting
from shop.events.rules import QUEUES
from shop.lib.batches import in_chunks

__all__ = ["hand_over", "hang_up"]

logger = logging.getLogger(__name__)

# After which nobody has to believe any more that a message is on its way.
LEASE = timedelta(minutes=5)
# Nor that a relay is about to send one: it takes a second, or gives up after ten.
SENDING_LEASE = timedelta(seconds=30)
# As many messages keep the workers busy; the others wait where they are safe, in the outbox.
MOST_ON_THEIR_WAY = 2000
# The broker itself keeps its queues apart.
APART = (None,)
# So many events one message has at most, which costs a fraction of a message for each; and so many
# messages there are at least, if there are as many events, so that all workers get some. Letters go
# one by one: each takes its time.
MOST_TOGETHER = {"events": 25, "mail": 1}
FEWEST_MESSAGES = 8
_REST_FOR_THE_BROKER = timedelta(seconds=2)


def hand_over(*, limit: int, queue: str | None) -> int:
    """Send messages for up to `limit` events that are due; return how many events there were.

    While the broker is away they wait, and nothing is counted against them.
    """
    try:
        return _hand_over(limit, queue)
    except AWAY as error:
        logger.warning("The relay waits for the broker: %s", error)
        return 0


def _hand_over(limit: int, queue: str | None) -> int:
    # Those behind one that is on its way are sent when that was handled.
    events = claim(limit, lease=SENDING_LEASE, with_followers=False, line=of_queue(queue))
    if not events:
        return 0
    left = left_to_do(events)
    mark_delivered([event.id for event in events if not left[event.id]])
    _send([event for event in events if left[event.id]], left)
    return len(events)


def _send(events: Sequence[Event], left: Mapping[int, Sequence[Listener]]) -> None:
    """Send the messages of these events; those that the broker does not take come due again."""
    sent: set[int] = set()
    try:
        if events:
            with sending() as sender:
                told = _tell(sender, events, left)
                try:
                    sender.settle()
                finally:
                    sent = told - sender.unconfirmed()
    finally:
        _put_back({event.id for event in events} - sent)
        _believe([event for event in events if event.id in sent])


def _tell(
    sender: Sender, events: Sequence[Event], left: Mapping[int, Sequence[Listener]]
) -> set[int]:
    """Send what there is room for; return of which events."""
    full = {name for name in QUEUES if sender.is_full(name, limit=MOST_ON_THEIR_WAY)}
    told = set()
    heard_by: defaultdict[Listener, list[int]] = defaultdict(list)
    for event in events:
        if any(listener.queue in full for listener in left[event.id]):
            continue
        for listener in left[event.id]:
            heard_by[listener].append(event.id)
        told.add(event.id)
    for listener, event_ids in heard_by.items():
        size = min(MOST_TOGETHER[listener.queue], math.ceil(len(event_ids) / FEWEST_MESSAGES))
        for chunk in in_chunks(event_ids, size):
            sender.send(chunk, listener)
    return told


def _believe(events: Sequence[Event]) -> None:
    """Let nobody send these again for a while, unless something has come of them already."""
    if events:
        claimed = {event.due_at for event in events}
        mine = waiting().filter(id__in=[event.id for event in events], due_at__in=claimed)
        mine.update(due_at=timezone.now() + LEASE)


def _put_back(event_ids: Collection[int]) -> None:
    """Let events that nobody was told of be due again after a moment."""
    if event_ids:
        mine = waiting().filter(id__in=event_ids)
        mine.update(due_at=timezone.now() + _REST_FOR_THE_BROKER)

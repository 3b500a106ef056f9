"""What news should have done, held against what it has done: each effect, and each of them once."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.db.models import Count, Q

from load.drills.spans import Span
from shop.events import actions as events
from shop.events.models import Effect, Event
from shop.events.queries import told
from shop.letters.rules import LetterKind
from shop.orders.models import Order

_NUMBER = re.compile(rb"^Message-ID: <event-(\d+)\.", re.MULTILINE | re.IGNORECASE)
_AT_ONCE = 2_000


def numbers_of(letters: Path) -> Mapping[int, int]:
    """Return how often the letter of each event has left, by the event's number."""
    # Letters that leave in the same second may share a file.
    return Counter(
        int(number) for path in letters.iterdir() for number in _NUMBER.findall(path.read_bytes())
    )


def breaches(span: Span, sent: Mapping[int, int]) -> Iterator[str]:
    """Return what is wrong with the news of these seconds, and with the letters it told to send."""
    yield from _unheard(span)
    yield from _unwritten(span)
    yield from _unsent(span, sent)


def _unheard(span: Span) -> Iterator[str]:
    handlers = {each.kind.name: {*each.handlers} for each in told()}
    found = Event.objects.filter(created_at__range=span.moments).prefetch_related("receipts")
    for event in found.order_by("id").iterator(chunk_size=_AT_ONCE):
        name = f"event {event.id} ({event})"
        if event.delivered_at is None:
            yield f"{name} is not delivered: {event.last_error or 'nobody has tried'}"
            continue
        receipts = Counter(receipt.handler for receipt in event.receipts.all())
        if missing := handlers.get(event.name, set()) - receipts.keys():
            yield f"{name} was not heard by {', '.join(sorted(missing))}"
        for handler in (handler for handler, count in receipts.items() if count > 1):
            yield f"{name} was heard twice by {handler}"


def _unwritten(span: Span) -> Iterator[str]:
    """Say of which orders their buyers were not told, or told twice."""
    about = Count("letters", filter=Q(letters__kind=LetterKind.PLACED.value))
    orders = Order.objects.filter(placed_at__range=span.moments).annotate(written=about)
    others = orders.exclude(written=1).order_by("id")
    for number, written in others.values_list("number", "written"):
        yield f"{written} letters were written about order {number}"


def _unsent(span: Span, sent: Mapping[int, int]) -> Iterator[str]:
    """Say which letters never left, or left more often than somebody has begun to send them."""
    written = Event.objects.filter(name="letter.written", created_at__range=span.moments)
    tries = dict(Effect.objects.filter(event__in=written).values_list("event_id", "tries"))
    for event_id in written.order_by("id").values_list("id", flat=True):
        left, tried = sent.get(event_id, 0), tries.get(event_id, 0)
        if not 1 <= left <= tried:
            yield f"the letter of event {event_id} has left {left} times, in {tried} tries"


def dead_letters() -> Iterator[str]:
    """Say that there are messages which nobody could handle."""
    verbs = events.dead_letters()
    if count := len(verbs.dead_letters(limit=1_000)) if verbs else 0:
        yield f"{count} messages are dead letters"

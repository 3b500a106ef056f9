"""Whether each event of a drill had each of its effects, and had it once.

`python -m load.drills.proving CELLS LETTERS` reads when each cell began and ended, as JSON, and
looks into the folder of letters. It prints a line of JSON for each breach: of which cell, and what.
"""

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import django

_NUMBER = re.compile(rb"^Message-ID: <event-(\d+)\.", re.MULTILINE | re.IGNORECASE)
_ORDERED = "placed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A cell by its number, and the seconds from which and until which its events are its own."""

    cell: int
    begin: float
    end: float

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return datetime.fromtimestamp(self.begin, UTC), datetime.fromtimestamp(self.end, UTC)


def main(cells: str, letters: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
    django.setup()
    spans = [Span(**span) for span in json.loads(Path(cells).read_text(encoding="utf-8"))]
    sent = numbers_of(Path(letters))
    for span in spans:
        for said in (*_unheard(span), *_unwritten(span), *_unsent(span, sent)):
            sys.stdout.write(json.dumps({"cell": span.cell, "said": said}) + "\n")
    for said in _dead():
        sys.stdout.write(json.dumps({"cell": spans[-1].cell, "said": said}) + "\n")


def numbers_of(letters: Path) -> Counter[int]:
    """Return how often a letter about each event has left, by the event's number."""
    # Letters that leave in the same second may share a file.
    return Counter(
        int(number) for path in letters.iterdir() for number in _NUMBER.findall(path.read_bytes())
    )


def _unheard(span: Span) -> Iterator[str]:
    """Say which events are not delivered, or lack the receipt of a handler."""
    from shop.events.models import Event  # noqa: PLC0415
    from shop.events.queries import told  # noqa: PLC0415

    handlers = {each.kind.name: {*each.handlers} for each in told()}
    events = Event.objects.filter(created_at__range=span.moments).prefetch_related("receipts")
    for event in events.iterator(chunk_size=2_000):
        name = f"event {event.id} ({event})"
        if event.delivered_at is None:
            yield f"{name} is not delivered: {event.last_error or 'nobody has tried'}"
            continue
        got = [receipt.handler for receipt in event.receipts.all()]
        if missing := handlers.get(event.name, set()) - {*got}:
            yield f"{name} was not heard by {', '.join(sorted(missing))}"
        if len(got) != len({*got}):
            yield f"{name} was heard twice"


def _unwritten(span: Span) -> Iterator[str]:
    """Say of which orders their buyers were not told, or told twice."""
    from django.db.models import Count, Q  # noqa: PLC0415

    from shop.orders.models import Order  # noqa: PLC0415

    orders = Order.objects.filter(placed_at__range=span.moments)
    count = Count("letters", filter=Q(letters__kind=_ORDERED))
    for number, written in (
        orders.annotate(written=count).exclude(written=1).values_list("number", "written")
    ):
        yield f"{written} letters were written about order {number}"


def _unsent(span: Span, sent: Counter[int]) -> Iterator[str]:
    """Say which letters never left, or left more often than anybody has tried."""
    from shop.events.models import Effect, Event  # noqa: PLC0415

    written = Event.objects.filter(name="letter.written", created_at__range=span.moments)
    tries = dict(Effect.objects.filter(event__in=written).values_list("event_id", "tries"))
    ids: Sequence[int] = list(written.values_list("id", flat=True))
    for event_id in ids:
        if not 1 <= sent[event_id] <= tries.get(event_id, 0):
            yield (
                f"the letter of event {event_id} has left {sent[event_id]} times, "
                f"in {tries.get(event_id, 0)} tries"
            )


def _dead() -> Iterator[str]:
    from shop.events.actions import dead_letters  # noqa: PLC0415

    verbs = dead_letters()
    count = len(verbs.dead_letters(limit=1_000)) if verbs else 0
    if count:
        yield f"{count} messages are dead letters"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

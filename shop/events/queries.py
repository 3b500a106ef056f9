"""Reads about news."""

from collections.abc import Iterator

from django.db.models import F

from shop.events.models import Receipt
from shop.lib.breaches import Breach, repeated_values


def breaches() -> Iterator[Breach]:
    """Yield every row that breaks an invariant of events: each has each effect once."""
    yield from repeated_values(
        Receipt.objects.all(), "event_id", "handler", invariant="one-receipt", row="event"
    )
    early = Receipt.objects.filter(created_at__lt=F("event__created_at")).order_by("id")
    for event_id, handler in early.values_list("event_id", "handler").iterator():
        yield Breach("receipt-after-event", f"event {event_id}", f"{handler} was there before it")

"""Reads about news, and about who outside is told of them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, F, Min, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from shop.events.actions.registering import entries, handlers, kinds
from shop.events.errors import UnknownDelivery, UnknownWebhook
from shop.events.models import Delivery, DeliveryAttempt, Event, Receipt, Schedule, Webhook
from shop.events.rules import DeliveryState, Kind, WebhookState, wants
from shop.lib.breaches import Breach, repeated_values
from shop.lib.keyset import Page, page

# Whoever asks how many wait is not to wait for an answer: beyond this it is "so many, at least".
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events wait, MOST_COUNTED at most, and since when the oldest of them does.

    `set_aside` are those that nobody tries any more, `for_others` those of which other systems do
    not know yet.
    """

    waiting: int
    since: datetime | None
    set_aside: int = 0
    for_others: int = 0


def waiting() -> "QuerySet[Event]":
    """Return the events that are yet to be delivered, but those that were set aside."""
    return Event.objects.filter(delivered_at__isnull=True, due_at__isnull=False)


def for_others() -> "QuerySet[Event]":
    """Return the events that other systems are yet to be told of."""
    return Event.objects.filter(tell_others_at__isnull=False)


def set_aside() -> "QuerySet[Event]":
    """Return the events that have failed so often that nobody tries them any more."""
    return Event.objects.filter(delivered_at__isnull=True, due_at__isnull=True)


def delivered() -> "QuerySet[Event]":
    """Return the events that every handler has done with."""
    return Event.objects.filter(delivered_at__isnull=False)


class State(StrEnum):
    """What has become of an event."""

    WAITING = "waiting"
    SET_ASIDE = "set-aside"
    DELIVERED = "delivered"


_IN_STATE = {
    State.WAITING: waiting,
    State.SET_ASIDE: set_aside,
    State.DELIVERED: delivered,
}


def state_of(event: Event) -> State:
    """Return what has become of an event."""
    if event.delivered_at is not None:
        return State.DELIVERED
    return State.SET_ASIDE if event.due_at is None else State.WAITING


def in_line() -> Sequence[str]:
    """Return the order in which waiting events are due, as the index `events_waiting` has it.

    PostgreSQL reads the index as it lies only if all of it is named. MariaDB does only if the first
    column, which is empty of them all, is not. Otherwise they sort a million rows for a hundred.
    """
    return ["delivered_at"] * (connection.vendor == "postgresql") + ["due_at", "id"]


def backlog() -> Backlog:
    """Return what has been written down and not delivered."""
    first = waiting().order_by(*in_line())[:MOST_COUNTED]
    found = first.aggregate(count=Count("id"), since=Min("created_at"))
    return Backlog(
        waiting=found["count"],
        since=found["since"],
        set_aside=set_aside()[:MOST_COUNTED].count(),
        for_others=for_others()[:MOST_COUNTED].count() if settings.EVENTS_BESIDE else 0,
    )


@dataclass(frozen=True, slots=True)
class PeriodicWork:
    """A piece of periodic work: what it says of itself, and how often it is due."""

    says: str
    interval: timedelta


def periodic_work() -> dict[str, PeriodicWork]:
    """Return the entries of the schedule that the shop has today, by name."""
    return {
        name: PeriodicWork((entry.work.__doc__ or "").partition("\n")[0], entry.interval)
        for name, entry in entries.items()
    }


def due_times() -> dict[str, datetime]:
    """Return when each entry of the schedule is due, of those that the shop still has."""
    rows = Schedule.objects.filter(name__in=entries).values_list("name", "due_at")
    return dict(rows)


def error_of(event_id: int) -> str:
    """Return why an event has failed last; empty where it has not, or is forgotten."""
    errors = Event.objects.filter(id=event_id).values_list("last_error", flat=True)
    return errors.first() or ""


def error_of_entry(name: str) -> str:
    """Return why a piece of periodic work has failed; empty where its last run went well."""
    return Schedule.objects.filter(name=name).values_list("last_error", flat=True).first() or ""


def breaches() -> Iterator[Breach]:
    """Yield every row that breaks an invariant of events: each has each effect once."""
    yield from repeated_values(
        Receipt.objects.all(), "event_id", "handler", invariant="one-receipt", row="event"
    )
    early = Receipt.objects.filter(created_at__lt=F("event__created_at")).order_by("id")
    for event_id, handler in early.values_list("event_id", "handler").iterator():
        yield Breach("receipt-after-event", f"event {event_id}", f"{handler} was there before it")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which events somebody means: all that is said of them holds."""

    ids: Sequence[int] = ()
    name: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    state: State | None = None

    def events(self) -> "QuerySet[Event]":
        """Return them, the oldest first."""
        chosen = _IN_STATE[self.state]() if self.state else Event.objects.all()
        if self.ids:
            chosen = chosen.filter(id__in=self.ids)
        for field in ("name", "subject"):
            if value := getattr(self, field):
                chosen = chosen.filter(**{field: value})
        if self.since:
            chosen = chosen.filter(created_at__gte=self.since)
        if self.until:
            chosen = chosen.filter(created_at__lt=self.until)
        return chosen.order_by("id")


@dataclass(frozen=True, slots=True)
class Told:
    """Something the shop tells, and the handlers that hear it."""

    kind: Kind
    handlers: tuple[str, ...]


def told() -> list[Told]:
    """Return everything that the shop tells, by its name; webhooks may hear any of it besides."""
    return [Told(kind, _always_heard_by(name)) for name, kind in sorted(kinds.items())]


def _always_heard_by(name: str) -> tuple[str, ...]:
    listeners = handlers.get(name, {}).values()
    return tuple(sorted(each.name for each in listeners if each.wanted is None))


# --- Webhooks -------------------------------------------------------------------------------------


def enabled_webhooks() -> "QuerySet[Webhook]":
    """Return the webhooks that are told of events."""
    return Webhook.objects.filter(state=WebhookState.ENABLED.value).order_by("id")


def names_wanted_by_webhooks(names: Collection[str]) -> Collection[str]:
    """Return which of these events somebody outside wants to hear of, in one query."""
    chosen = list(enabled_webhooks().values_list("event_names", flat=True))
    return {name for name in names if any(wants(each, name) for each in chosen)}


def due_deliveries(now: datetime) -> "QuerySet[Delivery]":
    """Return the deliveries that are to be sent, to whomever."""
    return Delivery.objects.filter(state=DeliveryState.WAITING.value, due_at__lte=now)


def webhooks_with_due_deliveries() -> Sequence[Webhook]:
    """Return the webhooks to which something is to be sent now, in one query."""
    due = due_deliveries(timezone.now()).filter(webhook=OuterRef("pk"))
    return list(enabled_webhooks().filter(Exists(due)))


def webhooks(*, size: int, cursor: str | None = None) -> Page[Webhook]:
    """Return a page of webhooks, the oldest first. Raises InvalidCursor."""
    return page(Webhook.objects.all(), ordering=("id",), size=size, cursor=cursor)


def find_webhook(webhook_id: int) -> Webhook:
    """Return a webhook. Raises UnknownWebhook."""
    row = Webhook.objects.filter(id=webhook_id).first()
    if row is None:
        raise UnknownWebhook(webhook_id=webhook_id)
    return row


def deliveries(webhook_id: int, *, size: int, cursor: str | None = None) -> Page[Delivery]:
    """Return a page of what was sent to a webhook, the newest first.

    Raises UnknownWebhook or InvalidCursor.
    """
    rows = Delivery.objects.filter(webhook=find_webhook(webhook_id))
    return page(rows, ordering=("-id",), size=size, cursor=cursor)


def find_delivery(webhook_id: int, delivery_id: int) -> Delivery:
    """Return what was sent to a webhook, with its attempts. Raises UnknownDelivery."""
    attempts = Prefetch("attempts", DeliveryAttempt.objects.order_by("id"))
    rows = Delivery.objects.filter(id=delivery_id, webhook_id=webhook_id)
    row = rows.prefetch_related(attempts).first()
    if row is None:
        raise UnknownDelivery(delivery_id=delivery_id)
    return row


def waiting_for_webhook(webhook_id: int) -> int:
    """Return how many deliveries wait for a webhook, MOST_COUNTED at most."""
    rows = Delivery.objects.filter(webhook_id=webhook_id, state=DeliveryState.WAITING.value)
    return rows[:MOST_COUNTED].count()


@dataclass(frozen=True, slots=True)
class WebhookBacklog:
    """How many deliveries wait, MOST_COUNTED at most, and when the oldest was to be sent.

    `due_since` looks at webhooks that answer: what waits for one that is down is no backlog of
    ours. `given_up` are webhooks that the shop has disabled by itself.
    """

    waiting: int
    due_since: datetime | None
    given_up: int


def webhook_backlog() -> WebhookBacklog:
    """Return what is to be sent to webhooks."""
    waiting_ = Delivery.objects.filter(state=DeliveryState.WAITING.value)
    answering = enabled_webhooks().filter(failing_since__isnull=True).order_by()
    first = waiting_.filter(webhook_id__in=answering.values("id")).order_by("due_at")
    disabled = (WebhookState.FAILING.value, WebhookState.GONE.value)
    return WebhookBacklog(
        waiting=waiting_[:MOST_COUNTED].count(),
        due_since=first.values_list("due_at", flat=True).first(),
        given_up=Webhook.objects.filter(state__in=disabled).count(),
    )

"""News that must not be lost, who has heard them, what is due when, and who else is told."""

from django.db import models
from django.db.models import Q

from shop.events.rules import LONGEST_DESCRIPTION, DeliveryState, WebhookState
from shop.lib.fields import ExactCharField
from shop.lib.outbound import LONGEST_URL


class Event(models.Model):
    """Something that happened, written in the transaction that made it happen (an outbox)."""

    name = ExactCharField(max_length=80)
    # What it happened to, `order:12`: events of one subject are told apart from others' by it.
    subject = ExactCharField(max_length=80)
    payload = models.JSONField(default=dict)
    version = models.PositiveSmallIntegerField(default=1, db_default=1)
    # The request that it happened in; empty where nobody asked. While the shop is updated, servers
    # of before write rows too and know no such column: so the database has a default of its own.
    request_id = ExactCharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    # When to hand it over next: at once, after a failure, or after a relay that took it has died.
    # Empty once it has failed so often that it was set aside.
    due_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    # When to tell other systems of it next, where they are told (KAFKA_SERVERS); empty otherwise,
    # and once they were.
    tell_others_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["delivered_at", "due_at", "id"], name="events_waiting"),
            models.Index(fields=["subject", "delivered_at", "id"], name="events_of_subject"),
            models.Index(fields=["tell_others_at", "id"], name="events_for_others"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.subject}"


class Receipt(models.Model):
    """Proof that a handler has done its work for an event (an inbox): it will not do it again."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="receipts")
    handler = ExactCharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="receipt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.handler}"


class Effect(models.Model):
    """What a handler does outside the database, written down before it begins and when it ends.

    A receipt says that it is done. One that has begun, and neither ended nor got its receipt, may
    be under way, or may have died between its work and its record.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="effects")
    handler = ExactCharField(max_length=150)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="effect_once"),
            models.CheckConstraint(condition=models.Q(tries__gte=1), name="effect_was_tried"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.handler}"


class Schedule(models.Model):
    """When a periodic piece of work is due next; whoever moves `due_at` on does the work."""

    name = ExactCharField(max_length=150)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="schedule_once")]
        indexes = [models.Index(fields=["due_at"], name="schedule_by_due_time")]

    def __str__(self) -> str:
        return self.name


class Webhook(models.Model):
    """Somebody's program outside the shop: where it listens, and which events it wants to hear."""

    url = ExactCharField(max_length=LONGEST_URL)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, blank=True)
    event_names = models.JSONField(default=list)
    # Readable, for every delivery is signed with it: whoever reads the database can sign as the
    # shop, and a backup is as secret as it is.
    secret = ExactCharField(max_length=100)
    former_secret = ExactCharField(max_length=100, blank=True)
    former_secret_until = models.DateTimeField(null=True)
    state = ExactCharField(
        max_length=10,
        choices=[(state.value, state.value) for state in WebhookState],
        default=WebhookState.ENABLED.value,
    )
    state_since = models.DateTimeField()
    # The first attempt that failed since the last one that was accepted.
    failing_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in WebhookState]),
                name="webhook_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url


class Delivery(models.Model):
    """One event on its way to one webhook, and what has become of it."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    # The event's, and no link to it: events are forgotten in their own time. Empty for a test.
    event_number = models.BigIntegerField(null=True)
    message_id = ExactCharField(max_length=40)
    event_name = ExactCharField(max_length=80)
    # As it is sent, byte for byte: it is signed.
    body = models.TextField()
    state = ExactCharField(
        max_length=10,
        choices=[(state.value, state.value) for state in DeliveryState],
        default=DeliveryState.WAITING.value,
    )
    due_at = models.DateTimeField(null=True)
    # Since it was made, or last asked for by hand.
    tries = models.PositiveIntegerField(default=0)
    tried_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_number"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.WAITING.value, due_at__isnull=False)
                | Q(
                    state__in=[DeliveryState.DELIVERED.value, DeliveryState.GIVEN_UP.value],
                    due_at__isnull=True,
                ),
                name="delivery_waits_or_is_done",
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "due_at", "id"], name="deliveries_due"),
            models.Index(fields=["webhook", "id"], name="deliveries_of_webhook"),
            models.Index(fields=["state", "id"], name="deliveries_by_state"),
            models.Index(fields=["created_at"], name="deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"


class DeliveryAttempt(models.Model):
    """One request for a delivery: when, how long it took, and what was answered."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    # The IP address that was connected to.
    address = models.CharField(max_length=200, blank=True)
    # Empty where there was no answer; then `failure` says why.
    status = models.PositiveSmallIntegerField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__isnull=False) | ~Q(failure=""), name="attempt_says_what_came"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} at {self.at}"

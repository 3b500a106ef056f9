"""News that must not be lost, who has heard them, and what is due when."""

from django.db import models

from shop.lib.fields import ExactCharField


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
    failures = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["delivered_at", "due_at", "id"], name="events_waiting"),
            models.Index(fields=["subject", "delivered_at", "id"], name="events_of_subject"),
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

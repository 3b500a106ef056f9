"""What makes an order placed twice one order: attempts and their answers."""

from django.db import models

from shop.lib.fields import ExactCharField


class Attempt(models.Model):
    """A purchase somebody tried under a key of their own, and the answer they got.

    Written in the order's own transaction: it is there if, and only if, the order is. Kept for a
    day, after which the order's origin alone keeps it from being placed again.
    """

    # Whose key it is: `user:12`, or `cart:<uuid>` for a guest.
    scope = ExactCharField(max_length=50)
    key = ExactCharField(max_length=100)
    body_hash = models.CharField(max_length=64)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, null=True, related_name="attempts"
    )
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="attempt_key_once_per_scope"),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="attempts_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"

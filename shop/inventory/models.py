"""What is there: stock by location, what of it is promised, and the ledger that proves both."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from shop.inventory.rules import MovementReason
from shop.lib.fields import ExactCharField


class StockLocation(models.Model):
    """A place where stock lies; a lower position is preferred."""

    code = ExactCharField(max_length=40)
    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True, help_text="Sells from here.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="location_code_once")]

    def __str__(self) -> str:
        return self.name


class StockLevel(models.Model):
    """How much of a variant lies at a location, and how much of that is promised to somebody.

    What can be sold is `on_hand - promised`. The database refuses to promise more than there is.
    """

    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="levels")
    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="levels")
    on_hand = models.BigIntegerField(default=0)
    promised = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "location"], name="level_once_per_variant_location"
            ),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="level_on_hand_not_negative"),
            models.CheckConstraint(
                condition=Q(promised__gte=0), name="level_promised_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(promised__lte=F("on_hand")), name="level_promised_within_on_hand"
            ),
        ]

    def __str__(self) -> str:
        product, title = self.variant.product.name, self.variant.title
        name = f"{product}, {title}" if title else product
        return f"{name} ({self.variant.sku}) at {self.location.name}"


class StockMovement(models.Model):
    """One change of `on_hand`, never altered: the sum of a level's movements is its `on_hand`."""

    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="movements")
    quantity = models.BigIntegerField(help_text="Units that came (or, negative, went).")
    reason = models.CharField(
        max_length=20, choices={reason.value: reason.label for reason in MovementReason}
    )
    reference = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="movement_moves_something"),
        ]
        indexes = [
            models.Index(fields=["level", "id"], name="movements_of_level"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:+d} {self.reason}"


class Hold(models.Model):
    """Stock promised to a cart for a while; it exists as long as the promise does."""

    holder = models.UUIDField()
    level = models.ForeignKey(StockLevel, on_delete=models.PROTECT, related_name="holds")
    quantity = models.BigIntegerField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["holder", "level"], name="hold_once_per_holder_level"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="hold_holds_something"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="holds_to_expire"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.holder}"


class HoldTerm(models.Model):
    """Until when a cart can hold a variant: said once, so that asking again is no way to keep it.

    It outlives the hold, and is forgotten a day later.
    """

    holder = models.UUIDField()
    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="+")
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["holder", "variant"], name="hold_term_once_per_holder_variant"
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], name="hold_terms_to_forget"),
        ]

    def __str__(self) -> str:
        return f"{self.holder} until {self.ends_at:%Y-%m-%d %H:%M}"

"""What the shop has written to whom, and the invoices it has issued."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from shop.accounts.rules import LONGEST_EMAIL
from shop.letters.rules import LetterKind
from shop.lib.fields import ExactCharField


class Letter(models.Model):
    """A mail to one person: what about, and when it went out. What it says is made then."""

    kind = ExactCharField(max_length=20, choices={kind.value: kind.label for kind in LetterKind})
    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, null=True, related_name="letters"
    )
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.CASCADE, null=True, related_name="+"
    )
    recipient = models.EmailField()
    # What a letter to staff tells, and the id of a cart; one about an order looks at the order.
    facts = models.JSONField(default=list)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    # Who wanted it to be sent again; empty where the shop writes by itself.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in LetterKind]), name="letter_kind_known"
            ),
        ]
        indexes = [models.Index(fields=["order", "id"], name="letters_of_order")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"


class Reminder(models.Model):
    """Somebody wants to be told, once, when a product is there again."""

    product = models.ForeignKey(
        "catalog.Product", on_delete=models.CASCADE, related_name="reminders"
    )
    email = models.EmailField()
    # The same person in whatever case: `Alice@example.com` is alice@example.com.
    email_key = ExactCharField(max_length=LONGEST_EMAIL)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "email_key"], name="reminder_once"),
        ]
        indexes = [models.Index(fields=["email_key"], name="reminders_of_email")]

    def __str__(self) -> str:
        return f"{self.product_id} for {self.email}"


class CartConsent(models.Model):
    """Somebody wants a letter when they leave things in their cart: one for each cart."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cart_consents"
    )
    agreed_at = models.DateTimeField()
    # The cart that the last letter was about.
    cart_id = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="cart_consent_once")]

    def __str__(self) -> str:
        return f"cart consent of {self.user_id}"


class Gathering(models.Model):
    """What is to be told to staff about one subject, and when they were told last."""

    kind = ExactCharField(max_length=20)
    facts = models.JSONField(default=list)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind"], name="gathering_once")]

    def __str__(self) -> str:
        return self.kind


class Invoice(models.Model):
    """What was paid, under a number of the one row of numbers that has no gaps."""

    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="invoices")
    number = models.PositiveBigIntegerField()
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], name="invoice_once_per_order"),
            models.UniqueConstraint(fields=["number"], name="invoice_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="invoice_number_positive"),
        ]

    def __str__(self) -> str:
        return f"Invoice {self.number}"


class Numbering(models.Model):
    """The last number that was given out; whoever gives the next one holds this row."""

    name = ExactCharField(max_length=20)
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="numbering_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.last}"

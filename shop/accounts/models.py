"""Who somebody is: accounts and the addresses they keep."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models

from shop.lib.fields import ExactCharField

LONGEST_EMAIL = 254


class User(AbstractUser):
    """A shopper or a member of staff."""

    username = ExactCharField(
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "Somebody has this username already."},
        help_text="Letters, digits and @ . + - _ only.",
    )
    city = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=255, blank=True)
    # One account per e-mail address, whatever its case; NULL where there is none.
    email_key = ExactCharField(max_length=LONGEST_EMAIL, null=True, editable=False)
    # Rises when every token given out so far must stop working (password changed, user disabled).
    token_version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email_key"],
                name="user_email_once",
                violation_error_message="Somebody has this e-mail address already.",
            ),
        ]

    def clean(self) -> None:
        """Normalise the e-mail address, so that validation sees a taken one."""
        super().clean()
        self.email_key = email_key(self.email)

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Keep `email_key` in step with `email`, however the row is written."""
        self.email_key = email_key(self.email)
        if update_fields is not None:
            update_fields = frozenset(update_fields)
            if "email" in update_fields:
                update_fields |= {"email_key"}
        super().save(*args, update_fields=update_fields, **options)


def email_key(email: str) -> str | None:
    """Return the form in which two spellings of one e-mail address are equal, None for none."""
    # Some letters fold into two, and the column has room for as many as an address can have.
    return email.strip().casefold()[:LONGEST_EMAIL] or None


class Address(models.Model):
    """A place a shopper has things sent to."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    name = models.CharField(max_length=200)
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2")
    used_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-used_at"], name="addresses_of_user_by_use"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"


class TokenFamily(models.Model):
    """One sign-in of an API client: the refresh tokens that replaced each other since.

    The row exists for as long as the sign-in counts; `newest` is the id (`jti`) of the one token
    of the family that can still be used.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="token_families")
    newest = ExactCharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "token families"
        indexes = [
            models.Index(fields=["expires_at"], name="token_families_to_forget"),
        ]

    def __str__(self) -> str:
        return str(self.id)

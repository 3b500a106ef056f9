"""Who somebody is: accounts and the addresses they keep."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models

from shop.accounts.rules import LONGEST_EMAIL, LONGEST_USERNAME, email_key, username_key
from shop.lib.fields import ExactCharField

# The columns by which two spellings of one text are told to be the same.
_KEYS = {"email": "email_key", "username": "username_key"}


class People(UserManager["User"]):
    """Finds accounts by any spelling of their usernames: so does whoever signs somebody in."""

    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the account of that name. Raises User.DoesNotExist."""
        return self.get(username_key=username_key(username or ""))


class User(AbstractUser):
    """A shopper or a member of staff."""

    username = ExactCharField(
        max_length=LONGEST_USERNAME,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "Somebody has this username already."},
        help_text="Letters, digits and @ . + - _ only.",
    )
    city = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=255, blank=True)
    # One account per username, whatever its case: "Alice" must not pass for "alice".
    username_key = ExactCharField(max_length=LONGEST_USERNAME, editable=False)
    # One account per e-mail address, whatever its case; NULL where there is none.
    email_key = ExactCharField(max_length=LONGEST_EMAIL, null=True, editable=False)
    # Rises when every token given out so far must stop working (password changed, user disabled).
    token_version = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[People] = People()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["username_key"],
                name="user_username_once_in_any_case",
                violation_error_message="Somebody has this username already.",
            ),
            models.UniqueConstraint(
                fields=["email_key"],
                name="user_email_once",
                violation_error_message="Somebody has this e-mail address already.",
            ),
        ]

    def clean(self) -> None:
        """Keep the keys, so that validation sees a taken username or e-mail address."""
        super().clean()
        self._keep_keys()

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Keep the keys in step with what they stand for, however the row is written."""
        self._keep_keys()
        if update_fields is not None:
            update_fields = frozenset(update_fields)
            update_fields |= {key for name, key in _KEYS.items() if name in update_fields}
        super().save(*args, update_fields=update_fields, **options)

    def _keep_keys(self) -> None:
        self.username_key = username_key(self.username)
        self.email_key = email_key(self.email)


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

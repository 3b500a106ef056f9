"""A shop that strangers can reach opens only with keys and passwords of its own."""

from typing import Any

from shop.ops import demo_people
from shop.ops.preflight import CannotStartError

_LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
# What Django's own check (security.W009) asks of a key, and how keys begin that were copied.
_SHORTEST_KEY = 50
_FEWEST_CHARACTERS = 5
_EXAMPLE_KEYS = ("django-insecure-", "change", "secret", "example")


def can_come(settings: Any) -> bool:
    """Tell whether anybody but the people at this machine is meant to reach the shop."""
    return bool(settings.HTTPS) or not set(settings.ALLOWED_HOSTS) <= _LOOPBACK


def check(settings: Any) -> None:
    """Refuse a shop for strangers that has a key or a password which strangers know.

    Raises CannotStartError. Reads the accounts, so the database must be up to date.
    """
    if not can_come(settings):
        return
    _check_key(settings.SECRET_KEY)
    known = [account.username for account in demo_people.open_accounts()]
    if known:
        raise CannotStartError(
            f"strangers can reach this shop (HTTPS or ALLOWED_HOSTS), and the password of "
            f"{', '.join(known)} is the demo's, which everybody knows; "
            "lock the demo's accounts: manage.py furnish --lock-accounts"
        )


def _check_key(key: str) -> None:
    if (
        len(key) < _SHORTEST_KEY
        or len(set(key)) < _FEWEST_CHARACTERS
        or key.casefold().startswith(_EXAMPLE_KEYS)
    ):
        raise CannotStartError(
            "strangers can reach this shop (HTTPS or ALLOWED_HOSTS), and its SECRET_KEY can be "
            "guessed; set one of at least 50 random characters, or none, and one is made"
        )

"""How much one person can do: counted by the gate, whoever asks."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from shop.accounts.rules import username_key
from shop.gate import actions as gate

READS_PER_MINUTE = 600
WRITES_PER_MINUTE = 60
_MINUTE = 60
# Attempts to sign in, in so many seconds: with one username from one address, ...
SIGN_INS_FROM_HERE = 10
# ... with one username from anywhere, ...
SIGN_INS_OF_NAME = 50
# ... and from one address, which many people may share.
SIGN_INS_OF_ADDRESS = 100
SIGN_IN_SECONDS = 15 * _MINUTE
# ... and renewals of tokens from one address, in the same time.
REFRESHES = 300


class PersonThrottle(BaseThrottle):
    """So many reads and so many writes a minute, by user, or by address for somebody unknown."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return True. Raises TooManyRequests."""
        reads = request.method in SAFE_METHODS
        gate.admit(
            key=f"api:{'reads' if reads else 'writes'}:{_person(request)}",
            limit=READS_PER_MINUTE if reads else WRITES_PER_MINUTE,
            seconds=_MINUTE,
        )
        return True


class AddressThrottle(BaseThrottle):
    """So many attempts to sign in or to register, from one address."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return True. Raises TooManyRequests."""
        _admit_sign_in(f"address:{_address(request)}", SIGN_INS_OF_ADDRESS)
        return True


class RefreshThrottle(BaseThrottle):
    """So many renewals from one address: those who stay signed in do not use up sign-ins."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return True. Raises TooManyRequests."""
        gate.admit(key=f"api:refresh:{_address(request)}", limit=REFRESHES, seconds=SIGN_IN_SECONDS)
        return True


class UsernameThrottle(BaseThrottle):
    """So many attempts for one username in whatever spelling: from one address, and from all.

    Whoever is refused here does not use up what is left for the name elsewhere.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return True. Raises TooManyRequests."""
        data = request.data
        name = data.get("username") if isinstance(data, dict) else None
        if isinstance(name, str):
            key = username_key(name)
            _admit_sign_in(f"both:{key} {_address(request)}", SIGN_INS_FROM_HERE)
            _admit_sign_in(f"username:{key}", SIGN_INS_OF_NAME)
        return True


def _admit_sign_in(key: str, limit: int) -> None:
    gate.admit(key=f"api:sign-in:{key}", limit=limit, seconds=SIGN_IN_SECONDS)


def _person(request: Request) -> str:
    user = request.user
    return f"user:{user.pk}" if user.is_authenticated else f"address:{_address(request)}"


def _address(request: Request) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))

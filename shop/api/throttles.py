"""How much one person can do: counted by the gate, whoever asks."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from shop.accounts import actions as accounts
from shop.gate import actions as gate

READS_PER_MINUTE = 600
WRITES_PER_MINUTE = 60
_MINUTE = 60
# Renewals of tokens from one address, in so many seconds.
REFRESHES = 300
REFRESH_SECONDS = 15 * _MINUTE


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


class SignInThrottle(BaseThrottle):
    """So many attempts to sign in or to register: accounts counts them, for every door."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return True. Raises TooManyRequests."""
        name = ""
        try:
            name = _username(request)
        finally:
            # A body that cannot be read has no name, but it still comes from somewhere.
            accounts.admit_sign_in(name=name, address=_address(request))
        return True


class RefreshThrottle(BaseThrottle):
    """So many renewals from one address: those who stay signed in do not use up sign-ins."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return True. Raises TooManyRequests."""
        gate.admit(key=f"api:refresh:{_address(request)}", limit=REFRESHES, seconds=REFRESH_SECONDS)
        return True


def _username(request: Request) -> str:
    data = request.data
    name = data.get("username") if isinstance(data, dict) else None
    return name if isinstance(name, str) else ""


def _person(request: Request) -> str:
    user = request.user
    return f"user:{user.pk}" if user.is_authenticated else f"address:{_address(request)}"


def _address(request: Request) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))

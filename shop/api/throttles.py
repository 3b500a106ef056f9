"""How much one person can do: counted by the gate, whoever asks."""

from typing import Any, ClassVar

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from shop.gate import actions as gate

READS_PER_MINUTE = 600
WRITES_PER_MINUTE = 60
SIGN_INS_PER_MINUTE = 10
_MINUTE = 60


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
    """So many attempts a minute to sign in, to register or to renew tokens, from one address."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return True. Raises TooManyRequests."""
        gate.admit(
            key=f"api:sign-in:address:{_address(request)}",
            limit=SIGN_INS_PER_MINUTE,
            seconds=_MINUTE,
        )
        return True


class UsernameThrottle(BaseThrottle):
    """So many attempts a minute for one username, from wherever they come."""

    field: ClassVar[str] = "username"

    def allow_request(self, request: Request, view: Any) -> bool:
        """Return True. Raises TooManyRequests."""
        data = request.data
        name = data.get(self.field) if isinstance(data, dict) else None
        if isinstance(name, str):
            gate.admit(
                key=f"api:sign-in:username:{name.strip()}",
                limit=SIGN_INS_PER_MINUTE,
                seconds=_MINUTE,
            )
        return True


def _person(request: Request) -> str:
    user = request.user
    return f"user:{user.pk}" if user.is_authenticated else f"address:{_address(request)}"


def _address(request: Request) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))

"""Who asks: by the access token in the Authorization header, and one look at the account."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from shop.accounts import queries as accounts
from shop.accounts.errors import UnknownUser
from shop.api import tokens
from shop.api.problems import InvalidToken
from shop.api.tokens import Claims

if TYPE_CHECKING:
    from shop.accounts.models import User

_SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whoever holds a token of ours: of the account, this is all that is known without asking."""

    pk: int
    is_authenticated: bool = True


class TokenAuthentication(BaseAuthentication):
    """Takes `Authorization: Bearer <access token>`; whoever sends no such header is unknown.

    `by_signature` believes the token, and asks no database: for what looks at the account anyway,
    in the very transaction in which it matters.
    """

    def __init__(self, *, by_signature: bool = False) -> None:
        self._by_signature = by_signature

    def authenticate(self, request: Request) -> "tuple[User | Bearer, Claims] | None":
        """Return the user and what the token says, None without one. Raises InvalidToken."""
        scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != _SCHEME:
            return None
        claims = tokens.read_access(token.strip())
        return Bearer(pk=claims.user_id) if self._by_signature else _user(claims), claims

    def authenticate_header(self, request: Request) -> str:
        """Return what a 401 says of how to sign in."""
        return 'Bearer realm="api"'


def _user(claims: Claims) -> "User":
    try:
        user = accounts.find(claims.user_id)
    except UnknownUser as error:
        raise InvalidToken from error
    if not user.is_active or user.token_version != claims.version:
        raise InvalidToken
    return user

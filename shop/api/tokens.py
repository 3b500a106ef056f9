"""Access and refresh tokens: what they say, and when they stop counting.

An access token proves for ten minutes who somebody is. A refresh token is used once, for the next
pair; all pairs that follow one sign-in are a family, and `accounts` knows which of its refresh
tokens is the newest.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from shop.accounts import actions as accounts
from shop.accounts import queries as account_queries
from shop.accounts.errors import SessionEnded
from shop.api.bounds import LARGEST_ID
from shop.api.problems import InvalidToken

_SALT = "shop.api.tokens"
_LONGEST_ID = 64


class Access(AccessToken):
    """A token that goes with every request."""

    def get_token_backend(self) -> TokenBackend:
        return _backend(settings.SECRET_KEY)


class Refresh(RefreshToken):
    """A token that buys the next pair, once."""

    access_token_class = Access

    def get_token_backend(self) -> TokenBackend:
        return _backend(settings.SECRET_KEY)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says: whose it is, of which version of the account, of which family."""

    user_id: int
    version: int
    family: UUID
    jti: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tokens as they are handed out."""

    access: str
    refresh: str


def read_access(text: bytes | str) -> Claims:
    """Return what an access token says. Raises InvalidToken."""
    return _read(Access, text)


def open_session(*, user_id: int, version: int) -> Pair:
    """Begin a sign-in of somebody whose password was right."""
    refresh = Refresh()
    family = accounts.open_family(
        user_id=user_id, jti=refresh["jti"], expires_at=_expires_at(refresh)
    )
    return _pair(refresh, user_id=user_id, version=version, family=family)


def renew_session(text: str) -> Pair:
    """Take a refresh token and return the next pair.

    Raises InvalidToken, or SessionEnded: for one that was used before, and for an account that was
    locked or has another password now.
    """
    claims = _read(Refresh, text)
    standing = account_queries.standings([claims.user_id]).get(claims.user_id)
    if standing is None or not standing.is_active or standing.token_version != claims.version:
        raise SessionEnded
    refresh = Refresh()
    accounts.rotate_family(
        family_id=claims.family,
        user_id=claims.user_id,
        old_jti=claims.jti,
        new_jti=refresh["jti"],
        expires_at=_expires_at(refresh),
    )
    return _pair(refresh, user_id=claims.user_id, version=claims.version, family=claims.family)


def close_session(text: str) -> None:
    """End the sign-in that a refresh token belongs to. Raises InvalidToken."""
    claims = _read(Refresh, text)
    accounts.close_family(family_id=claims.family, user_id=claims.user_id)


def _pair(refresh: Refresh, *, user_id: int, version: int, family: UUID) -> Pair:
    refresh["user_id"] = user_id
    refresh["version"] = version
    refresh["family"] = str(family)
    return Pair(access=str(refresh.access_token), refresh=str(refresh))


def _read(kind: type[Access] | type[Refresh], text: bytes | str) -> Claims:
    try:
        # The library's signature wants a token; its code takes the text of one.
        token: Any = kind(text)  # type: ignore[arg-type]
        return _claims(token.payload)
    except (TokenError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidToken from error


def _claims(payload: dict[str, Any]) -> Claims:
    """Check what the library does not: signed nonsense is nonsense. Raises ValueError and such."""
    user_id, version, jti = payload["user_id"], payload["version"], payload["jti"]
    if type(user_id) is not int or type(version) is not int or type(jti) is not str:
        raise TypeError("a claim of the wrong type")
    if not (1 <= user_id <= LARGEST_ID and version >= 0 and len(jti) <= _LONGEST_ID):
        raise ValueError("a claim out of bounds")
    family = payload["family"]
    if type(family) is not str:
        raise TypeError("a claim of the wrong type")
    return Claims(user_id=user_id, version=version, family=UUID(family), jti=jti)


def _expires_at(token: Refresh) -> datetime:
    return datetime.fromtimestamp(token["exp"], UTC)


@cache
def _backend(secret_key: str) -> TokenBackend:
    """Sign with a key of our own, so that nothing else signed here is ever taken for a token."""
    key = salted_hmac(_SALT, "tokens", secret=secret_key, algorithm="sha256").hexdigest()
    return TokenBackend("HS256", signing_key=key)

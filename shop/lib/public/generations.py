"""Generations: what is shown of something, until the next change of it.

A generation has a name, `product:12`, and a token that nobody ever had before. Whoever keeps an
answer remembers the tokens that were there before it was made; it holds while they are the same.
Whoever changes something takes the tokens away, and the next one who asks makes new ones: so a
token that is missing, for whatever reason, makes nothing older valid again.
"""

import secrets
from collections.abc import Collection, Iterable
from contextlib import suppress
from functools import partial

from django.core.cache import caches
from django.db import transaction

from shop.lib.caches.errors import CacheAwayError

ALIAS = "public"
# Longer than any answer is kept.
_LIVES_SECONDS = 600


def key_of(name: str) -> str:
    """Return under which key the token of a generation lies."""
    return f"generation:{name}"


def begin(names: Iterable[str]) -> dict[str, str] | None:
    """Make the tokens that are missing; None where nobody can say what they are."""
    cache, begun = caches[ALIAS], {}
    with suppress(CacheAwayError):
        for name in names:
            token = secrets.token_urlsafe(9)
            if not cache.add(key_of(name), token, _LIVES_SECONDS):
                token = cache.get(key_of(name), "")
            if not token:
                return None
            begun[name] = token
        return begun
    return None


def renew(names: Collection[str]) -> None:
    """Let nothing hold any longer that was made of these.

    Where the cache cannot be told, it ends the era of everything it has.
    """
    caches[ALIAS].delete_many([key_of(name) for name in names])


def renew_after_commit(names: Collection[str]) -> None:
    """Do so once the transaction is committed, before which nobody sees what it writes."""
    transaction.on_commit(partial(renew, names), robust=True)


def renew_surely(names: Collection[str]) -> None:
    """Do so, and raise CacheAwayError where the cache has not said that it has."""
    cache = caches[ALIAS]
    forget = getattr(cache, "forget", cache.delete_many)
    forget([key_of(name) for name in names])

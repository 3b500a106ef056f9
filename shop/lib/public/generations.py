"""Generations: what is shown of something, until the next change of it.

A generation has a name, `product:12`, and a token that nobody ever had before. Whoever keeps an
answer remembers the tokens that were there before it was made; it holds while they are the same.
Whoever changes something takes the tokens away, and the next one who asks makes new ones: so a
token that is missing, for whatever reason, makes nothing older valid again.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db import transaction

from shop.lib.caches.errors import CacheAwayError
from shop.lib.group_commit import GroupCommit, GroupCommitClosedError, TooManyWaitError

ALIAS = "public"
# Longer than any answer is kept.
_LIVES_SECONDS = 600


def key_of(name: str) -> str:
    """Return under which key the token of a generation lies."""
    return f"generation:{name}"


def tokens_of(names: Collection[str]) -> dict[str, str] | None:
    """Return the tokens of now, all in one question; None where nobody can say what they are."""
    return completed(caches[ALIAS].get_many([key_of(name) for name in names]), names)


def completed(found: Mapping[str, Any], names: Collection[str]) -> dict[str, str] | None:
    """Return the tokens of now, given what was found under their keys; the others are made."""
    by_name = {name: found.get(key_of(name)) for name in names}
    tokens = {name: token for name, token in by_name.items() if token is not None}
    if len(tokens) == len(by_name):
        return tokens
    begun = begin(name for name in by_name if name not in tokens)
    return None if begun is None else tokens | begun


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
    """Do so once the transaction is committed, before which nobody sees what it writes.

    Where one thread commits for many it has no time to wait for a cache: another one tells it.
    """
    transaction.on_commit(partial(_renew_now_or_soon, names), robust=True)


def _renew_now_or_soon(names: Collection[str]) -> None:
    if settings.THREADS > 1:
        with suppress(TooManyWaitError, GroupCommitClosedError):
            _renewals.leave(names)
            return
    renew(names)


def _renew_together(groups: Sequence[Collection[str]]) -> list[None]:
    renew({name for names in groups for name in names})
    return [None for _ in groups]


_renewals: GroupCommit[Collection[str], None] = GroupCommit(
    _renew_together, most_together=256, most_waiting=1024, name="renewer"
)


def renew_surely(names: Collection[str]) -> None:
    """Do so, and raise CacheAwayError where the cache has not said that it has."""
    cache = caches[ALIAS]
    forget = getattr(cache, "forget", cache.delete_many)
    forget([key_of(name) for name in names])

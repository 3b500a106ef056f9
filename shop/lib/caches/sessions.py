"""Sessions in the database, with the shared cache before it: settings.SESSION_ENGINE.

Django's own keep a session in the cache after it was read from the database, whatever happened to
it in between: somebody who signed out just then would be signed in again for as long as it is kept.
Here a session that was read is kept only where nothing has happened to its key.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends import cached_db

from shop.lib.caches.errors import CacheAwayError

if TYPE_CHECKING:
    from django.contrib.sessions.models import Session
    from django.core.cache.backends.base import BaseCache

# Longer than any request that has read the session before it was deleted.
WITHDRAWN_SECONDS = 60


class SessionStore(cached_db.SessionStore):
    """A session. Its cache may be away, forget, or be slow; it never says what is over."""

    # Django makes these, and its stubs do not know them.
    _cache: "BaseCache"
    _get_session_from_db: "Callable[[], Session | None]"

    def load(self) -> dict[str, Any]:
        data = self._cache.get(self.cache_key)
        return data if isinstance(data, dict) else self._load_from_database()

    def _load_from_database(self) -> dict[str, Any]:
        # Under which key: the database forgets it when there is no such session.
        key = self.cache_key
        row = self._get_session_from_db()
        if row is None:
            return {}
        data: dict[str, Any] = self.decode(row.session_data)
        with suppress(CacheAwayError):
            self._cache.add(key, data, self.get_expiry_age(expiry=row.expire_date))
        return data

    def delete(self, session_key: str | None = None) -> None:
        super().delete(session_key)
        key = session_key or self.session_key
        withdraw = getattr(self._cache, "withdraw", None)
        # A cache of this process's own has nobody in between.
        if key and withdraw:
            withdraw(self.cache_key_prefix + key, seconds=WITHDRAWN_SECONDS)

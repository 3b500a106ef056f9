"""Django's cache over a link to one Redis."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

from shop.lib.caches import counting
from shop.lib.caches.errors import CacheAwayError
from shop.lib.caches.keeper import ERA_SECONDS
from shop.lib.caches.link import Link, link_to
from shop.lib.caches.server import Server
from shop.lib.caches.values import MISSING, WITHDRAWN, is_counter, new_era, packed, unpacked
from shop.lib.caches.wire import Command

# Raised whenever what is kept under a key changes its shape for good, so that two releases side by
# side do not read each other's. Sessions and counters are the same for all releases.
FORMAT = 1
# Values are looked up anew from time to time, whatever happens; counters live as long as they say.
LONGEST_SECONDS = 600
# How long a thread may take from looking a value up in vain to writing it.
_ERA_KNOWN_SECONDS = 60.0
_CLEAR_SECONDS = 5.0

# Keeps a value in the era that its writer has seen: not where that is over, not where the key was
# withdrawn, and with 'add' not over a value that is believed. Answers 1 where it was kept.
_KEEP = """
local there = redis.call('GETRANGE', KEYS[2], 0, 12)
if there == 'w' then return 0 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  if ARGV[4] == 'set' then redis.call('DEL', KEYS[2]) end
  return 0
end
local old = there == '' or (string.sub(there, 1, 1) == 'e' and string.sub(there, 2) ~= ARGV[1])
if ARGV[4] == 'add' and not old then return 0 end
redis.call('SET', KEYS[2], 'e' .. ARGV[1] .. ARGV[2], 'PX', ARGV[3])
return 1
"""
_COUNT = """
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
return redis.call('INCRBY', KEYS[1], ARGV[1])
"""


class RedisCache(BaseCache):
    """Keeps bytes, counters, and what JSON can say; the package says what to expect of it."""

    # What one process changes in it, all others see.
    is_shared = True

    def __init__(self, url: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._server = Server(url)
        self._name = f"{url} {self.key_prefix}"
        self._era_key = f"{self.key_prefix}:{FORMAT}:era"

    @property
    def link(self) -> Link:
        return link_to(self._server, name=self._name, era_key=self._era_key)

    def make_key(self, key: str, version: int | None = None) -> str:
        return f"{self.key_prefix}:{FORMAT}:{self.version if version is None else version}:{key}"

    def answers(self) -> bool:
        """Tell whether Redis answers now."""
        try:
            return self.link.ask(("PING",)) == [b"PONG"]
        except CacheAwayError:
            return False

    # --- Reading: what cannot be asked is not there ---------------------------------------------

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._look_up([key], version).get(key, default)

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        return self._look_up(list(keys), version)

    def _look_up(self, keys: list[str], version: int | None) -> dict[str, Any]:
        if not keys:
            return {}
        link = self.link
        names = [self.make_key(key, version) for key in keys]
        try:
            [[era, *raws]] = link.ask(("MGET", self._era_key, *_encoded(names)))
        except CacheAwayError:
            return {}
        self._learn(link, era)
        values = [unpacked(raw, era=era) for raw in raws]
        found = {k: value for k, value in zip(keys, values, strict=True) if value is not MISSING}
        counting.reads(hits=len(found), misses=len(keys) - len(found))
        return found

    def _learn(self, link: Link, era: bytes | None) -> None:
        link.mine.era, link.mine.era_at = era, time.monotonic()
        if era is None:
            link.keeper.wake()

    # --- Writing: what cannot be written ends the era --------------------------------------------

    def set(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        lifetime = self._milliseconds(timeout)
        if lifetime is not None and lifetime <= 0:
            self.delete(key, version)
            return
        name = self.make_key(key, version)
        if is_counter(value):
            self._write([name], ("SET", *_encoded([name]), value, *_expiry(lifetime)))
            return
        body = packed(value)
        try:
            self._keep(name, body, lifetime, how="set")
        except CacheAwayError:
            self.link.drop(_encoded([name]))

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Keep it unless something is there. Raises CacheAwayError."""
        lifetime = self._milliseconds(timeout)
        if lifetime is not None and lifetime <= 0:
            return not self.has_key(key, version)
        name = self.make_key(key, version)
        if not is_counter(value):
            return self._keep(name, packed(value), lifetime, how="add")
        command = ("SET", *_encoded([name]), value, "NX", *_expiry(lifetime))
        return self.link.ask(command) == [b"OK"]

    def _keep(self, name: str, body: bytes, lifetime: int | None, *, how: str) -> bool:
        era = self._known_era()
        if era is None:
            # Nothing is believed until there is a new one.
            return False
        longest = LONGEST_SECONDS * 1000
        milliseconds = longest if lifetime is None else min(lifetime, longest)
        keys: list[bytes] = _encoded([self._era_key, name])
        command: Command = ("EVAL", _KEEP, 2, *keys, era, body, milliseconds, how)
        return self.link.ask(command) == [1]

    def _known_era(self) -> bytes | None:
        """Return the era this thread saw when it last looked: its values are as old as that."""
        link = self.link
        if time.monotonic() - link.mine.era_at > _ERA_KNOWN_SECONDS:
            [era] = link.ask(("GET", self._era_key))
            self._learn(link, era)
        return link.mine.era

    def delete(self, key: str, version: int | None = None) -> bool:
        name = self.make_key(key, version)
        return bool(self._write([name], ("DEL", *_encoded([name]))))

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        if names := [self.make_key(key, version) for key in keys]:
            self._write(names, ("DEL", *_encoded(names)))

    def forget(self, keys: Iterable[str]) -> None:
        """Delete them. Raises CacheAwayError where Redis has not said that it has."""
        if names := [self.make_key(key) for key in keys]:
            self.link.ask(("DEL", *_encoded(names)))

    def withdraw(self, key: str, *, seconds: int) -> None:
        """Delete it, and let nobody keep anything under it for so long: who read it, is late."""
        name = self.make_key(key)
        self._write([name], ("SET", *_encoded([name]), WITHDRAWN, "PX", seconds * 1000))

    def touch(
        self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        value = self.get(key, MISSING, version)
        if value is not MISSING:
            self.set(key, value, timeout, version)
        return value is not MISSING

    def _write(self, names: list[str], command: Command) -> Any:
        """Return the answer; None where it was dropped."""
        try:
            return self.link.ask(command)[0]
        except CacheAwayError:
            self.link.drop(_encoded(names))
            return None

    # --- Counting: there is no going on without the answer ----------------------------------------

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Count. Raises ValueError where nothing is there to count on, and CacheAwayError."""
        [name] = _encoded([self.make_key(key, version)])
        [count] = self.link.ask(("EVAL", _COUNT, 1, name, delta))
        if count is None:
            raise ValueError(f"Key {key!r} not found")
        return int(count)

    # --- The rest ---------------------------------------------------------------------------------

    def get_or_set(
        self,
        key: str,
        default: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> Any:
        value = self.get(key, MISSING, version)
        if value is not MISSING:
            return value
        value = default() if callable(default) else default
        with suppress(CacheAwayError):
            self.add(key, value, timeout, version)
        return self.get(key, value, version)

    def set_many(
        self,
        data: Mapping[str, Any],
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> list[str]:
        for key, value in data.items():
            self.set(key, value, timeout, version)
        return []

    def clear(self) -> None:
        """Take away everything of ours, and nothing that others keep in the same Redis."""
        self._write([], ("SET", self._era_key, new_era(), "PX", int(ERA_SECONDS * 1000)))
        with suppress(CacheAwayError):
            for names in self._kept():
                self.link.ask(("UNLINK", *names), seconds=_CLEAR_SECONDS)

    def _kept(self) -> Iterator[list[bytes]]:
        """Yield the names of what is kept, some at a time. Raises CacheAwayError."""
        cursor, era_key = None, self._era_key.encode()
        while cursor != b"0":
            scan = ("SCAN", cursor or 0, "MATCH", f"{self.key_prefix}:{FORMAT}:*", "COUNT", 1000)
            [[cursor, names]] = self.link.ask(scan, seconds=_CLEAR_SECONDS)
            if names := [name for name in names if name != era_key]:
                yield names

    def close(self, **_: Any) -> None:
        """The request is over: what this thread knows of the era is, too."""
        self.link.mine.era_at = -math.inf

    def _milliseconds(self, timeout: float | None) -> int | None:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return None if seconds is None else int(seconds * 1000)


def _expiry(milliseconds: int | None) -> tuple[str | int, ...]:
    return () if milliseconds is None else ("PX", milliseconds)


def _encoded(names: list[str]) -> list[bytes]:
    # A visitor's text can be in a key, and need not be text that UTF-8 knows.
    return [name.encode("utf-8", "surrogatepass") for name in names]

"""Kept parts: what lists are put together of, each made once until what it shows changes.

A list can be asked for in countless ways, and hardly two of them are the same answer; but their
entries are. So a part of an answer is kept by itself, together with the tokens of its generations
(`generations`), and holds while these are the tokens of now.

All processes share the tokens, and that is enough: the parts lie in the memory of the process that
has made them, where finding one costs nothing. What another process has changed holds here no
longer either, for its token is gone.

Parts are used while a view answers everybody alike, or live where the tokens are shared
(`answering.public` says so), and nowhere else: whoever is in no such view has everything made anew.
"""

import math
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core.cache import caches

from shop.lib import metrics
from shop.lib.public.generations import ALIAS, tokens_of
from shop.lib.public.records import UntaggedError
from shop.lib.replicas.visits import from_primary

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")
Maker = Callable[[Sequence[Key]], Mapping[Key, Made]]

# Of all kinds together, in each process.
MOST_BYTES = 16 * 1024 * 1024
# A larger one is made anew each time: a handful of them would push all others out.
LARGEST_PART = 128 * 1024
# What a part takes besides what it weighs.
_FRAME_BYTES = 500
_PARTS = metrics.counter(
    "novashop_public_parts",
    "Parts of lists for everybody: found as they were kept, or made anew.",
    ["kind", "result"],
)


@dataclass(slots=True)
class Use:
    """What an answer has used of what is kept: it is as old as the oldest part in it."""

    until: float = math.inf

    @property
    def seconds_left(self) -> float:
        """For how long its parts may be shown."""
        return self.until - time.monotonic()


@dataclass(frozen=True, slots=True)
class _Part:
    tokens: tuple[str, ...]
    until: float
    made: Any
    weight: int


class _Shelf:
    """Parts by their names, the one that nobody has wanted for longest in front."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: OrderedDict[Hashable, _Part] = OrderedDict()
        self.weight = 0

    def find(self, names: Sequence[Hashable]) -> list[_Part | None]:
        with self._lock:
            found = [self._parts.get(name) for name in names]
            for name, part in zip(names, found, strict=True):
                if part is not None:
                    self._parts.move_to_end(name)
        return found

    def put(self, name: Hashable, part: _Part) -> None:
        with self._lock:
            before = self._parts.pop(name, None)
            self._parts[name] = part
            self.weight += part.weight - (before.weight if before else 0)
            while self.weight > MOST_BYTES:
                _, oldest = self._parts.popitem(last=False)
                self.weight -= oldest.weight


_shelf = _Shelf()
_use: ContextVar[Use | None] = ContextVar("parts_in_use", default=None)


@contextmanager
def in_use(*, is_live: bool = False) -> Iterator[Use]:
    """Let the block have parts that are kept; yields what it has used of them.

    Whoever wants what is so now (`is_live`) has them only where all processes share the tokens: in
    the memory of one process nobody hears of what another one has changed.
    """
    use = Use()
    is_shared = getattr(caches[ALIAS], "is_shared", False)
    token = _use.set(use if settings.KEEP_PAGES and (is_shared or not is_live) else None)
    try:
        yield use
    finally:
        _use.reset(token)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Key, Made]):
    """Parts that are alike: how they are called, what each is made of, and how many bytes it has.

    `generations` returns the names for a key, never none.
    """

    name: str
    generations: Callable[[Key], Sequence[str]]
    weigh: Callable[[Made], int]

    def of(
        self, keys: Collection[Key], make: "Maker[Key, Made]", *, besides: Hashable = ()
    ) -> dict[Key, Made]:
        """Return the parts of these keys; `make` makes those that are not kept, all at once.

        It may leave out what is not there any more. `besides` is what else they depend on. The
        tokens are read before anything is made, and what is made is read from the primary, so that
        what is changed meanwhile does not stay. Raises UntaggedError.
        """
        use, wanted = _use.get(), list(dict.fromkeys(keys))
        if use is None or not wanted:
            return dict(make(wanted)) if wanted else {}
        by_key = {key: self.generations(key) for key in wanted}
        if not all(by_key.values()):
            raise UntaggedError
        began = time.monotonic()
        tokens = tokens_of(list(dict.fromkeys(name for names in by_key.values() for name in names)))
        if tokens is None:
            return dict(make(wanted))
        of_now = {key: tuple(tokens[name] for name in names) for key, names in by_key.items()}
        found = self._kept(of_now, use, besides, now=began)
        missing = [key for key in wanted if key not in found]
        if missing:
            with from_primary():
                made = make(missing)
            self._keep(made, of_now, use, besides, until=began + _longest_seconds())
            found |= made
        self._count(hits=len(wanted) - len(missing), made=len(missing))
        return found

    def one(self, key: Key, make: Callable[[], Made]) -> Made:
        """Return the part of this key alone. Raises what `make` raises, and then keeps nothing."""
        return self.of([key], lambda _: {key: make()})[key]

    def _kept(
        self, of_now: Mapping[Key, tuple[str, ...]], use: Use, besides: Hashable, *, now: float
    ) -> dict[Key, Made]:
        parts = _shelf.find([(self.name, besides, key) for key in of_now])
        found: dict[Key, Made] = {}
        for (key, tokens), part in zip(of_now.items(), parts, strict=True):
            if part is not None and part.tokens == tokens and part.until > now:
                found[key] = part.made
                use.until = min(use.until, part.until)
        return found

    def _keep(
        self,
        made: Mapping[Key, Made],
        of_now: Mapping[Key, tuple[str, ...]],
        use: Use,
        besides: Hashable,
        *,
        until: float,
    ) -> None:
        use.until = min(use.until, until)
        for key, part in made.items():
            weight = self.weigh(part) + _FRAME_BYTES
            if weight <= LARGEST_PART:
                _shelf.put((self.name, besides, key), _Part(of_now[key], until, part, weight))

    def _count(self, *, hits: int, made: int) -> None:
        if hits:
            _PARTS.labels(self.name, "hit").inc(hits)
        if made:
            _PARTS.labels(self.name, "made").inc(made)


def _longest_seconds() -> float:
    """For how long anything is kept at most: as long as whole answers are."""
    return caches[ALIAS].default_timeout or 0.0


def _begin_anew() -> None:
    """In the child of a fork: somebody may have held the lock at that moment."""
    global _shelf  # noqa: PLW0603  (a shelf of its own, for good)
    _shelf = _Shelf()


os.register_at_fork(after_in_child=_begin_anew)

"""Answering out of what is kept: one makes it anew, the others have the old one meanwhile."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.core.cache import caches
from django.http import HttpRequest

from shop.lib import metrics
from shop.lib.caches.errors import CacheAwayError
from shop.lib.public import parts, records
from shop.lib.public.generations import ALIAS
from shop.lib.public.records import Place

# For so long somebody who makes an answer has it to themselves.
CLAIM_SECONDS = 1
_LOOK_SECONDS = 0.02
# What became of a request, as `X-Cache` says it.
HIT, OLD, MADE = "hit", "old", "made"
_ANSWERS = metrics.counter(
    "novashop_public_answers",
    "Answers for everybody that the app gave: out of what is kept, an old one, or made anew.",
    ["result"],
)
# The old answer is for whoever asks just now, and for nobody to keep.
_KEEP_NOT = "no-cache"


def answer(request: HttpRequest, names: Sequence[str], make: Callable[[], Any]) -> Any:
    """Return what is kept under the address of the request, or what `make` makes.

    `names` are the generations it is made of; their tokens are read before it is made, so that what
    is changed meanwhile does not stay.
    """
    place = records.find(request, names)
    if place.is_current or place.tokens is None:
        return _told(request, place) or _said(make(), MADE)
    if _claim(place):
        try:
            return _made(request, place, make)
        finally:
            caches[ALIAS].delete(_claim_of(place))
    if place.record is not None:
        response = _said(place.record.response_to(request), OLD)
        response.headers["Cache-Control"] = _KEEP_NOT
        return response
    return _told(request, _awaited(request, names)) or _said(make(), MADE)


def _made(request: HttpRequest, place: Place, make: Callable[[], Any]) -> Any:
    with parts.in_use() as use:
        response = make()
    record = place.keep(response, seconds_left=use.seconds_left)
    return _said(record.response_to(request) if record is not None else response, MADE)


def _told(request: HttpRequest, place: Place) -> Any:
    record = place.record if place.is_current else None
    return _said(record.response_to(request), HIT) if record is not None else None


def _awaited(request: HttpRequest, names: Sequence[str]) -> Place:
    """Wait for whoever makes it, but not for longer than they have it to themselves."""
    deadline = time.monotonic() + CLAIM_SECONDS
    while True:
        place = records.find(request, names)
        if place.is_current or place.tokens is None or time.monotonic() > deadline:
            return place
        time.sleep(_LOOK_SECONDS)


def _claim(place: Place) -> bool:
    try:
        return caches[ALIAS].add(_claim_of(place), 1, CLAIM_SECONDS)
    except CacheAwayError:
        return True


def _claim_of(place: Place) -> str:
    return f"making:{place.key}"


def _said(response: Any, what: str) -> Any:
    response.headers["X-Cache"] = what
    _ANSWERS.labels(what).inc()
    return response

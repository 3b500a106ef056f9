"""How long the parts of a piece of work took, told to whoever traces the shop: nobody, by default.

A piece of work is a request, or a handler of an event. `settings.TRACER` names what makes the
tracer, in the process that works, when it works for the first time; empty, nothing is told.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from enum import Enum
from typing import Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from shop.lib import requests

Facts = Mapping[str, str | int]
Kind = Enum("Kind", ["REQUEST", "HANDLER"])

_OUR_FAULT = 500
_NOTHING: Facts = {}
_NOT_TOLD: AbstractContextManager[object] = nullcontext()


class Span(Protocol):
    """A stretch of time, while it lasts."""

    def rename(self, name: str) -> None:
        """Say what it is, now that it is known."""

    def tell(self, facts: Facts) -> None:
        """Say more of it. Nothing in it may be anybody's own."""

    def fail(self) -> None:
        """Say that it did not end well."""


class Tracer(Protocol):
    """Who wants to be told."""

    def whole(
        self, kind: Kind, name: str, *, request_id: str, asked_by: str
    ) -> AbstractContextManager[Span | None]:
        """Tell of the block as a piece of work, or yield None: of this one nothing is told.

        `asked_by` is the span of our own proxy, 16 hexadecimal digits, or empty.
        """

    def part(self, name: str, facts: Facts) -> AbstractContextManager[object]:
        """Tell of the block as part of the piece of work it is in."""


class _Unseen:
    """The span of work that nobody is told of."""

    def rename(self, name: str) -> None:
        pass

    def tell(self, facts: Facts) -> None:
        pass

    def fail(self) -> None:
        pass


_UNSEEN = _Unseen()
_is_traced: ContextVar[bool] = ContextVar("is_traced", default=False)
_tracers: dict[str, Tracer] = {}
_beginning = threading.Lock()


def begin() -> Tracer | None:
    """Return this process's tracer, which is made here if it was not yet; None: there is none."""
    path: str = settings.TRACER
    if not path:
        return None
    if path not in _tracers:
        with _beginning:
            if path not in _tracers:
                _tracers[path] = import_string(path)()
    return _tracers[path]


def is_traced() -> bool:
    """Tell whether somebody is told of what is being done: what that needs is worth its time."""
    return _is_traced.get()


@contextmanager
def whole(kind: Kind, name: str, *, asked_by: str = "") -> Iterator[Span]:
    """Let the block be one piece of work, in the trace of the request it is done for."""
    tracer = begin()
    if tracer is None:
        yield _UNSEEN
        return
    told = tracer.whole(kind, name, request_id=requests.current_id(), asked_by=asked_by)
    with told as span:
        token = _is_traced.set(span is not None)
        try:
            yield span or _UNSEEN
        finally:
            _is_traced.reset(token)


def part(name: str, facts: Facts = _NOTHING) -> AbstractContextManager[object]:
    """Let the block be a part of the piece of work it is in, where that is told of."""
    tracer = begin() if _is_traced.get() else None
    return _NOT_TOLD if tracer is None else tracer.part(name, facts)


class SpanMiddleware:
    """Makes each request a piece of work. Stands right inside of RequestMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        # Now, and not while the first visitor waits.
        begin()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        if request.path_info in settings.WATCHED:
            return self._get_response(request)
        method = requests.method_of(request)
        with whole(Kind.REQUEST, method, asked_by=_asking_span(request)) as span:
            response = self._get_response(request)
            route = requests.route_of(request)
            span.rename(f"{method} {route}")
            span.tell(
                {
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": response.status_code,
                }
            )
            if response.status_code >= _OUR_FAULT:
                span.fail()
        return response


def _asking_span(request: HttpRequest) -> str:
    """Return the span in which our own proxy asks, where it traces under the request's own id."""
    given = request.META.get("HTTP_TRACEPARENT", "") if settings.TRUSTED_PROXIES else ""
    found = requests.TRACEPARENT.fullmatch(given)
    return found["span"] if found and found["trace"] == requests.current_id() else ""

"""Which request this is, for whoever writes something down of it: its id, its route, its user.

The id is made by the proxy in front, or here. The answer carries it, log records carry it, and so
does what is done later because of it.
"""

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject, empty
from structlog import get_logger

from shop.lib import metrics

HEADER = "X-Request-ID"
# One record for each piece of work that is done: a request, or what came of one later.
WORK = get_logger()

UNKNOWN = "unknown"
STATIC = "static"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
# Seconds since 1970, as nginx writes $msec.
_MOMENT = re.compile(r"[0-9]{9,11}\.[0-9]{3}", re.ASCII)
_LONGEST_WAIT_SECONDS = 3600.0
# Of W3C's Trace Context: version, trace, the span that asks, flags.
TRACEPARENT = re.compile(r"00-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-[0-9a-f]{2}", re.ASCII)
_NAMED = "_user_by_name"
_NONE: Mapping[str, str] = {}

_id: ContextVar[str] = ContextVar("request_id", default="")
_facts: ContextVar[Mapping[str, str]] = ContextVar("request_facts", default=_NONE)
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)

_SECONDS = metrics.histogram(
    "novashop_request_seconds", "How long requests took.", ["route", "method", "status"]
)
_IN_PROGRESS = metrics.gauge(
    "novashop_requests_in_progress", "Requests being answered now.", ["lane"]
)
_WORKERS = metrics.gauge("novashop_workers", "Workers that answer, one request each.", ["lane"])
_BUSY = metrics.counter(
    "novashop_busy_seconds", "Time that the workers of a lane have spent on answers.", ["lane"]
)
_WAITED = metrics.histogram(
    "novashop_request_wait_seconds", "How long requests took from nginx to a worker.", ["lane"]
)


def current_id() -> str:
    """Return the id of the request that this is done for; empty outside of any."""
    return _id.get()


def current_facts() -> Mapping[str, str]:
    """Return what else is known of what is being done."""
    return _facts.get()


def current_view() -> str:
    """Return the name of the view that answers, `product_detail`; empty where there is none."""
    request = _request.get()
    match = request.resolver_match if request is not None else None
    return match.view_name if match is not None else ""


def current_place() -> str:
    """Return where in the shop this is done, for people: a route, or an event."""
    request = _request.get()
    if request is not None:
        return route_of(request)
    return current_facts().get("event", "work in the background")


def new_id() -> str:
    """Return an id for a request, or for work that nobody asked for."""
    return secrets.token_hex(16)


@contextmanager
def working_for(request_id: str, **facts: str) -> Iterator[None]:
    """Let the block count as done for this request, or for a new one where it is empty."""
    ours, theirs = _id.set(request_id or new_id()), _facts.set(facts)
    # Whichever request this is done in, it is not done for that one.
    asked = _request.set(None)
    try:
        yield
    finally:
        _id.reset(ours)
        _facts.reset(theirs)
        _request.reset(asked)


class RequestMiddleware:
    """Gives each request its id, and notes when it is done. Stands outside of all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        _WORKERS.labels(metrics.LANE).set(settings.THREADS)
        self._in_progress = _IN_PROGRESS.labels(metrics.LANE)
        self._busy = _BUSY.labels(metrics.LANE)
        self._waited = _WAITED.labels(metrics.LANE)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        request_id = _id_of(request)
        token, asked = _id.set(request_id), _request.set(request)
        self._in_progress.inc()
        if (waited := _waited(request)) is not None:
            self._waited.observe(waited)
        started = time.perf_counter()
        try:
            response = self._get_response(request)
            response.headers[HEADER] = request_id
            _note(request, response.status_code, time.perf_counter() - started)
        finally:
            self._busy.inc(time.perf_counter() - started)
            self._in_progress.dec()
            _id.reset(token)
            _request.reset(asked)
        return response


def _id_of(request: HttpRequest) -> str:
    """Return the id that our own proxy gave; anybody else's word is not believed.

    A proxy that traces and gives no id of its own has named the trace.
    """
    if not settings.TRUSTED_PROXIES:
        return new_id()
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    if not given and (trace := TRACEPARENT.fullmatch(request.META.get("HTTP_TRACEPARENT", ""))):
        given = trace["trace"]
    return given if _PLAIN.fullmatch(given) else new_id()


def _waited(request: HttpRequest) -> float | None:
    """Return how long ago our own proxy passed the request on; None where it does not say."""
    given = request.META.get("HTTP_X_REQUEST_START", "") if settings.TRUSTED_PROXIES else ""
    if not _MOMENT.fullmatch(given):
        return None
    waited = time.time() - float(given)
    # Clocks of two machines differ a little; by an hour it is no clock.
    return max(waited, 0.0) if waited < _LONGEST_WAIT_SECONDS else None


def _note(request: HttpRequest, status: int, seconds: float) -> None:
    route, method = route_of(request), method_of(request)
    _SECONDS.labels(route, method, f"{status // 100}xx").observe(seconds)
    user_id = _user_id(request)
    whose = {} if user_id is None else {"user": user_id}
    took = round(seconds * 1000, 1)
    WORK.info("request", method=method, route=route, status=status, ms=took, **whose)


def route_of(request: HttpRequest) -> str:
    """Return the pattern of the address, never the address: that may hold a token."""
    match = request.resolver_match
    if match is not None:
        return f"/{match.route}"
    return STATIC if request.path_info.startswith(settings.STATIC_URL) else UNKNOWN


def method_of(request: HttpRequest) -> str:
    """Return what is asked for, in one of few words."""
    return request.method if request.method in _METHODS else "other"


def name_user(request: HttpRequest, user_id: int | None) -> None:
    """Say whose request it is, where nobody looks the account up."""
    vars(request)[_NAMED] = user_id


def _user_id(request: HttpRequest) -> int | None:
    """Return whose request it is, where a view has asked; asking now would cost queries."""
    if _NAMED in vars(request):
        named: int | None = vars(request)[_NAMED]
        return named
    user = vars(request).get("user")
    if isinstance(user, SimpleLazyObject) and vars(user).get("_wrapped") is empty:
        return None
    pk: int | None = getattr(user, "pk", None)
    return pk

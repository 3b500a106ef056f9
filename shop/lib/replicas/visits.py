"""One request and replicas: whether its visitor has written lately, and what is read for it now.

Who has written must find what they wrote, so they are sent to the primary for a while: by a cookie
that says nothing about anybody. It is set on answers to requests that have written, on no others.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from shop.lib.replicas import limits

COOKIE = "wrote"
_SAFE = {"GET", "HEAD"}
# What is none of these may have written. A comment may stand before it.
_READING = re.compile(
    r"\s*(?:/\*.*?\*/\s*)*(?:SELECT|SHOW|SET|EXPLAIN|SAVEPOINT|RELEASE|ROLLBACK)\b",
    re.IGNORECASE | re.DOTALL,
)


class Visit:
    """A request on its way through the shop."""

    def __init__(self, *, is_patient: bool) -> None:
        # Whether its visitor would not notice that something is a few seconds old.
        self.is_patient = is_patient
        self.has_written = False
        # The replica that is being read; empty while it is the primary.
        self.replica = ""

    @contextmanager
    def reading_from(self, replica: str) -> Iterator[None]:
        """Let queries of the block go to a replica, as far as the router allows."""
        self.replica = replica
        try:
            yield
        finally:
            self.replica = ""

    def watch(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        """Execute a statement of the primary; Django calls this for each of them."""
        result = execute(sql, params, many, context)
        if not self.has_written and not _READING.match(str(sql)):
            self.has_written = True
        return result


_visit: ContextVar[Visit | None] = ContextVar("replica_visit", default=None)


def current() -> Visit | None:
    """Return the request that is being answered; None outside of any, and without replicas."""
    return _visit.get()


def note_write() -> None:
    """The request that is being answered has had something written by another thread."""
    visit = current()
    if visit is not None:
        visit.has_written = True


@contextmanager
def from_primary() -> Iterator[None]:
    """Let nothing of the block be read from a replica: what it reads is kept for others."""
    visit = current()
    if visit is None:
        yield
        return
    before = visit.is_patient, visit.replica
    visit.is_patient, visit.replica = False, ""
    try:
        yield
    finally:
        visit.is_patient, visit.replica = before


class ReplicaMiddleware:
    """Knows who has written. Stands outside of whatever writes for a request, as sessions do.

    It is there only where there are replicas.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, and remember whether it has written."""
        visit = Visit(is_patient=_is_patient(request))
        token = _visit.set(visit)
        try:
            with connection.execute_wrapper(visit.watch):
                response = self._get_response(request)
        finally:
            _visit.reset(token)
        if visit.has_written and not _has_token(request):
            _remember(response)
        return response


def _is_patient(request: HttpRequest) -> bool:
    """Tell whether a request only reads, for somebody who has not written lately.

    Programs that sign in are told what is so now: they have no cookies, and stock is promised to
    them live.
    """
    if request.method not in _SAFE or _has_token(request):
        return False
    # Most visitors have no cookie at all.
    return "HTTP_COOKIE" not in request.META or COOKIE not in request.COOKIES


def _has_token(request: HttpRequest) -> bool:
    return "HTTP_AUTHORIZATION" in request.META


def _remember(response: Any) -> None:
    if limits.STICKY_SECONDS:
        response.set_cookie(
            COOKIE,
            "1",
            max_age=limits.STICKY_SECONDS,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )

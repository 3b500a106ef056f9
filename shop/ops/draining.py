"""How an app server leaves without a loss: it hands its work to others before it closes.

Behind a proxy that asks several app servers, one that is told to close goes on for a while. What
the proxy can ask another one for is refused, with a status that the shop itself never uses, so that
the proxy goes elsewhere and leaves this one alone; everything else is served. Once nobody has asked
for a moment, nobody is about to, and the server closes.
"""

import time
from collections.abc import Callable, Iterable
from multiprocessing import RawValue
from typing import Any

from shop.lib import metrics

# What the proxy says of a request that it can repeat elsewhere: deploy/nginx/ sets it, and lets
# nobody else say it.
ELSEWHERE = "HTTP_X_RETRY_ELSEWHERE"
# Who watches is told at once that this server is leaving; who measures may still read its numbers.
HEALTH = {"/healthz", "/readyz"}
METRICS = "/metrics"
# Nobody has asked for so long: longer than a request is on its way, and shorter than a proxy stays
# away from a server that has refused (`fail_timeout` in deploy/nginx/).
SECONDS_OF_SILENCE = 1.0

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_STATUS = "502 Bad Gateway"
_REFUSED = metrics.counter(
    "novashop_requests_sent_elsewhere", "Requests that an app server refused since it was leaving."
)
_PAGE = (
    "text/html; charset=utf-8",
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>One moment</title>'
    b"<h1>One moment, please</h1><p>The shop is restarting. Please try again.</p></html>",
)
_PROBLEM = (
    "application/problem+json",
    b'{"type":"urn:novashop:problem:away","title":"Away","status":502,'
    b'"detail":"The shop is restarting. Try again in a moment.","code":"away"}',
)


class Closing:
    """What the process that watches and its workers know together of the end.

    It is shared memory, so it is made before the workers are. The clock is the same for all
    processes of a machine.
    """

    def __init__(self) -> None:
        self._begun = RawValue("d", 0.0)
        self._asked = RawValue("d", 0.0)

    @property
    def has_begun(self) -> bool:
        """Whether the server was told to close."""
        return bool(self._begun.value)

    def begin(self) -> None:
        """Tell the workers."""
        self._begun.value = self._asked.value = time.monotonic()

    def note_request(self) -> None:
        """Tell that somebody still asks."""
        self._asked.value = time.monotonic()

    def seconds_left(self, *, at_most: float) -> float:
        """Return how long to go on, or less than nothing: until silence, but not for ever."""
        quiet = float(self._asked.value) + SECONDS_OF_SILENCE
        return min(quiet, float(self._begun.value) + at_most) - time.monotonic()


class Draining:
    """The WSGI application, and what becomes of it once the server was told to close."""

    def __init__(self, application: Application, *, closing: Closing) -> None:
        self._application = application
        self._closing = closing

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or send the proxy elsewhere."""
        if not self._closing.has_begun:
            return self._application(environ, start_response)
        path = environ.get("PATH_INFO", "")
        if path in HEALTH:
            return _refuse(environ, start_response)
        if path != METRICS:
            self._closing.note_request()
        if environ.get(ELSEWHERE):
            _REFUSED.inc()
            return _refuse(environ, start_response)
        return self._application(environ, _saying_goodbye(start_response))


def _refuse(environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Answer what a proxy keeps for itself, and people see only where every server is leaving."""
    kind, body = _PROBLEM if environ.get("PATH_INFO", "").startswith("/api/") else _PAGE
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Retry-After", "2"),
        ("Connection", "close"),
    ]
    start_response(_STATUS, headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


def _saying_goodbye(start_response: StartResponse) -> StartResponse:
    """Let no connection be kept for a next request."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *more)

    return start

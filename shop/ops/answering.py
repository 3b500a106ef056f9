"""What a process that is no app server answers whoever watches over it, at a port of its own."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.wsgi import get_wsgi_application

from shop.ops import preflight

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

HEALTH = "/healthz"
# Who watches and does not finish their question must not keep others from asking.
SECONDS_TO_ASK = 5
_PLAIN = [("Content-Type", "text/plain; charset=utf-8")]


class Pulse:
    """When somebody who works in rounds has last finished one."""

    # The longest round draws the narrower copies of many new pictures.
    SECONDS = 300

    def __init__(self) -> None:
        self._at = time.monotonic()

    def beat(self) -> None:
        """Note that a round is finished."""
        self._at = time.monotonic()

    def is_felt(self) -> bool:
        """Tell whether it beats."""
        return time.monotonic() - self._at < self.SECONDS


def add_port(parser: CommandParser) -> None:
    """Let a command be asked to answer those who watch."""
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument(
        "--port", help="answer /healthz, /readyz and /metrics there (default: nowhere)"
    )


def answering_if_asked(
    *, host: str, port: str | None, pulse: Pulse
) -> contextlib.AbstractContextManager[None]:
    """Answer those who watch meanwhile, if there is a port for them. Raises CommandError."""
    if port is None:
        return contextlib.nullcontext()
    try:
        address = preflight.check_address(host=host, port=port, instead="--port 8001")
    except preflight.CannotStartError as error:
        raise CommandError(f"It cannot start: {error}.") from error
    return answering_watchers(address=address, port=int(port), pulse=pulse)


@contextlib.contextmanager
def answering_watchers(*, address: str, port: int, pulse: Pulse) -> Iterator[None]:
    """Answer /healthz, /readyz and /metrics there meanwhile. Raises OSError."""
    application = only_for_watchers(get_wsgi_application(), pulse=pulse)
    # One thread: it keeps one database connection at most.
    with make_server(
        address, port, application, server_class=WSGIServer, handler_class=_Quiet
    ) as server:
        threading.Thread(target=server.serve_forever, name="watchers", daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


class _Quiet(WSGIRequestHandler):
    """Requests are noted by the shop itself."""

    timeout = SECONDS_TO_ASK

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (its name)
        """Write nothing."""


def only_for_watchers(
    application: Callable[[Environ, StartResponse], Iterable[bytes]], *, pulse: Pulse
) -> Callable[[Environ, StartResponse], Iterable[bytes]]:
    """Return the application without all of it that is for visitors."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path not in settings.WATCHED:
            start_response("404 Not Found", _PLAIN)
            return [b"This port is for those who watch.\n"]
        if path == HEALTH and not pulse.is_felt():
            start_response("503 Service Unavailable", _PLAIN)
            return [b"It has finished nothing for minutes.\n"]
        return application(environ, start_response)

    return answer

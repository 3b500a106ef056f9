"""What each request asks the database: a line in the window, every statement in a file.

For developers, with DEBUG=on alone: the file has the values of statements, and with them what
people typed.
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections
from django.http import HttpRequest, HttpResponse

from novashop.debug_pages import is_beside_pages
from shop.lib import masks, requests
from shop.lib.statements import shape_of

Answering = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger(__name__)

FILE_BYTES = 20_000_000
# How many statements of one request that came several times its line names.
_MOST_NAMED = 3

_OPEN_AND_CLOSE = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET ")


def name_of(statement: str) -> str:
    """Return what a statement does, without its details: `SELECT cart_cart`."""
    shape = shape_of(statement)
    return shape.name if shape.table else statement


def opens_or_closes(statement: str) -> bool:
    """Tell whether a statement only opens or closes a transaction, or a part of one."""
    return statement.startswith(_OPEN_AND_CLOSE)


# --- The line of a request ------------------------------------------------------------------------


class Asked:
    """The statements of one request: how often each came, and how long they took together.

    Statements are alike when they differ in their values alone: what is asked for each row.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.statements: Counter[str] = Counter()
        # Where rows were asked for one by one, in the order found.
        self.one_by_one: dict[str, None] = {}

    def __call__(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        """Execute a statement and count it; Django calls this for each of them."""
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            text = str(sql).lstrip()
            if not opens_or_closes(text):
                self.seconds += time.perf_counter() - started
                self.statements[text] += 1

    def __str__(self) -> str:
        """Return what the line says: `4 queries, 3.1 ms, none twice`."""
        total = self.statements.total()
        if not total:
            return "no queries"
        told = [f"{total} quer{'y' if total == 1 else 'ies'}", f"{self.seconds * 1000:.1f} ms"]
        told += self._repeated() if total > 1 else []
        told += [f"N+1: {found}" for found in self.one_by_one]
        return ", ".join(told)

    def _repeated(self) -> list[str]:
        often = [(text, times) for text, times in self.statements.most_common() if times > 1]
        named = [f"{times} times {name_of(text)}" for text, times in often[:_MOST_NAMED]]
        if more := len(often) - len(named):
            named.append(f"and {more} more that came twice or oftener")
        return named or ["none twice"]


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


class QueryLogMiddleware:
    """Writes a line for each request; a warning where it asked for rows one by one."""

    def __init__(self, get_response: Answering) -> None:
        self._get_response = get_response
        if apps.is_installed("zeal"):
            from zeal.signals import nplusone_detected

            nplusone_detected.connect(_note_one_by_one)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        if is_beside_pages(request) or request.path_info.startswith("/__debug__/"):
            return self._get_response(request)
        with counting() as asked:
            response = self._get_response(request)
        level = logging.WARNING if asked.one_by_one else logging.INFO
        address = request.get_full_path()
        logger.log(level, "%s %s %s: %s", request.method, address, response.status_code, asked)
        return response


@contextmanager
def counting() -> Iterator[Asked]:
    """Count what this thread asks the databases in the block, and find what it asks row by row."""
    asked = Asked()
    token = _asked.set(asked)
    try:
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(asked))
            if apps.is_installed("zeal"):
                from zeal import zeal_context

                stack.enter_context(zeal_context())
            yield asked
    finally:
        _asked.reset(token)


def _note_one_by_one(*, exception: Exception, **_: Any) -> None:
    from zeal.util import get_stack

    asked = _asked.get()
    if asked is None:
        return
    # The first frame is this function, the next one of ours is where the row was asked for.
    file, line, function = get_stack()[1]
    what = str(exception).removeprefix("N+1 detected on ")
    asked.one_by_one[f"{what} at {os.path.relpath(file)}:{line} in {function}"] = None


# --- The file -------------------------------------------------------------------------------------


class DebugFile(RotatingFileHandler):
    """A file that its owner alone may read, and that never grows past twice FILE_BYTES.

    Several processes may write to it: whoever finds that another one has begun a new file goes on
    in that.
    """

    def __init__(self, filename: str) -> None:
        super().__init__(filename, maxBytes=FILE_BYTES, backupCount=1, encoding="utf-8", delay=True)

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802  (logging's name)
        """Tell whether the file is full, of whichever process it is."""
        if self.stream is not None and not self._is_still_there(self.stream):
            self.stream.close()
            self.stream = self._open()
        return bool(super().shouldRollover(record))

    def _is_still_there(self, stream: TextIOWrapper) -> bool:
        try:
            return os.path.samestat(os.fstat(stream.fileno()), Path(self.baseFilename).stat())
        except FileNotFoundError:
            return False

    def _open(self) -> TextIOWrapper:
        file = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        # One of an older release may be open to everybody.
        os.fchmod(file, 0o600)
        return os.fdopen(file, "a", encoding=self.encoding)


class FullFormatter(logging.Formatter):
    """A record in full, values and all, with the id of its request at the end of the line."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Return the record in one line, whatever is in it."""
        line = masks.in_one_line(super().formatMessage(record))
        request_id = requests.current_id()
        return f"{line} [{request_id}]" if request_id else line


class AskedForSomething(logging.Filter):
    """Leaves out what the relay asks each second, to find that there is nothing to do."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is to be written."""
        is_of_relay = record.threadName == "relay" and not requests.current_id()
        return not (is_of_relay and record.name == "django.db.backends")

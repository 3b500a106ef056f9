"""What is written into the log, and how: a line for people, or an object in JSON for programs.

Whoever writes the record, Django, a library or the shop, nothing in it is anybody's own: no name,
no address, no key. Where it came from, and the id of the request, are there instead.
"""

import copy
import functools
import json
import logging
import logging.config
import sys
import threading
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict

from shop.lib import masks, requests

# No fault of ours are bad requests, and a database that is away or busy. Whoever answered so has
# said why, and under the request's id, which is over when Django speaks of it.
_SERVER_ERROR = 500
_AWAY = 503

logger = logging.getLogger(__name__)
_WORK = "shop.work"
# The default separators waste a byte or two a field; text beyond ASCII is escaped, so that whatever
# reads the log cannot stumble over it.
_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode


def install(configuration: dict[str, Any]) -> None:
    """Set up all logs: Django's LOGGING_CONFIG, called once when it starts."""
    logging.config.dictConfig(configuration)
    form = configuration["handlers"]["console"]["formatter"]
    process = configuration["formatters"]["json"]["process"]
    # One record for each request goes the short way, and is for programs alone.
    structlog.configure(
        processors=[functools.partial(_fields_of_work, process=process), _render],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.INFO if form == "json" else logging.CRITICAL
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    if form == "json":
        logging.captureWarnings(capture=True)
    if form == "json" or "faults" in configuration["handlers"]:
        sys.excepthook = _log_uncaught
        threading.excepthook = _log_uncaught_in_thread


class LineFormatter(logging.Formatter):
    """A line that people read. What went wrong bears the id that its visitor may have been told."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's name)
        """Return the line, whatever is in the message."""
        record.message = message_of(record)
        request_id = requests.current_id()
        line = super().formatMessage(record)
        return f"{line} [{request_id}]" if request_id and _is_trouble(record) else line

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Return the traceback, without what its exceptions say of people."""
        return masks.masked_traceback(ei[1]) if ei[1] is not None else ""


def json_formatter(*, process: str) -> ProcessorFormatter:
    """Return what makes an object in JSON of every record, in one line."""
    return ProcessorFormatter(
        processors=[functools.partial(_fields_of_record, process=process), _render],
        use_get_message=False,
        pass_foreign_args=True,
    )


class Handler(logging.StreamHandler[TextIO]):
    """Writes records, and says of one that it cannot write no more than where it came from."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Say that a record is missing; by itself Python would show what was to be in it."""
        said = _fields(record.created, "error", record.name, "A record could not be written")
        self.stream.write(f"{_encode(said)}\n")


class NotToldAlready(logging.Filter):
    """Leaves out what Django says of a request that failed by its own fault: its record says it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether the record is to be written."""
        if record.name != "django.request" or record.exc_info:
            return True
        status: int = getattr(record, "status_code", 500)
        return status >= _SERVER_ERROR and status != _AWAY


def message_of(record: logging.LogRecord) -> str:
    """Return what a record says, without what is anybody's own."""
    if not record.name.startswith("django."):
        return masks.masked(record.getMessage())
    if record.name.startswith("django.server"):
        return masks.in_one_line(record.getMessage())
    request = getattr(record, "request", None)
    route = requests.route_of(request) if request is not None else ""
    if record.name == "django.security.csrf" and isinstance(record.args, tuple):
        # The reason quotes where somebody came from, after a dash.
        reason = str(record.args[0]).partition(" - ")[0]
        return masks.masked_quotes(f"Forbidden ({reason}): {route}")
    if record.name.startswith("django.security."):
        return f"{record.name.rpartition('.')[2]}: {route}"
    return masks.masked_quotes(_with_route(record, request, route))


def _with_route(record: logging.LogRecord, request: Any, route: str) -> str:
    """Return a message that names the route instead of the address, which may hold a token."""
    if request is None or not isinstance(record.args, tuple):
        return record.getMessage()
    paths = (request.path, request.path.encode("unicode_escape").decode("ascii"))
    return str(record.msg) % tuple(route if arg in paths else arg for arg in record.args)


def _is_trouble(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _fields_of_work(_logger: Any, level: str, event: EventDict, *, process: str) -> dict[str, Any]:
    """Return what the object says of a piece of work that is done."""
    said = _fields(time.time(), level, _WORK, str(event.pop("event", "")))
    return {**said, **_process(process), **event}


def _fields_of_record(
    _logger: Any, _level: str, event: EventDict, *, process: str
) -> dict[str, Any]:
    """Return what the object says of a record, whoever wrote it."""
    record: logging.LogRecord = copy.copy(event["_record"])
    record.args = event["positional_args"]
    said = _fields(record.created, record.levelname.lower(), record.name, message_of(record))
    return {**said, **_process(process), **_trouble(event.get("exc_info"))}


def _fields(created: float, level: str, logger: str, message: str) -> dict[str, Any]:
    moment = datetime.fromtimestamp(created, UTC)
    return {
        "time": moment.isoformat(timespec="milliseconds"),
        "level": level,
        "logger": logger,
        "message": message,
        "request_id": requests.current_id(),
        **requests.current_facts(),
    }


def _process(name: str) -> dict[str, str]:
    return {"process": name} if name else {}


def _trouble(exc_info: Any) -> dict[str, str]:
    error = exc_info[1] if isinstance(exc_info, tuple) else None
    if error is None:
        return {}
    return {"error": type(error).__qualname__, "traceback": masks.masked_traceback(error)}


def _render(_logger: Any, _level: str, fields: EventDict) -> str:
    return _encode(fields)


def _log_uncaught(
    kind: type[BaseException], error: BaseException, _traceback: TracebackType | None
) -> None:
    """Write down what ends a process. Ctrl-C is no trouble."""
    if not issubclass(kind, KeyboardInterrupt):
        logger.critical("The process ends by an exception", exc_info=error)


def _log_uncaught_in_thread(gone: threading.ExceptHookArgs) -> None:
    if gone.exc_value is not None and gone.exc_type is not SystemExit:
        name = gone.thread.name if gone.thread else "unknown"
        logger.critical("The thread %s ends by an exception", name, exc_info=gone.exc_value)

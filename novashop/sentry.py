"""What Sentry is told of a fault: where it happened, and nobody's own.

It is written here field by field, and nothing that Sentry's library collects by itself is sent: of
the request its id, its route and which process answered it; of exceptions what the log would say.
Read with the first fault: it imports Sentry's library.
"""

import logging
import time
from collections.abc import Mapping
from typing import Any

from sentry_sdk import Client
from sentry_sdk.transport import HttpTransport
from sentry_sdk.utils import event_from_exception

from novashop import __version__, eyes
from novashop.records import message_of
from shop.lib import masks, requests

logger = logging.getLogger(__name__)

_LEVELS = {logging.ERROR: "error", logging.CRITICAL: "fatal"}
# Of a frame of the stack: where it is, and our own lines around it.
_OF_FRAMES = {
    *("filename", "module", "function", "lineno", "in_app"),
    *("pre_context", "context_line", "post_context"),
}
_OF_EVENTS = {
    *("event_id", "timestamp", "platform", "release", "environment", "sdk"),
    *("level", "logger", "logentry", "transaction", "tags", "exception"),
}
# A fault that comes with every request is told often enough by so many.
_MOST_WAITING = 100
_QUIET_SECONDS = 600


class Transport(HttpTransport):
    """Says when faults are lost, and then nothing for ten minutes."""

    TIMEOUT = 5
    _said_at = -float(_QUIET_SECONDS)

    def on_dropped_event(self, reason: str) -> None:
        now = time.monotonic()
        if now - self._said_at >= _QUIET_SECONDS:
            self._said_at = now
            logger.warning("Sentry takes no faults: %s", reason)


class Reporter:
    """Tells one Sentry of the faults of this process."""

    def __init__(self, *, dsn: str, environment: str, process: str) -> None:
        self._process = process
        # It speaks of each attempt, and tries three times.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        self._client = Client(
            dsn=dsn,
            release=__version__,
            environment=environment or None,
            before_send=_only_what_is_written_here,
            transport=Transport,
            transport_queue_size=_MOST_WAITING,
            shutdown_timeout=eyes.SECONDS_TO_TELL,
            # Nothing of requests is collected, which is what `send_default_pii` was off for.
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            auto_session_tracking=False,
            send_client_reports=False,
            enable_backpressure_handling=False,
            propagate_traces=False,
            spotlight=False,
        )
        eyes.before_the_end(self._client.close)

    def report(self, record: logging.LogRecord) -> None:
        """Have it sent by the library's thread."""
        tags = {
            "request_id": requests.current_id(),
            "process": self._process,
            "event": requests.current_facts().get("event", ""),
        }
        event: Any = {
            "level": _LEVELS.get(record.levelno, "error"),
            "logger": record.name,
            "logentry": {"formatted": message_of(record)},
            "transaction": requests.current_place(),
            "tags": {name: value for name, value in tags.items() if value},
            **_exceptions(record, self._client.options),
        }
        self._client.capture_event(event)


def _exceptions(record: logging.LogRecord, options: dict[str, Any]) -> dict[str, Any]:
    """Return the exceptions of a record, from the first cause to the one that was raised."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if error is None:
        return {}
    event, _ = event_from_exception(error, client_options=options)
    return {"exception": {"values": [_exception(found) for found in event["exception"]["values"]]}}


def _exception(found: Mapping[str, Any]) -> dict[str, Any]:
    frames = (found.get("stacktrace") or {}).get("frames", [])
    return {
        "type": found["type"],
        "module": found.get("module"),
        # Databases quote the values that they refuse, and their second line shows a whole row.
        "value": masks.masked_quotes((found.get("value") or "").strip().partition("\n")[0]),
        "stacktrace": {
            "frames": [{k: v for k, v in frame.items() if k in _OF_FRAMES} for frame in frames]
        },
    }


def _only_what_is_written_here(event: Any, _hint: Any) -> Any:
    """Take away what the library adds by itself: the machine's name, and whatever is next."""
    return {name: value for name, value in event.items() if name in _OF_EVENTS}

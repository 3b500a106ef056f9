"""Faults for Sentry: what the log calls an error, as a handler of the log.

So what is no fault there is none here: refusals, pages that are not found, a database that is
away. This is read with the log, in every process; what imports Sentry is in `sentry.py`.
"""

import logging
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from novashop.sentry import Reporter

logger = logging.getLogger(__name__)

# What visitors send that is not ours to mend, and what comes of sending.
_NO_FAULTS = ("django.security.", "sentry_sdk", "urllib3")


class FaultHandler(logging.Handler):
    """Sends each error of the log. Nothing of Sentry's is imported before the first one."""

    def __init__(self, *, dsn: str, environment: str, process: str) -> None:
        super().__init__(logging.ERROR)
        self._settings = {"dsn": dsn, "environment": environment, "process": process}
        self._reporter: Reporter | None = None
        self._beginning = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Have the record sent, from a thread of its own; one that cannot be sent is lost."""
        if is_fault(record):
            try:
                (self._reporter or self._begin()).report(record)
            except Exception:  # what goes wrong here must not add to what has gone wrong already
                self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Say what is in the way; by itself Python would show what was to be in the record."""
        error = sys.exc_info()[0]
        why = error.__qualname__ if error else "unknown"
        logger.warning("A fault of %s could not be told: %s", record.name, why)

    def _begin(self) -> "Reporter":
        from novashop.sentry import Reporter

        with self._beginning:
            self._reporter = self._reporter or Reporter(**self._settings)
        return self._reporter


def is_fault(record: logging.LogRecord) -> bool:
    """Tell whether an error is to be told to others."""
    if record.name.startswith(_NO_FAULTS):
        return False
    # Of an answer, whatever it is, Django speaks once more; whoever met the exception has told it.
    return record.name != "django.request" or bool(record.exc_info)

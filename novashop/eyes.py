"""What tells others how the shop is doing, as the settings have it: traces and faults.

Both are packages that not every shop has, so nothing here imports them.
"""

from collections.abc import Callable
from importlib.util import find_spec
from multiprocessing.util import Finalize
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

# How long a process that ends may take to tell what it has not told yet; an app server has ten
# seconds to close, and both may want them.
SECONDS_TO_TELL = 2.0

_HOW = "`sh deploy/environment.sh stack` installs them"


def check_collector(endpoint: str) -> None:
    """Refuse a collector of traces that cannot be one, or that nothing here can speak to."""
    if not endpoint:
        return
    if not _is_web_address(endpoint):
        raise ImproperlyConfigured(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is {endpoint!r}; it must be an address like "
            "http://127.0.0.1:4318, which takes OTLP over HTTP"
        )
    check_installed("opentelemetry.sdk.trace", setting="OTEL_EXPORTER_OTLP_ENDPOINT")


def share_of(text: str) -> float:
    """Return how many of all requests are traced, from 0 to 1."""
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ImproperlyConfigured(
            f"OTEL_TRACES_SAMPLER_ARG is {text!r}; it must be a number from 0 to 1, such as 0.01"
        )
    return share


def check_fault_reports(dsn: str) -> None:
    """Refuse an address for faults that cannot be one; the sentence does not repeat its key."""
    if not dsn:
        return
    parts = urlsplit(dsn)
    is_project = parts.path.rpartition("/")[2].isdecimal()
    if not (_is_web_address(dsn) and parts.username and is_project):
        raise ImproperlyConfigured(
            "SENTRY_DSN must be an address as Sentry shows it: https://key@sentry.example.org/1"
        )
    check_installed("sentry_sdk", setting="SENTRY_DSN")


def milliseconds_of(name: str, text: str) -> int:
    """Return a setting in milliseconds, 0 for never."""
    if not (text.isascii() and text.isdecimal()):
        raise ImproperlyConfigured(
            f"{name} is {text!r}; it must be a whole number of milliseconds, or 0 for never"
        )
    return int(text)


def before_the_end(work: Callable[[], object]) -> None:
    """Do the work when this process ends by itself, or because it was asked to.

    An app server's worker is a child of the one that watches, and such a child leaves without what
    `atexit` knows of.
    """
    Finalize(None, work, exitpriority=0)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def check_installed(module: str, *, setting: str) -> None:
    try:
        is_there = find_spec(module) is not None
    except ModuleNotFoundError:
        is_there = False
    if not is_there:
        raise ImproperlyConfigured(
            f"{setting} is set, and the packages it needs are not installed; {_HOW}, "
            "or leave it empty"
        )

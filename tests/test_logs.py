"""What a record becomes in the log: a line for people or an object for programs; nobody's own."""

import io
import json
import logging
import logging.config
import re
import subprocess
import sys
import threading
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import IntegrityError
from django.test import Client, RequestFactory
from django.utils.log import log_response

import novashop
from novashop import logs, records
from shop.lib import requests

pytestmark = pytest.mark.once

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ")
Lines = list[dict[str, Any]]


@contextmanager
def written(form: str, *, process: str = "") -> Iterator[io.StringIO]:
    """Write the log of the block in this form, and give back what there was before."""
    root, names = logging.getLogger(), ("django", "django.security.DisallowedHost", "django.server")
    before = [
        (logger, list(logger.handlers), logger.level, logger.propagate)
        for logger in (root, *(logging.getLogger(name) for name in names))
    ]
    window, settings_of_structlog = io.StringIO(), structlog.get_config()
    hooks = sys.excepthook, threading.excepthook, sys.stderr, requests.WORK
    sys.stderr = window
    # It keeps to the settings with which it was used first.
    requests.WORK = structlog.get_logger()
    try:
        records.install(logs.settings(form, process=process))
        yield window
    finally:
        sys.excepthook, threading.excepthook, sys.stderr, requests.WORK = hooks
        logging.captureWarnings(capture=False)
        structlog.configure(**settings_of_structlog)
        for logger, handlers, level, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)


def objects(window: io.StringIO) -> Lines:
    """Return the lines, each of which must be an object."""
    return [json.loads(line) for line in window.getvalue().splitlines()]


# --- For programs ---------------------------------------------------------------------------------


def test_a_record_is_an_object_in_one_line() -> None:
    with (
        written("json", process="browse-1") as window,
        requests.working_for("first", event="7 a.b"),
    ):
        logging.getLogger("shop.gate").warning("The gate %s", "stands open")

    (record,) = objects(window)
    moment = record.pop("time")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", moment)
    assert abs((datetime.fromisoformat(moment) - datetime.now().astimezone()).total_seconds()) < 60
    assert record == {
        "level": "warning",
        "logger": "shop.gate",
        "message": "The gate stands open",
        "request_id": "first",
        "event": "7 a.b",
        "process": "browse-1",
    }


def test_outside_of_requests_there_is_no_id_and_no_process_that_has_no_name() -> None:
    with written("json") as window:
        logging.getLogger("shop").info("Here")

    (record,) = objects(window)
    assert set(record) == {"time", "level", "logger", "message", "request_id"}
    assert record["request_id"] == ""


@pytest.mark.parametrize(
    "message", ['a\n{"level":"critical"}', "a\r\nb", "\x1b[2J", "\u2028", '"', "\ud800", "é ✓"]
)
def test_nobody_forges_a_line(message: str) -> None:
    with written("json") as window:
        logging.getLogger("shop").info("%s", message)

    assert window.getvalue().count("\n") == 1
    assert window.getvalue().isascii()
    (record,) = objects(window)
    assert record["level"] == "info"


def test_an_exception_is_a_field_without_what_it_says_of_people() -> None:
    said = "Key exists\nDETAIL: Key (name)=(Alice Able) exists"
    with written("json") as window:
        try:
            raise IntegrityError(said)
        except IntegrityError:
            logging.getLogger("shop").exception("It failed for %s", "alice@example.com")

    (record,) = objects(window)
    assert record["message"] == "It failed for <e-mail>"
    assert record["error"] == "IntegrityError"
    assert record["traceback"].startswith("Traceback (most recent call last):\n")
    assert record["traceback"].endswith("\nIntegrityError: Key exists")
    assert "test_logs.py" in record["traceback"]
    assert "Alice" not in window.getvalue()


def test_warnings_are_records() -> None:
    with written("json") as window, warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("something is old", UserWarning, stacklevel=1)

    assert [(r["logger"], "something is old" in r["message"]) for r in objects(window)] == [
        ("py.warnings", True)
    ]


def test_what_cannot_be_written_is_missed_and_not_shown() -> None:
    with written("json") as window:
        logging.getLogger("shop").info("%d mugs for Alice", "many")

    (record,) = objects(window)
    assert (record["level"], record["message"]) == ("error", "A record could not be written")


def test_other_peoples_structlog_ends_in_the_same_form() -> None:
    with written("json") as window:
        structlog.get_logger().warning("request", route="/cart/", ms=1.5)

    (record,) = objects(window)
    assert record.pop("time")
    assert record == {
        "level": "warning",
        "logger": "shop.work",
        "message": "request",
        "request_id": "",
        "route": "/cart/",
        "ms": 1.5,
    }


UNCAUGHT = """
import threading
import django
django.setup()
thread = threading.Thread(target=lambda: int("Alice Able"), name="relay")
thread.start()
thread.join()
raise RuntimeError("no letter for alice@example.com")
"""


def test_what_ends_a_process_or_a_thread_is_a_record(tmp_path: Any) -> None:
    environment = {"DJANGO_SETTINGS_MODULE": "novashop.settings", "LOG": "json"}
    done = subprocess.run(
        [sys.executable, "-c", UNCAUGHT],
        cwd=settings.BASE_DIR,
        env={**environment, "DATA_DIR": str(tmp_path), "SECRET_KEY": "x" * 50},
        capture_output=True,
        text=True,
        check=False,
    )

    thread, process = (json.loads(line) for line in done.stderr.splitlines())
    assert done.returncode == 1
    assert (thread["level"], thread["message"]) == (
        "critical",
        "The thread relay ends by an exception",
    )
    assert thread["traceback"].endswith("ValueError: invalid literal for int() with base 10: …")
    assert (process["level"], process["error"]) == ("critical", "RuntimeError")
    assert process["traceback"].endswith("RuntimeError: no letter for <e-mail>")


# --- What Django says -----------------------------------------------------------------------------

TOKEN_PATH = "/accounts/password/reset/MQ/c1-secretsecret/"


def test_django_names_the_route_and_not_the_address(rf: RequestFactory) -> None:
    from django.http import HttpResponseServerError
    from django.urls import resolve

    request = rf.get(TOKEN_PATH)
    request.resolver_match = resolve(TOKEN_PATH)
    with written("json") as window:
        log_response(
            "%s: %s",
            "Internal Server Error",
            request.path,
            response=HttpResponseServerError(),
            request=request,
        )

    (record,) = objects(window)
    assert record["message"] == (
        "Internal Server Error: /accounts/password/reset/<str:uidb64>/<str:token>/"
    )


@pytest.mark.django_db
def test_what_visitors_get_wrong_is_their_requests_record_and_no_other(client: Client) -> None:
    with written("json") as window:
        client.get("/nowhere/alice/")
        client.delete("/api/products/")

    assert [(r["logger"], r["status"]) for r in objects(window)] == [
        ("shop.work", 404),
        ("shop.work", 405),
    ]


def test_suspicious_things_are_named_and_not_quoted(rf: RequestFactory) -> None:
    logger = logging.getLogger("django.security.SuspiciousFileOperation")
    with written("json") as window:
        logger.error("The path /srv/Alice is outside", extra={"request": rf.get("/Alice")})
        logging.getLogger("django.security.DisallowedHost").error(
            "Invalid host 'alice.example'", exc_info=DisallowedHost("alice.example")
        )

    assert [record["message"] for record in objects(window)] == ["SuspiciousFileOperation: unknown"]


def test_a_form_from_elsewhere_does_not_tell_from_where() -> None:
    client = Client(enforce_csrf_checks=True)
    with written("json") as window:
        client.post("/cart/", headers={"Origin": "https://alice.example"})

    refused, request = objects(window)
    assert refused["message"] == "Forbidden (Origin checking failed): /cart/"
    assert (request["status"], request["request_id"]) == (403, refused["request_id"])


# --- For people -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_people_read_lines_and_none_for_each_request(client: Client) -> None:
    with written("line") as window, requests.working_for("first"):
        client.get("/products/")
        logging.getLogger("shop.ops").info("The relay is\nrunning")
        logging.getLogger("shop.ops").warning("It waits for alice@example.com")

    lines = [LINE.sub("", line) for line in window.getvalue().splitlines()]
    assert lines == [
        r"INFO shop.ops: The relay is\nrunning",
        # What went wrong bears the id that a visitor may have been told.
        "WARNING shop.ops: It waits for <e-mail> [first]",
    ]


def test_their_tracebacks_are_under_the_line() -> None:
    with written("line") as window:
        try:
            int("Alice Able")
        except ValueError:
            logging.getLogger("shop").exception("It failed")

    lines = window.getvalue().splitlines()
    assert LINE.sub("", lines[0]) == "ERROR shop: It failed"
    assert lines[1] == "Traceback (most recent call last):"
    assert lines[-1] == "ValueError: invalid literal for int() with base 10: …"


# --- What is told with it -------------------------------------------------------------------------


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]

    assert novashop.__version__ == settings.VERSION == project["version"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LOG", "xml", "LOG is 'xml'; it can be 'line' or 'json'"),
        ("METRICS_FROM", "10.0.0.1/8", "METRICS_FROM has 10.0.0.1/8 has host bits set"),
        ("METRICS_FROM", "here", "METRICS_FROM has 'here' does not appear to be"),
    ],
)
def test_wrong_settings_are_refused_in_a_sentence(
    tmp_path: Any, name: str, value: str, sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from novashop import settings"],
        cwd=settings.BASE_DIR,
        env={"DATA_DIR": str(tmp_path), name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert f"ImproperlyConfigured: {sentence}" in done.stderr

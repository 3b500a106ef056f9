"""Which records of the log are faults, and what is sent of one."""

import logging
import sys
from collections.abc import Iterator

import pytest

from novashop.fault_reports import FaultHandler, is_fault
from shop.lib import requests
from tests.tracing.receivers import Sentry

pytestmark = pytest.mark.once

ID = "0123456789abcdef" * 2


def record_of(
    name: str, message: str, *args: object, level: int = logging.ERROR
) -> logging.LogRecord:
    error = sys.exc_info()
    exc_info = error if error[1] is not None else None
    return logging.LogRecord(name, level, __file__, 1, message, args, exc_info)


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    sentry = Sentry()
    with sentry.listening():
        yield sentry


@pytest.fixture
def faults(sentry: Sentry) -> FaultHandler:
    return FaultHandler(dsn=sentry.dsn, environment="", process="browse-1")


def test_a_fault_is_sent_field_by_field(sentry: Sentry, faults: FaultHandler) -> None:
    with requests.working_for(ID, event="7 order.placed"):
        try:
            try:
                int("Alice Able")
            except ValueError as error:
                raise RuntimeError("no letter for alice@example.com\nnor for Alice") from error
        except RuntimeError:
            faults.handle(record_of("shop", "It failed for %s", "alice@example.com"))
    event = sentry.wait_for(request_id=ID)

    assert event.pop("event_id")
    assert event.pop("timestamp")
    assert event.pop("sdk")["name"] == "sentry.python"
    first, second = event.pop("exception")["values"]
    assert (first["type"], first["value"]) == (
        "ValueError",
        "invalid literal for int() with base 10: …",
    )
    assert (second["type"], second["value"]) == ("RuntimeError", "no letter for <e-mail>")
    for frame in (*first["stacktrace"]["frames"], *second["stacktrace"]["frames"]):
        assert frame["function"] == "test_a_fault_is_sent_field_by_field"
        assert not frame.keys() & {"vars", "abs_path"}
    assert event == {
        "level": "error",
        "logger": "shop",
        "logentry": {"formatted": "It failed for <e-mail>"},
        "transaction": "7 order.placed",
        "tags": {"request_id": ID, "process": "browse-1", "event": "7 order.placed"},
        "release": event["release"],
        "environment": "production",
        "platform": "python",
    }


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("shop.checkout.actions.committing", True),
        ("django.template", True),
        ("django.security.DisallowedHost", False),
        ("django.security.SuspiciousFileOperation", False),
        ("urllib3.connectionpool", False),
        ("sentry_sdk.errors", False),
    ],
)
def test_what_visitors_send_is_no_fault(name: str, told: bool) -> None:
    assert is_fault(record_of(name, "no")) is told


def test_of_an_answer_alone_nothing_is_told() -> None:
    """The API tells an exception itself, and Django says after it that the answer was a 500."""
    assert is_fault(record_of("django.request", "Internal Server Error: /")) is False
    try:
        raise ValueError
    except ValueError:
        assert is_fault(record_of("django.request", "Internal Server Error: /")) is True


def test_warnings_are_no_faults(faults: FaultHandler) -> None:
    assert faults.level == logging.ERROR


def test_a_sentry_that_is_away_is_mentioned_once(
    sentry: Sentry, faults: FaultHandler, caplog: pytest.LogCaptureFixture
) -> None:
    sentry.status = 503

    for number in range(3):
        faults.handle(record_of("shop", "It failed, %s", number))
    assert faults._reporter is not None
    faults._reporter._client.flush(timeout=10)

    said = [one.getMessage() for one in caplog.records if one.name == "novashop.sentry"]
    assert said == ["Sentry takes no faults: status_503"]


def test_what_cannot_be_sent_is_mentioned_and_not_shown(
    faults: FaultHandler, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    faults.handle(record_of("shop", "%d mugs for Alice", "many"))

    assert capsys.readouterr() == ("", "")
    assert caplog.messages == ["A fault of shop could not be told: TypeError"]

"""Without the settings nothing of the libraries they need is read; with wrong ones, a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from novashop import eyes

pytestmark = pytest.mark.once

# A whole app server in small: a page, a fault in the log, and the handlers of events.
WORK = """
import logging, sys
from novashop.wsgi import application
from django.core.management import call_command
from django.test import Client
from shop.events import actions as events
call_command("migrate", "-v0")
assert Client(headers={"host": "localhost"}).get("/products/").status_code == 200
try:
    raise ValueError("a fault")
except ValueError:
    logging.getLogger("shop").exception("It failed")
events.deliver_due()
foreign = ("opentelemetry", "sentry_sdk", "google.protobuf", "celery", "kombu", "confluent_kafka")
print([name for name in foreign if name in sys.modules])
"""

# As it is where `make run` has set up: those packages are not there.
WITHOUT_PACKAGES = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"opentelemetry", "sentry_sdk", "celery", "confluent_kafka"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
from django.core.exceptions import ImproperlyConfigured
try:
    from novashop import settings
except ImproperlyConfigured as error:
    sys.exit(str(error))
"""


def run(program: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(data),
            "SECRET_KEY": "known-to-every-test-and-to-nobody-else-in-the-world-0",
            "RELAY": "process",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_nothing_foreign_is_read_unless_it_is_asked_for(tmp_path: Path) -> None:
    done = run(WORK, tmp_path)

    assert done.stdout == "[]\n", done.stderr


@pytest.mark.long
def test_with_the_settings_it_is(tmp_path: Path) -> None:
    # A port that nobody listens on: it fails, and nobody is kept waiting.
    nowhere = "http://127.0.0.1:9"
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": nowhere, "SENTRY_DSN": "http://key@127.0.0.1:9/1"}

    done = run(WORK, tmp_path, **told)

    assert "'opentelemetry', 'sentry_sdk'" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"),
        ("SENTRY_DSN", "https://key@sentry.example.org/1"),
        ("BROKER_URL", "amqp://127.0.0.1:5672/"),
        ("KAFKA_SERVERS", "127.0.0.1:9092"),
    ],
)
def test_packages_that_are_missing_are_named(tmp_path: Path, name: str, value: str) -> None:
    done = run(WITHOUT_PACKAGES, tmp_path, **{name: value})

    assert (done.returncode, done.stderr) == (
        1,
        f"{name} is set, and the packages it needs are not installed; "
        "`sh deploy/environment.sh stack` installs them, or leave it empty\n",
    )
    assert run(WITHOUT_PACKAGES, tmp_path).returncode == 0


@pytest.mark.parametrize("endpoint", ["collector:4317", "http://", "grpc://collector", "//x"])
def test_a_collector_has_an_address(endpoint: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        eyes.check_collector(endpoint)

    assert str(refused.value) == (
        f"OTEL_EXPORTER_OTLP_ENDPOINT is {endpoint!r}; it must be an address like "
        "http://127.0.0.1:4318, which takes OTLP over HTTP"
    )


@pytest.mark.parametrize("dsn", ["https://sentry.example.org/1", "https://key@x/", "key@x/1", "x"])
def test_sentry_has_an_address_that_is_not_repeated(dsn: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        eyes.check_fault_reports(dsn)

    assert str(refused.value) == (
        "SENTRY_DSN must be an address as Sentry shows it: https://key@sentry.example.org/1"
    )


def test_what_makes_sense_is_taken() -> None:
    eyes.check_collector("")
    eyes.check_collector("https://collector.example.org/otlp")
    eyes.check_fault_reports("")
    eyes.check_fault_reports("https://key@sentry.example.org/path/12")
    assert [eyes.share_of(text) for text in ("0", "0.01", "1")] == [0, 0.01, 1]
    assert [eyes.milliseconds_of("SLOW_QUERY_MS", text) for text in ("0", "250")] == [0, 250]


@pytest.mark.parametrize("text", ["1.5", "-0.1", "nan", "few", ""])
def test_a_share_is_between_none_and_all(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="it must be a number from 0 to 1"):
        eyes.share_of(text)


@pytest.mark.parametrize("text", ["-1", "1s", "0.5", "", "½"])
def test_milliseconds_are_whole(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        eyes.milliseconds_of("SLOW_QUERY_MS", text)

    assert str(refused.value) == (
        f"SLOW_QUERY_MS is {text!r}; it must be a whole number of milliseconds, or 0 for never"
    )

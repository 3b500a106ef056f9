"""What is said to `make stack` of traces and faults reaches its app servers and its relay."""

from pathlib import Path

import pytest

from deploy.stack import settings
from deploy.stack.folders import Folders

pytestmark = pytest.mark.once


def test_settings_of_traces_and_faults_are_passed_on(tmp_path: Path) -> None:
    told = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
        "OTEL_EXPORTER_OTLP_HEADERS": "key=of-the-collector",
        "OTEL_TRACES_SAMPLER_ARG": "0.01",
        "SENTRY_DSN": "https://key@sentry.example.org/1",
        "SLOW_QUERY_MS": "250",
        "SQL_COMMENTS": "off",
    }
    others = {"SOMEBODYS_PASSWORD": "x", "NOT_OTEL_X": "y"}

    shop = settings.for_shop(
        folders=Folders(tmp_path),
        database_url="x",
        redis_url="y",
        broker_url="",
        url="z",
        own=told | others,
    )

    assert told.items() <= settings.for_process(shop).items()
    assert not others.keys() & shop.keys()

"""What an app server counts while it is leaving."""

from collections.abc import Iterable
from typing import Any

import pytest

from shop.ops.draining import ELSEWHERE, Closing, Draining
from tests.counts import count_of

pytestmark = pytest.mark.once

SENT = "novashop_requests_sent_elsewhere_total"


def application(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"here"]


def test_only_what_is_sent_elsewhere_while_it_is_leaving_is_counted() -> None:
    closing = Closing()
    leaving = Draining(application, closing=closing)
    reading = {"PATH_INFO": "/", "REQUEST_METHOD": "GET", ELSEWHERE: "1"}
    before = count_of(SENT)

    leaving(reading, lambda *_: None)
    assert count_of(SENT) == before

    closing.begin()
    leaving(reading, lambda *_: None)
    leaving({"PATH_INFO": "/", "REQUEST_METHOD": "POST"}, lambda *_: None)
    leaving({"PATH_INFO": "/healthz", "REQUEST_METHOD": "GET"}, lambda *_: None)
    assert count_of(SENT) == before + 1

"""Pieces of work and their parts are told to a tracer, where there is one, and say no more."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from shop.lib import requests, spans

pytestmark = pytest.mark.once

ID = "0123456789abcdef" * 2
ASKING = "00f067aa0ba902b7"


class Told:
    """A span, remembered."""

    def __init__(self, name: str, **facts: Any) -> None:
        self.name = name
        self.facts = facts
        self.failed = False

    def rename(self, name: str) -> None:
        self.name = name

    def tell(self, facts: spans.Facts) -> None:
        self.facts |= facts

    def fail(self) -> None:
        self.failed = True


class Remembering:
    """A tracer that wants to hear of all work, or of none."""

    def __init__(self) -> None:
        self.wants = True
        self.told: list[Told] = []

    @contextmanager
    def whole(
        self, kind: spans.Kind, name: str, *, request_id: str, asked_by: str
    ) -> Iterator[Told | None]:
        span = Told(name, kind=kind, request_id=request_id, asked_by=asked_by)
        self.told += [span] if self.wants else []
        yield span if self.wants else None

    @contextmanager
    def part(self, name: str, facts: spans.Facts) -> Iterator[Told]:
        self.told.append(span := Told(name, **facts))
        yield span


TRACER = Remembering()


def make_tracer() -> Remembering:
    return TRACER


@pytest.fixture
def tracer(settings: Any) -> Iterator[Remembering]:
    settings.TRACER = f"{__name__}.make_tracer"
    settings.WATCHED = {"/healthz"}
    settings.TRUSTED_PROXIES = 1
    TRACER.__init__()  # type: ignore[misc]
    yield TRACER
    spans._tracers.clear()


def answered(request: HttpRequest, status: int = 200) -> bool:
    """Answer the request, asking for something on the way; tell whether the view saw a trace."""
    seen: list[bool] = []

    def view(_: HttpRequest) -> HttpResponse:
        seen.append(spans.is_traced())
        with spans.part("SELECT catalog_product", {"db.system.name": "sqlite"}):
            return HttpResponse(status=status)

    requests.RequestMiddleware(spans.SpanMiddleware(view))(request)
    return seen[0]


def test_a_request_is_a_piece_of_work_with_parts(rf: RequestFactory, tracer: Remembering) -> None:
    assert answered(rf.get("/nowhere/alice@example.com/?q=1", headers={"X-Request-ID": ID}))

    whole, part = tracer.told
    assert whole.name == "GET unknown"
    assert whole.facts == {
        "kind": spans.Kind.REQUEST,
        "request_id": ID,
        "asked_by": "",
        "http.request.method": "GET",
        "http.route": "unknown",
        "http.response.status_code": 200,
    }
    assert (part.name, part.facts) == ("SELECT catalog_product", {"db.system.name": "sqlite"})
    assert spans.is_traced() is False


@pytest.mark.parametrize(("status", "failed"), [(404, False), (500, True), (503, True)])
def test_only_what_is_our_fault_has_failed(
    rf: RequestFactory, tracer: Remembering, status: int, failed: bool
) -> None:
    answered(rf.get("/"), status=status)

    assert tracer.told[0].failed is failed


def test_of_work_that_is_not_wanted_no_part_is_told(
    rf: RequestFactory, tracer: Remembering
) -> None:
    tracer.wants = False

    assert answered(rf.get("/")) is False
    assert tracer.told == []


def test_who_watches_the_process_leaves_nothing(rf: RequestFactory, tracer: Remembering) -> None:
    assert answered(rf.get("/healthz")) is False
    assert tracer.told == []


def test_parts_outside_of_any_work_are_told_to_nobody(tracer: Remembering) -> None:
    with spans.part("SELECT"):
        pass

    assert tracer.told == []


@pytest.mark.parametrize(
    ("proxies", "trace", "believed"), [(1, ID, True), (1, "f" * 32, False), (0, ID, False)]
)
def test_only_our_own_proxy_says_in_which_span_it_asks(
    rf: RequestFactory, tracer: Remembering, settings: Any, proxies: int, trace: str, believed: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    given = {"X-Request-ID": ID, "Traceparent": f"00-{trace}-{ASKING}-01"}

    answered(rf.get("/", headers=given))

    assert tracer.told[0].facts["asked_by"] == (ASKING if believed else "")


@pytest.mark.parametrize(("proxies", "believed"), [(1, True), (0, False)])
def test_a_proxy_that_traces_and_gives_no_id_has_named_the_request(
    rf: RequestFactory, tracer: Remembering, settings: Any, proxies: int, believed: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies

    answered(rf.get("/", headers={"Traceparent": f"00-{ID}-{ASKING}-01"}))

    facts = tracer.told[0].facts
    assert (facts["request_id"] == ID, facts["asked_by"] == ASKING) == (believed, believed)


def test_without_a_tracer_nothing_is_told(rf: RequestFactory, settings: Any) -> None:
    settings.TRACER, settings.WATCHED = "", set()

    assert answered(rf.get("/")) is False
    assert spans.part("SELECT") is spans._NOT_TOLD

"""Which requests are traced, under which id, and whose word is believed about it."""

import secrets
import uuid
from collections.abc import Callable

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from novashop import tracing
from shop.lib import requests
from shop.lib.spans import Kind

pytestmark = pytest.mark.once

ID = "0123456789abcdef" * 2
ASKING = "00f067aa0ba902b7"


@pytest.fixture
def told() -> InMemorySpanExporter:
    return InMemorySpanExporter()


def tracer(told: InMemorySpanExporter, *, share: float = 1) -> tracing.Tracer:
    provider = TracerProvider(id_generator=tracing._Ids(), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(told))
    return tracing.Tracer(provider.get_tracer("tests"), share=share)


# --- Ids ------------------------------------------------------------------------------------------


def test_the_trace_of_a_request_has_its_id() -> None:
    assert f"{tracing.trace_id_of(ID):032x}" == ID
    assert tracing.trace_id_of("01234567-89AB-cdef-0123-456789abcdef") == int(ID, 16)


@pytest.mark.parametrize("given", ["the-order", "", "0" * 32, "½", "g" * 32])
def test_another_id_is_a_trace_too_and_always_the_same(given: str) -> None:
    assert 0 < tracing.trace_id_of(given) < 1 << 128
    assert tracing.trace_id_of(given) == tracing.trace_id_of(given)
    assert tracing.trace_id_of(given) != tracing.trace_id_of("another")


def test_whoever_works_for_a_request_is_in_its_trace(told: InMemorySpanExporter) -> None:
    tells = tracer(told)

    for kind in (Kind.REQUEST, Kind.HANDLER):
        whole = tells.whole(kind, "x", request_id=ID, asked_by="")
        with requests.working_for(ID), whole, tells.part("SELECT", {}):
            pass

    spans = told.get_finished_spans()
    assert {span.context.trace_id for span in spans if span.context} == {int(ID, 16)}
    assert [span.name for span in spans if span.parent is None] == ["x", "x"]


@pytest.mark.parametrize(("given", "parent"), [(ASKING, ASKING), ("", None), ("0" * 16, None)])
def test_the_span_of_our_proxy_comes_first(
    told: InMemorySpanExporter, given: str, parent: str | None
) -> None:
    whole = tracer(told).whole(Kind.REQUEST, "x", request_id=ID, asked_by=given)
    with requests.working_for(ID), whole:
        pass

    (span,) = told.get_finished_spans()
    assert (span.parent and f"{span.parent.span_id:016x}") == parent
    assert span.context
    assert span.context.trace_id == int(ID, 16)


# --- Which ones -----------------------------------------------------------------------------------


def _of_nginx() -> str:
    return secrets.token_hex(16)


def _of_envoy() -> str:
    return str(uuid.uuid4())


@pytest.mark.parametrize("new_id", [_of_nginx, _of_envoy])
@pytest.mark.parametrize("share", [0, 0.1, 1])
def test_the_share_is_kept_whatever_ids_are_like(
    told: InMemorySpanExporter, new_id: Callable[[], str], share: float
) -> None:
    """By its first bits of the lower half, no UUID would ever be among a tenth."""
    tells = tracer(told, share=share)

    wanted = sum(tells.is_wanted(new_id()) for _ in range(5000))

    # Of 5,000, a tenth is 500; to be off by 150 is a matter of seven standard deviations.
    assert wanted == pytest.approx(5000 * share, abs=150 * (0 < share < 1))


def test_of_what_is_not_wanted_nothing_is_told(told: InMemorySpanExporter) -> None:
    nothing = tracer(told, share=0).whole(Kind.REQUEST, "x", request_id=ID, asked_by=ASKING)

    with requests.working_for(ID), nothing as span:
        assert span is None

    assert told.get_finished_spans() == ()


# --- What went wrong ------------------------------------------------------------------------------


def test_what_went_wrong_is_told_without_what_it_quotes(told: InMemorySpanExporter) -> None:
    tells = tracer(told)

    with (
        pytest.raises(ValueError, match="Alice"),
        requests.working_for(ID),
        tells.whole(Kind.HANDLER, "x", request_id=ID, asked_by=""),
        tells.part("SELECT", {}),
    ):
        raise ValueError("'Alice' has alice@example.com\nand more of Alice")

    part, whole = told.get_finished_spans()
    for span in (part, whole):
        assert span.status.description == "ValueError: … has <e-mail>"
        assert span.attributes
        assert span.attributes["error.type"] == "ValueError"
        assert list(span.events) == []

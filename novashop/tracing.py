"""Traces for a collector of OpenTelemetry's: each request, and what it waited for.

A trace has the request's own id, so that the page of an error, the log, the database's log and the
trace all say the same. Read only where the setting asks for it: it imports OpenTelemetry.
"""

import contextlib
import hashlib
import logging
import os
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from types import TracebackType

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanKind, Status, StatusCode

from novashop import eyes
from shop.lib import masks, metrics, requests, spans

logger = logging.getLogger(__name__)

_KINDS = {spans.Kind.REQUEST: SpanKind.SERVER, spans.Kind.HANDLER: SpanKind.CONSUMER}
# As W3C has it, the last seven bytes are random, also in an id that is a UUID.
_RANDOM_BITS = 56
_HEXADECIMAL = re.compile(r"[0-9a-f]{32}", re.ASCII)
# A collector that does not answer keeps a thread of ours busy, and nobody else.
_SECONDS_TO_SEND = "3"


def start() -> spans.Tracer:
    """Return what tells the collector, from now on, in this process."""
    last_word = _LastWord()
    # The library speaks of each attempt and each span; what one needs to know is said below.
    theirs = logging.getLogger("opentelemetry")
    theirs.handlers, theirs.propagate = [last_word], False
    os.environ.setdefault("OTEL_EXPORTER_OTLP_TIMEOUT", _SECONDS_TO_SEND)
    provider = TracerProvider(
        sampler=ALWAYS_ON, resource=_resource(), id_generator=_Ids(), shutdown_on_exit=False
    )
    try:
        processor = _Batches(Reporting(OTLPSpanExporter(), last_word=last_word))
    except ValueError as error:
        raise ImproperlyConfigured(f"the settings OTEL_… make no sense: {error}") from error
    provider.add_span_processor(processor)
    eyes.before_the_end(provider.shutdown)
    return Tracer(provider.get_tracer("novashop", settings.VERSION), share=settings.TRACES_SHARE)


def _resource() -> Resource:
    """Return what is said of this process; OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win."""
    ours = {
        "service.name": "novashop",
        "service.version": settings.VERSION,
        "service.instance.id": settings.PROCESS or f"{metrics.LANE}-{os.getpid()}",
        "host.name": socket.gethostname(),
        "novashop.lane": metrics.LANE,
    }
    return Resource(ours).merge(OTELResourceDetector().detect())


def trace_id_of(request_id: str) -> int:
    """Return the trace of a request: its id, where that is 32 hexadecimal digits or a UUID."""
    digits = request_id.replace("-", "").lower()
    if _HEXADECIMAL.fullmatch(digits) and (number := int(digits, 16)):
        return number
    return int.from_bytes(hashlib.sha256(request_id.encode()).digest()[:16])


class _Ids(RandomIdGenerator):
    """Every piece of work is in the trace of its request, whichever process does it."""

    def generate_trace_id(self) -> int:
        return trace_id_of(requests.current_id())


class Tracer:
    """Tells of requests and handlers; whether, the trace's id decides, so that all agree."""

    def __init__(self, tracer: trace.Tracer, *, share: float) -> None:
        self._tracer = tracer
        # The largest ids, as OpenTelemetry's own rule has it.
        self._least = round((1 - share) * (1 << _RANDOM_BITS))

    def is_wanted(self, request_id: str) -> bool:
        number = trace_id_of(request_id) % (1 << _RANDOM_BITS)
        return number >= self._least

    @contextlib.contextmanager
    def whole(
        self, kind: spans.Kind, name: str, *, request_id: str, asked_by: str
    ) -> "Iterator[Span | None]":
        """Tell of the block, if its trace is wanted."""
        if not self.is_wanted(request_id):
            yield None
            return
        told = self._tracer.start_span(
            name,
            context=_asked_by(asked_by, request_id=request_id),
            kind=_KINDS[kind],
            attributes={"novashop.request_id": request_id},
        )
        current = trace.use_span(told, record_exception=False, set_status_on_exception=False)
        with Span(told) as span, current:
            yield span

    def part(self, name: str, facts: spans.Facts) -> AbstractContextManager[object]:
        """Tell of the block as part of what is being done."""
        told = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=dict(facts))
        return Span(told)


def _asked_by(span_id: str, *, request_id: str) -> Context:
    """Return the context of the proxy's span; an empty one where it has none."""
    if not span_id.strip("0"):
        return Context()
    asking = trace.SpanContext(
        trace_id_of(request_id),
        int(span_id, 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(asking), Context())


class Span:
    """A stretch of time that ends with its block. What went wrong is told as the log would."""

    __slots__ = ("_told",)

    def __init__(self, told: trace.Span) -> None:
        self._told = told

    def rename(self, name: str) -> None:
        self._told.update_name(name)

    def tell(self, facts: spans.Facts) -> None:
        self._told.set_attributes(facts)

    def fail(self) -> None:
        self._told.set_status(Status(StatusCode.ERROR))

    def __enter__(self) -> "Span":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self._told.set_attribute("error.type", type(error).__qualname__)
            self._told.set_status(Status(StatusCode.ERROR, masks.masked_error(error)))
        self._told.end()


# --- On the way to the collector ------------------------------------------------------------------


class _LastWord(logging.Handler):
    """Keeps what the library said last, which is why a batch was lost."""

    said = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.said = record.getMessage()


class Reporting(SpanExporter):
    """Says once when the collector takes no traces, and once when it does again."""

    def __init__(self, exporter: SpanExporter, *, last_word: _LastWord) -> None:
        self._exporter = exporter
        self._last_word = last_word
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; what cannot be sent is lost."""
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._note_taken()
        else:
            self._note_lost(len(spans))
        return result

    def _note_lost(self, count: int) -> None:
        if not self._lost:
            logger.warning("The collector takes no traces: %s", self._last_word.said)
        self._lost += count

    def _note_taken(self) -> None:
        if self._lost:
            logger.warning("The collector takes traces again; %d spans were lost", self._lost)
        self._lost = 0

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


class _Batches(BatchSpanProcessor):
    """Sends from a thread of its own. What is too much for its queue, 2,048 spans, is dropped."""

    def shutdown(self) -> None:
        # By itself it would wait half a minute for a collector that is away.
        self._batch_processor.shutdown(timeout_millis=int(eyes.SECONDS_TO_TELL * 1000))

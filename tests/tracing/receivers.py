"""What a shop tells others, taken by servers of the tests' own: a collector, and a Sentry."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

SECONDS_TO_COME = 30


_UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A span as the collector has it; ids in hexadecimal digits."""

    trace: str
    id: str
    parent: str
    name: str
    kind: int
    status: int
    why: str
    milliseconds: float
    facts: dict[str, Any]
    process: dict[str, Any]


class Receiver:
    """Listens on a port of this machine, and keeps what it is sent."""

    def __init__(self, port: int = 0) -> None:
        self.bodies: list[bytes] = []
        # What it answers with, and how long it takes.
        self.status = 200
        self.seconds = 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            """Takes a body."""

            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(receiver.seconds)
                body = _UNPACK[self.headers.get("Content-Encoding", "")](body)
                if receiver.status == 200:
                    receiver.bodies.append(body)
                self._answer(receiver.answer())

            def _answer(self, body: bytes) -> None:
                self.send_response(receiver.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self) -> bytes:
        return b"{}"

    @contextmanager
    def listening(self) -> Iterator[None]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


class Collector(Receiver):
    """Understands OTLP over HTTP."""

    def answer(self) -> bytes:
        return bytes(ExportTraceServiceResponse().SerializeToString())

    def spans(self) -> list[Told]:
        return [span for body in list(self.bodies) for span in _spans(body)]

    def wait_for(self, wanted: Callable[[Told], bool], *, count: int = 1) -> list[Told]:
        """Return the spans that are wanted, once there are so many."""
        deadline = time.monotonic() + SECONDS_TO_COME
        while len(found := [span for span in self.spans() if wanted(span)]) < count:
            names = sorted({span.name for span in self.spans()})
            assert time.monotonic() < deadline, f"it never came; there are {names}"
            time.sleep(0.05)
        return found


def _spans(body: bytes) -> Iterator[Told]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        process = _facts(resource.resource.attributes)
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Told(
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    name=span.name,
                    kind=span.kind,
                    status=span.status.code,
                    why=span.status.message,
                    milliseconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e6,
                    facts=_facts(span.attributes),
                    process=process,
                )


def _facts(attributes: Any) -> dict[str, Any]:
    kinds = (one.value.WhichOneof("value") for one in attributes)
    return {
        one.key: getattr(one.value, kind)
        for one, kind in zip(attributes, kinds, strict=True)
        if kind
    }


class Sentry(Receiver):
    """Understands envelopes."""

    @property
    def dsn(self) -> str:
        return f"http://key@127.0.0.1:{self.port}/1"

    def events(self) -> list[dict[str, Any]]:
        return [event for body in list(self.bodies) for event in _events(body)]

    def wait_for(self, **facts: object) -> dict[str, Any]:
        """Return the first event with these tags, which may still be coming."""
        deadline = time.monotonic() + SECONDS_TO_COME
        while True:
            for event in self.events():
                if facts.items() <= event["tags"].items():
                    return event
            assert time.monotonic() < deadline, f"no event has {facts}"
            time.sleep(0.05)


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    """Yield the events of an envelope: lines of headers, each before its payload."""
    _, *rest = body.split(b"\n")
    for header, payload in zip(rest[::2], rest[1::2], strict=False):
        if header and json.loads(header)["type"] == "event":
            yield json.loads(payload)

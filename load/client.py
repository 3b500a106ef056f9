"""A client that asks at a steady rate, whatever the answers do, and reads every byte of them.

It behaves as browsers and libraries do: what is safe to ask may go over a connection that was kept,
and is asked once more when that one turns out to have been closed before the first byte of an
answer. Everything else goes over a connection of its own, and once.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SAFE = {"GET", "HEAD"}
SECONDS_TO_ANSWER = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. A status of 0: nothing did, and `body` says why."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0


class _ClosedError(Exception):
    """The other end has closed the connection before it said anything."""


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.was_used = False

    async def ask(self, method: str, head: bytes, body: bytes) -> Answer:
        """Send the request and read the whole answer."""
        self.writer.write(head + body)
        try:
            await self.writer.drain()
            first = await self.reader.readuntil(b"\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            if getattr(error, "partial", b""):
                raise
            raise _ClosedError(repr(error)) from error
        self.was_used = True
        status, headers = _parse(first)
        content = b"" if method == "HEAD" or status in {204, 304} else await self._body(headers)
        return Answer(status, headers, content)

    async def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return b"".join([chunk async for chunk in self._chunks()])
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        return await self.reader.read()

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
            yield await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        await self.reader.readuntil(b"\r\n")

    def close(self) -> None:
        self.writer.close()


def _parse(first: bytes) -> tuple[int, dict[str, str]]:
    line, *rest = first.decode("latin-1").split("\r\n")
    pairs = (entry.partition(":") for entry in rest if entry)
    return int(line.split(" ", 2)[1]), {
        name.strip().lower(): value.strip() for name, _, value in pairs
    }


class Client:
    """Asks one server."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or 80
        self._name = parts.netloc
        self._idle: list[_Connection] = []
        # How often something safe was asked again, because its connection had been closed.
        self.repeated = 0

    async def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Return the answer, or one with the status 0."""
        began = time.monotonic()
        head = self._head(method, path, headers=headers or {}, length=len(body))
        try:
            async with asyncio.timeout(SECONDS_TO_ANSWER):
                answer = await self._ask(method, head, body)
        except (OSError, EOFError, ValueError, TimeoutError, _ClosedError) as error:
            answer = Answer(0, {}, repr(error).encode())
        return Answer(answer.status, answer.headers, answer.body, time.monotonic() - began)

    def _head(self, method: str, path: str, *, headers: Mapping[str, str], length: int) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._name}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if length or method not in SAFE:
            lines.append(f"Content-Length: {length}")
        if method not in SAFE:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    async def _ask(self, method: str, head: bytes, body: bytes) -> Answer:
        while True:
            connection = await self._connection(is_safe=method in SAFE)
            was_kept = connection.was_used
            kept = False
            try:
                answer = await connection.ask(method, head, body)
                kept = method in SAFE and answer.headers.get("connection") != "close"
                return answer
            except _ClosedError:
                if not was_kept:
                    raise
                self.repeated += 1
            finally:
                if kept:
                    self._idle.append(connection)
                else:
                    connection.close()

    async def _connection(self, *, is_safe: bool) -> _Connection:
        if is_safe and self._idle:
            return self._idle.pop()
        return _Connection(*await asyncio.open_connection(self._host, self._port))

    def close(self) -> None:
        """Close the connections that were kept."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()


@dataclass(slots=True)
class Tally:
    """What became of the requests of a run."""

    # How many were answered as they should be.
    good: int = 0
    # What was wrong with the others, in words.
    bad: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def note(self, complaint: str | None, *, seconds: float) -> None:
        """Count one request; a complaint says what was wrong with its answer."""
        self.seconds.append(seconds)
        if complaint is None:
            self.good += 1
        else:
            self.bad.append(complaint)


# Asks once, as the so-manyth, and says what was wrong with the answer, if anything.
Asking = Callable[[int], Awaitable[str | None]]


async def at_rate(asking: Asking, *, rate: float, count: int) -> Tally:
    """Ask `count` times, `rate` times a second, without waiting for answers in between."""
    tally = Tally()
    began = time.monotonic()

    async def once(number: int) -> None:
        start = time.monotonic()
        complaint = await asking(number)
        tally.note(complaint, seconds=time.monotonic() - start)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            group.create_task(once(number))
    return tally


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Client]:
    """Yield a client of this server, and close its connections afterwards."""
    client = Client(url)
    try:
        yield client
    finally:
        client.close()

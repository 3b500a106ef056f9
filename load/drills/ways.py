"""A small TCP proxy: what two parts say to each other can be delayed, or cut off, from outside.

It runs in a thread of its own. While nothing is the matter with a way, bytes are passed on as they
come.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections import deque
from collections.abc import Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

Result = TypeVar("Result")

HERE = "127.0.0.1"
_SECONDS_TO_DO = 10
# Closed so, the other end is told that the connection was reset.
_RESET = struct.pack("ii", 1, 0)

# A port of this machine, or a socket that is a file.
Target = int | Path


@dataclass(eq=False, slots=True)
class Way:
    """What leads from a port to a part. `delay` is that of each direction, in seconds."""

    target: Target
    port: int = 0
    delay: float = 0.0
    is_cut: bool = False
    ends: set["_End"] = field(default_factory=set)


class _End(asyncio.Protocol):
    """One of the two ends of a connection."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self.other: _End | None = None
        # What has still to be sent to this end, and when: None closes it.
        self._line: deque[tuple[float, bytes | None]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.way.ends.add(self)

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            self.other.take(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self.way.ends.discard(self)
        self._line.clear()
        if self.other is not None:
            self.other.take(None)

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.transport.resume_reading()

    def take(self, data: bytes | None) -> None:
        """Send this in its turn, when its time has come."""
        if not self._line and not self.way.delay:
            self._send(data)
            return
        loop = asyncio.get_running_loop()
        # Never before what came earlier, should the way be quicker by now.
        due = max(loop.time() + self.way.delay, self._line[-1][0] if self._line else 0.0)
        self._line.append((due, data))
        if len(self._line) == 1:
            loop.call_at(due, self._send_due)

    def _send_due(self) -> None:
        loop = asyncio.get_running_loop()
        while self._line and self._line[0][0] <= loop.time():
            self._send(self._line.popleft()[1])
        if self._line:
            loop.call_at(self._line[0][0], self._send_due)

    def _send(self, data: bytes | None) -> None:
        if data is None:
            self.transport.close()
        else:
            self.transport.write(data)

    def reset(self) -> None:
        """Break the connection off, as a machine does that knows of none."""
        sock = self.transport.get_extra_info("socket")
        if sock is not None and sock.family == socket.AF_INET:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()


class _Entry(_End):
    """The end of whoever has come to the port."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.way.is_cut:
            self.reset()
            return
        self.transport.pause_reading()
        self._task = asyncio.ensure_future(self._go_on())

    async def _go_on(self) -> None:
        """Connect to the part itself, and let them talk."""
        loop, target = asyncio.get_running_loop(), self.way.target
        try:
            if isinstance(target, Path):
                _, end = await loop.create_unix_connection(lambda: _End(self.way), str(target))
            else:
                _, end = await loop.create_connection(lambda: _End(self.way), HERE, target)
        except OSError:
            self.reset()
            return
        end.other, self.other = self, end
        if self.transport.is_closing():
            end.transport.close()
        else:
            self.transport.resume_reading()


class Ways:
    """All ways of a stack, and the thread that keeps them."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._all: list[Way] = []

    def open(self, target: Target) -> Way:
        """Return a way to it, from a port of its own."""
        return self._do(self._open(target))

    async def _open(self, target: Target) -> Way:
        way = Way(target)
        server = await self._loop.create_server(lambda: _Entry(way), HERE, 0, backlog=1024)
        way.port = server.sockets[0].getsockname()[1]
        self._servers.append(server)
        self._all.append(way)
        return way

    def slow(self, ways: Iterable[Way], *, seconds: float) -> None:
        """Let a question and its answer take so many seconds more, until they are mended."""
        self._do(self._set(ways, delay=seconds / 2))

    def cut(self, ways: Iterable[Way]) -> None:
        """Reset every connection, and each that comes, until they are mended."""
        self._do(self._set(ways, is_cut=True))

    def mend(self, ways: Iterable[Way]) -> None:
        """Let there be nothing the matter with them."""
        self._do(self._set(ways))

    async def _set(self, ways: Iterable[Way], *, delay: float = 0.0, is_cut: bool = False) -> None:
        for way in ways:
            way.delay, way.is_cut = delay, is_cut
            for end in [*way.ends] if is_cut else []:
                end.reset()

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS_TO_DO)

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        await self._set(self._all, is_cut=True)


@contextlib.contextmanager
def opened() -> Iterator[Ways]:
    """Yield ways, of which there is none yet; afterwards there is none any more."""
    ways = Ways()
    thread = threading.Thread(target=ways._loop.run_forever, name="ways", daemon=True)
    thread.start()
    try:
        yield ways
    finally:
        ways._do(ways._close())
        ways._loop.call_soon_threadsafe(ways._loop.stop)
        thread.join(_SECONDS_TO_DO)
        ways._loop.close()

"""Servers of other people: they listen on this machine, and answer as a test wants."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

HERE = "127.0.0.1"

Answering = Callable[[socket.socket], None]


@dataclass
class Peer:
    """A server that keeps what it was asked, and when each connection came."""

    port: int
    asked: list[bytes] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)

    def url(self, path: str = "/hook") -> str:
        return f"http://{HERE}:{self.port}{path}"

    def heads(self) -> list[dict[str, str]]:
        """Return the headers of each request, by their names in small letters."""
        return [_headers(asked) for asked in self.asked]

    def bodies(self) -> list[str]:
        """Return the body of each request."""
        return [asked.partition(b"\r\n\r\n")[2].decode() for asked in self.asked]


@contextlib.contextmanager
def peer(answer: Answering, *, context: ssl.SSLContext | None = None) -> Iterator[Peer]:
    """Listen meanwhile; each connection is answered in a thread of its own."""
    with socket.create_server((HERE, 0), backlog=200) as listening:
        listening.settimeout(0.05)
        found = Peer(listening.getsockname()[1])
        stop = threading.Event()
        thread = threading.Thread(
            target=_accept_until, args=(stop, listening, found, answer, context), daemon=True
        )
        thread.start()
        try:
            yield found
        finally:
            stop.set()
            thread.join()


def says(status: int, body: str = "", **headers: str) -> Answering:
    """Answer every request like this."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status} Said", f"Content-Length: {len(body.encode())}", *lines])
    return sends(f"{head}\r\n\r\n{body}".encode())


def sends(*parts: bytes, pause: float = 0.0) -> Answering:
    """Answer every request with these bytes, one part after the other."""

    def answer(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return answer


def stays_silent(seconds: float) -> Answering:
    """Say nothing for so long."""

    def answer(connection: socket.socket) -> None:
        connection.settimeout(seconds)
        connection.recv(1)

    return answer


def _accept_until(
    stop: threading.Event,
    listening: socket.socket,
    found: Peer,
    answer: Answering,
    context: ssl.SSLContext | None,
) -> None:
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            connection, _ = listening.accept()
            found.arrived.append(time.monotonic())
            threading.Thread(
                target=_answer, args=(connection, found, answer, context), daemon=True
            ).start()


def _answer(
    connection: socket.socket, found: Peer, answer: Answering, context: ssl.SSLContext | None
) -> None:
    # Whoever has asked may be gone before the answer is over, and most of these tests want that.
    with contextlib.suppress(OSError), connection:
        connection.settimeout(20)
        talk = context.wrap_socket(connection, server_side=True) if context else connection
        with talk:
            found.asked.append(_request(talk))
            answer(talk)


def _request(connection: socket.socket) -> bytes:
    asked = b""
    while b"\r\n\r\n" not in asked:
        asked += _some(connection)
    head, _, body = asked.partition(b"\r\n\r\n")
    length = int(_headers(asked)["content-length"])
    while len(body) < length:
        body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    said = connection.recv(65_536)
    if not said:
        raise ConnectionError("it has hung up")
    return said


def _headers(asked: bytes) -> dict[str, str]:
    lines = asked.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

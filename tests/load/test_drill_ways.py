"""What lies between two parts passes everything on, and can be slow, or cut."""

import contextlib
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from load.drills import ways
from load.drills.ways import Way, Ways

pytestmark = pytest.mark.once

SECONDS = 10
LARGE = b"harbour" * 300_000


class Echo(socketserver.BaseRequestHandler):
    """Says again what it hears."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            while data := self.request.recv(65_536):
                self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


class FileServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@pytest.fixture(params=["port", "file"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ways.Target]:
    server: socketserver.BaseServer
    if request.param == "port":
        server = port = Server(("127.0.0.1", 0), Echo)
        where: ways.Target = port.server_address[1]
    else:
        where = tmp_path / "socket"
        server = FileServer(str(where), Echo)
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield where
        server.shutdown()
        thread.join()


@pytest.fixture
def all_ways() -> Iterator[Ways]:
    with ways.opened() as opened:
        yield opened


@contextlib.contextmanager
def talking(way: Way) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", way.port), timeout=SECONDS) as connection:
        yield connection


def ask(connection: socket.socket, question: bytes) -> bytes:
    connection.sendall(question)
    return hear(connection, len(question))


def hear(connection: socket.socket, count: int) -> bytes:
    heard = b""
    while len(heard) < count and (data := connection.recv(65_536)):
        heard += data
    return heard


def test_what_is_said_arrives(all_ways: Ways, target: ways.Target) -> None:
    with talking(all_ways.open(target)) as connection:
        assert ask(connection, b"ahoy") == b"ahoy"


def test_however_much_it_is(all_ways: Ways, target: ways.Target) -> None:
    with talking(all_ways.open(target)) as connection:
        speaking = threading.Thread(target=connection.sendall, args=(LARGE,))
        speaking.start()
        assert hear(connection, len(LARGE)) == LARGE
        speaking.join()


def test_an_end_that_closes_is_an_end(all_ways: Ways, target: ways.Target) -> None:
    way = all_ways.open(target)
    with talking(way) as connection:
        assert ask(connection, b"ahoy") == b"ahoy"
        assert len(way.ends) == 2
    deadline = time.monotonic() + SECONDS
    while way.ends and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not way.ends


def test_slow_is_so_much_slower_there_and_back(all_ways: Ways, target: ways.Target) -> None:
    way = all_ways.open(target)
    with talking(way) as connection:
        ask(connection, b"ahoy")
        all_ways.slow([way], seconds=0.2)
        began = time.monotonic()
        assert ask(connection, b"who goes there") == b"who goes there"
        assert time.monotonic() - began >= 0.2


def test_what_was_slow_is_not_overtaken(all_ways: Ways, target: ways.Target) -> None:
    way = all_ways.open(target)
    with talking(way) as connection:
        ask(connection, b"ahoy")
        all_ways.slow([way], seconds=0.4)
        connection.sendall(b"first,")
        # Once it is under way.
        time.sleep(0.05)
        all_ways.mend([way])
        connection.sendall(b"second")
        assert hear(connection, 12) == b"first,second"


def test_cut_is_reset_for_whoever_is_there_and_whoever_comes(
    all_ways: Ways, target: ways.Target
) -> None:
    way = all_ways.open(target)
    with talking(way) as connection:
        ask(connection, b"ahoy")
        all_ways.cut([way])
        with pytest.raises(ConnectionError):
            ask(connection, b"ahoy")
    with pytest.raises(ConnectionError), talking(way) as connection:
        connection.recv(1)

    all_ways.mend([way])
    with talking(way) as connection:
        assert ask(connection, b"ahoy") == b"ahoy"


def test_other_ways_are_spared(all_ways: Ways, target: ways.Target) -> None:
    """The twin: what is not cut, or slow, goes on."""
    first, second = all_ways.open(target), all_ways.open(target)
    with talking(second) as connection:
        ask(connection, b"ahoy")
        all_ways.cut([first])
        assert ask(connection, b"ahoy") == b"ahoy"
    assert second.delay == 0.0


def test_a_part_that_is_away_is_a_reset(all_ways: Ways, tmp_path: Path) -> None:
    way = all_ways.open(tmp_path / "nobody")
    with pytest.raises(ConnectionError), talking(way) as connection:
        connection.recv(1)


def test_afterwards_nobody_is_there(target: ways.Target) -> None:
    with ways.opened() as opened:
        way = opened.open(target)
        connection = socket.create_connection(("127.0.0.1", way.port), timeout=SECONDS)
        ask(connection, b"ahoy")
    with connection, pytest.raises(ConnectionError):
        ask(connection, b"ahoy")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", way.port), timeout=SECONDS)

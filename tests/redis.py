"""A Redis of a test's own, that can be stopped, stalled and slowed; and processes that use it."""

import contextlib
import math
import os
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.servers import programs
from deploy.servers.account import Account
from deploy.servers.programs import NotInstalledError, ServerError
from deploy.servers.redis import Redis
from shop.lib.caches import keeper
from shop.lib.caches.backend import RedisCache
from shop.lib.caches.link import Link
from tests.waiting import wait_until

SECONDS_TO_START = 20
# So often keepers look in tests; those of time look as often as in the shop.
LOOK_SECONDS = 0.1


def say(path: Path, *words: str) -> bytes:
    """Send one command of plain words to the Redis on this socket, and return its answer."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(str(path))
        line.sendall((" ".join(words) + "\r\n").encode())
        return line.recv(65_536)


def keepers() -> int:
    """Count the keepers that live in this process."""
    return [thread.name for thread in threading.enumerate()].count("cache-keeper")


class PrivateRedis:
    """A real server below a folder, on a socket and, where asked for, on a port."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder, self._options = folder, options
        self._account = Account()
        self._account.own(folder)
        self._server = Redis(sockets=folder, account=self._account)
        self._server.move_within_reach(folder / "wheel")
        self.url = self._server.url
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [*self._server.command(), *self._options]
        self._process = self._account.start(command, folder=self._folder)
        wait_until(self._has_started, seconds=SECONDS_TO_START)

    def _has_started(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            self._server.check()
        except ServerError as error:
            # It answers, if only to say that it wants a password.
            return "NOAUTH" in str(error)
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End it without a word, as a machine that loses its power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stall(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def say(self, *words: str) -> bytes:
        """Send one command of plain words, past the shop's own client."""
        return say(self._server.socket, *words)


@contextlib.contextmanager
def private_redis(*options: str, wheel: bool = False) -> Iterator[PrivateRedis]:
    """Start a Redis and end it afterwards; skip where there is none, and fail where CI is set."""
    was, programs.WHEELS_ONLY = programs.WHEELS_ONLY, wheel or programs.WHEELS_ONLY
    folder = Path(tempfile.mkdtemp(prefix="novashop-redis-", dir=Account().shelf))
    try:
        server = PrivateRedis(folder, *options)
    except NotInstalledError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    finally:
        programs.WHEELS_ONLY = was
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class OneProcess(RedisCache):
    """The cache as a process of its own has it: with its own breaker, keeper and connections."""

    def __init__(self, url: str, *, patient: bool) -> None:
        super().__init__(url, {"KEY_PREFIX": "novashop"})
        self._own = Link(self._server, era_key=self._era_key)
        if patient:
            self._own.seconds, self._own.breaker.budget = 5.0, math.inf

    @property
    def link(self) -> Link:
        return self._own

    @property
    def is_used(self) -> bool:
        return self._own.breaker.is_closed

    def end(self) -> None:
        self._own.keeper.end()
        self._own.abandon()


@contextlib.contextmanager
def processes(
    url: str, number: int = 1, *, patient: bool = False, look_seconds: float = LOOK_SECONDS
) -> Iterator[list[OneProcess]]:
    """Yield so many, which do not know of each other.

    A patient one waits for Redis however busy the machine is: for tests of what is said, not when.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeper, "LOOK_SECONDS", look_seconds)
        made = [OneProcess(url, patient=patient) for _ in range(number)]
        try:
            yield made
        finally:
            for process in made:
                process.end()


class Between:
    """A TCP server between the shop and Redis that holds back or breaks off answers."""

    def __init__(self, path: str, *, delay: float = 0.0, most_bytes: int | None = None) -> None:
        self._path, self.delay, self.most_bytes = path, delay, most_bytes
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._door.getsockname()[1]}/0"
        threading.Thread(target=self._let_in, daemon=True).start()

    def _let_in(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with client, socket.socket(socket.AF_UNIX) as redis, contextlib.suppress(OSError):
            redis.connect(self._path)
            with selectors.DefaultSelector() as ready:
                ready.register(client, selectors.EVENT_READ, (client, redis))
                ready.register(redis, selectors.EVENT_READ, (redis, client))
                while all(self._pass_on(key.data) for key, _ in ready.select()):
                    pass

    def _pass_on(self, ends: tuple[socket.socket, socket.socket]) -> bool:
        """Carry one piece from one end to the other; tell whether there is more to come."""
        from_, to = ends
        piece = from_.recv(65_536)
        if from_.family == socket.AF_UNIX:
            time.sleep(self.delay)
            if self.most_bytes is not None:
                to.sendall(piece[: self.most_bytes])
                return False
        to.sendall(piece)
        return bool(piece)

    def close(self) -> None:
        self._door.close()


class Parrot:
    """A server that says the same to everybody, whatever they ask."""

    def __init__(self, words: bytes) -> None:
        self._words = words
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._door.getsockname()[1]}/0"
        threading.Thread(target=self._let_in, daemon=True).start()

    def _let_in(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            while client.recv(65_536):
                client.sendall(self._words * 2)

    def close(self) -> None:
        self._door.close()

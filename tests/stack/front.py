"""A real nginx with our configuration, and app servers behind it that tell what they were asked."""

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from deploy.nginx.site import Site, sends_compressed, write_private
from deploy.servers.account import Account
from shop.ops.tests.processes import free_port

HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as an app server has got it."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it came over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def value(self, name: str) -> str:
        """Return the value of a header that is there once."""
        (value,) = self.values(name)
        return value


# Answers a request: a status, headers and a body; None closes the connection instead.
Answering = Callable[[Asked], tuple[int, dict[str, str], bytes] | None]


def answer_plainly(asked: Asked) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "text/plain"}, f"{asked.method} {asked.path}".encode()


def fail(_: Asked) -> None:
    """Close the connection instead of an answer, once the request has been read."""


def leave(_: Asked) -> tuple[int, dict[str, str], bytes]:
    """Refuse, as an app server does that was told to close."""
    return 502, {"Connection": "close"}, b"leaving"


class Server(ThreadingHTTPServer):
    """Lets many wait at its door."""

    daemon_threads = True
    request_queue_size = 256


class App:
    """An app server in a thread. What it answers can be changed at any time."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answering: Answering = answer_plainly
        app = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # A body that waits until nginx has said that it has the head takes its time.
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                asked = Asked(
                    self.command,
                    self.requestline.split()[1],
                    list(self.headers.items()),
                    self.rfile.read(length),
                )
                app.asked.append(asked)
                found = app.answering(asked)
                if found is None:
                    self.close_connection = True
                    return
                status, headers, body = found
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Write nothing."""

        self._server = Server((HERE, 0), Handler)
        self.address = f"{HERE}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Front:
    """nginx, two app servers for pages and one for orders."""

    program: Path
    folder: Path
    port: int
    pages: list[App]
    orders: App
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def apps(self) -> list[App]:
        return [*self.pages, self.orders]

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def address(self) -> str:
        """The name and the port that the app is told of."""
        return f"{HERE}:{self.port}"

    @property
    def asked(self) -> list[Asked]:
        """Everything that has reached any of the app servers."""
        return [asked for app in self.apps for asked in app.asked]

    def site(self, **other: Any) -> Site:
        wish: dict[str, Any] = {
            "browse": [app.address for app in self.pages],
            "order": [self.orders.address],
            "listen": self.address,
            "names": ["127.0.0.1", "localhost", "[::1]", ".example.org"],
            "files": self.files,
            "throttle": False,
            "gzip_static": sends_compressed(self.program),
            "access_log": str(self.folder / "access.json"),
            "error_log": str(self.folder / "error.log"),
        }
        return Site(**wish | other)

    def command(self, *options: str) -> list[str]:
        where = ["-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        return [str(self.program), *where, *options]

    def test(self) -> str:
        """Return what nginx says of its configuration."""
        done = subprocess.run(self.command("-t"), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def write(self, site: Site, *, change: Callable[[str], str] = str) -> None:
        account = Account("www-data", "nginx", "nobody").name or ""
        file = write_private(site, folder=self.folder, account=account, workers=2)
        file.write_text(change(file.read_text()))

    @contextlib.contextmanager
    def started(self, *, change: Callable[[str], str] = str, **site: Any) -> Iterator["Front"]:
        self.write(self.site(**site), change=change)
        self.process = subprocess.Popen(self.command("-g", "daemon off;"))
        try:
            self._wait_until_open()
            yield self
        finally:
            self.process.terminate()
            self.process.wait(timeout=20)

    def _wait_until_open(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection((HERE, self.port), timeout=5).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def ask(
        self,
        target: str,
        *headers: str,
        method: str = "GET",
        body: bytes = b"",
        host: str | None = "127.0.0.1",
        protocol: str = "HTTP/1.1",
        source: str = HERE,
    ) -> Said:
        """Send exactly this, over a connection of its own, and return what comes back."""
        lines = [f"{method} {target} {protocol}"]
        lines += [f"Host: {host}"] if host is not None else []
        lines += ["Connection: close", *headers]
        lines += [f"Content-Length: {len(body)}"] if body else []
        with socket.create_connection(
            (HERE, self.port), timeout=30, source_address=(source, 0)
        ) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
            with contextlib.suppress(OSError):
                # What is refused by its length is not read to its end.
                connection.sendall(body)
            return read_answer(connection)

    def log(self, *, lines: int) -> list[dict[str, Any]]:
        """Return the log once it has so many lines; a line is written after its answer."""
        file = self.folder / "access.json"
        deadline = time.monotonic() + 10
        while len(found := file.read_text().splitlines()) < lines and time.monotonic() < deadline:
            if self.process is not None:
                # Who opens its logs anew writes down what it has.
                self.process.send_signal(signal.SIGUSR1)
            time.sleep(0.02)
        return [json.loads(line) for line in found]


def read_answer(connection: socket.socket) -> Said:
    """Read until the other end closes."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            received += piece
    if not received:
        return Said(0, [], b"")
    head, _, body = received.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = [(line.partition(":")[0], line.partition(":")[2].strip()) for line in rest]
    if ("Transfer-Encoding", "chunked") in headers:
        body = _unchunked(body)
    return Said(int(first.split()[1]), headers, body)


def _unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        whole += body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]
    return whole


@contextlib.contextmanager
def opened(program: Path) -> Iterator[Front]:
    """Yield an nginx that is not started yet, in a folder that its workers can enter."""
    folder = Path(tempfile.mkdtemp(prefix="novashop-nginx-", dir="/tmp"))
    folder.chmod(0o755)
    (folder / "files").mkdir()
    apps = [App() for _ in range(3)]
    try:
        yield Front(program, folder, free_port(), pages=apps[:2], orders=apps[2])
    finally:
        for app in apps:
            with contextlib.suppress(OSError):
                app.close()
        shutil.rmtree(folder)

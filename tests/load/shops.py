"""A small shop of its own to send a crowd to: SQLite and one app server."""

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from load import goods

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_OPEN = 120
FLASH = ("Red lantern", "Green lantern", "Blue lantern")


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop that is open; `environment` is what `manage.py` needs to work on it."""

    url: str
    folder: Path
    environment: dict[str, str]

    @contextlib.contextmanager
    def broken_by(self, trigger: str) -> Iterator[None]:
        """Let the database do something wrong by itself; then put it back as it was before."""
        before = self.folder / "before.sqlite3"
        self._copy(self._database, before)
        try:
            with contextlib.closing(sqlite3.connect(self._database, timeout=30)) as connection:
                connection.execute(f"CREATE TRIGGER broken {trigger}")
                connection.commit()
            yield
        finally:
            self._copy(before, self._database)

    @property
    def _database(self) -> Path:
        return self.folder / "novashop.sqlite3"

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        with (
            contextlib.closing(sqlite3.connect(source, timeout=30)) as read,
            contextlib.closing(sqlite3.connect(target, timeout=30)) as written,
        ):
            read.backup(written)


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Shop]:
    """Make a shop with plenty of everything but lanterns, serve it, and end it."""
    environment = {**os.environ, "DATA_DIR": str(folder), "THROTTLE": "off"}
    for name in ("DATABASE_URL", "REDIS_URL"):
        environment.pop(name, None)
    goods.write(folder / "goods.csv", flash_units=3)
    lines = [f"{name.split()[0].lower()}-lantern,{name},20.00,2" for name in FLASH]
    (folder / "lanterns.csv").write_text("\n".join(["sku,name,price,stock", *lines]))
    files = [str(folder / name) for name in ("goods.csv", "lanterns.csv")]
    for command in (["migrate", "--verbosity", "0"], ["import_catalogue", *files]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            check=True,
        )
    with _served(folder, environment) as url:
        yield Shop(url=url, folder=folder, environment=environment)


@contextlib.contextmanager
def _served(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    port = _free_port()
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_open(url, server, log)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_open(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_OPEN
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=5):  # noqa: S310
            return
        time.sleep(0.1)
    raise AssertionError(f"the shop did not open:\n{log.read_text(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

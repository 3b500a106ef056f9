"""A shop of two processes, an app server and a relay, with their logs as programs read them."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.stack.plan import free_ports
from deploy.stack.settings import ROOT
from tests.stack.visiting import Visitor

MANAGE = [sys.executable, str(ROOT / "manage.py")]
SECONDS_TO_OPEN = 300
SECONDS_TO_CLOSE = 30


class Shop:
    """What two processes keep in one folder, and what they have written."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.mail = folder / "mail"
        self.environment = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(folder),
            "SECRET_KEY": "known-to-every-test-and-to-nobody-else-in-the-world-0",
            "EMAIL_URL": f"filemail:///{self.mail}",
            "RELAY": "process",
            "LOG": "json",
            "TRUSTED_PROXIES": "1",
            "METRICS_DIR": str(folder / "metrics"),
            **settings,
        }

    def visitor(self, address: str, **headers: str) -> Visitor:
        return Visitor(self.url, {"X-Forwarded-For": address, **headers})

    def written(self) -> str:
        """Return everything the processes wrote into their logs."""
        return "".join(file.read_text() for file in sorted(self.folder.glob("*.err")))

    def records(self) -> list[dict[str, Any]]:
        """Return all records; a line that is no object fails the test."""
        return [json.loads(line) for line in self.written().splitlines()]

    def wait_for(self, **facts: object) -> dict[str, Any]:
        """Return the first record that says this, which may still be coming."""
        deadline = time.monotonic() + SECONDS_TO_CLOSE
        while True:
            for record in self.records():
                if facts.items() <= record.items():
                    return record
            assert time.monotonic() < deadline, f"no record says {facts}"
            time.sleep(0.1)

    def execute(self, sql: str) -> list[Any]:
        with contextlib.closing(sqlite3.connect(self.folder / "novashop.sqlite3")) as database:
            rows = database.execute(sql).fetchall()
            database.commit()
        return rows

    @contextlib.contextmanager
    def running(
        self, name: str, *command: str, **settings: str
    ) -> "Iterator[subprocess.Popen[str]]":
        """Run `manage.py …` under a name, and close it as a supervisor does."""
        environment: Mapping[str, str] = {**self.environment, "PROCESS": name, **settings}
        with (
            (self.folder / f"{name}.out").open("a") as out,
            (self.folder / f"{name}.err").open("a") as err,
        ):
            process = subprocess.Popen(
                [*MANAGE, *command], env=environment, stdout=out, stderr=err, text=True, cwd=ROOT
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(SECONDS_TO_CLOSE)

    def wait_until_open(self, port: int | None = None) -> None:
        visitor = Visitor(f"http://127.0.0.1:{port or self.port}")
        deadline = time.monotonic() + SECONDS_TO_OPEN
        while True:
            try:
                visitor.get("/healthz")
                return
            except OSError:
                assert time.monotonic() < deadline, self.written()
                time.sleep(0.1)


@contextlib.contextmanager
def opened(folder: Path, **settings: str) -> Iterator[Shop]:
    """Open a shop with the demo in it."""
    shop = Shop(folder, **settings)
    with shop.running("app", "serve", "--port", str(shop.port)):
        shop.wait_until_open()
        with shop.running("relay", "relay"):
            yield shop

"""The crowd of a drill: Locust's people, full carts for those who insist, and a watcher."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.stack.client import Stack
from deploy.stack.settings import ROOT
from load import catalogue
from load.bench.figures import MeasurementError
from load.bench.processes import end
from load.bench.shop import inside
from load.drills.seeing import Requests
from load.drills.watching import Looks

_PEOPLE = ("Browser", "Buyer", "Client", "Insistent")
_SPAWNED_A_SECOND = 10
# Carts are made for so long at once: fewer, and larger, interruptions.
_SECONDS_OF_CARTS = 300


@dataclass(slots=True, kw_only=True)
class Crowd:
    """People who shop, by a port of this machine. `rate` of them order once a second each."""

    stack: Stack
    folder: Path
    rate: int
    users: int
    carts: int = 0
    began: float = 0.0

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def requests(self) -> Requests:
        return Requests(self.folder / "requests.jsonl")

    def fill_carts(self, *, seconds: float) -> None:
        """See to it that there are carts for so long. Raises MeasurementError."""
        used = (time.monotonic() - self.began) * self.rate if self.began else 0.0
        needed = round(used + seconds * self.rate) + self.rate
        if needed <= self.carts:
            return
        more = needed - self.carts + _SECONDS_OF_CARTS * self.rate
        new = self.folder / "new-carts"
        inside(self.stack.environment, "buyers", str(new), "--count", str(more))
        with (self.folder / "carts").open("a", encoding="utf-8") as file:
            file.write(new.read_text(encoding="utf-8"))
        self.carts += more

    @contextlib.contextmanager
    def shopping(self, *, port: int) -> Iterator["subprocess.Popen[bytes]"]:
        """Let them in at the port; afterwards they have gone. Raises CannotRunError."""
        url = f"http://127.0.0.1:{port}"
        flash = catalogue.read(url).flash.id
        for name in ("carts", "requests.jsonl"):
            (self.folder / name).touch()
        self.began = time.monotonic()
        command = [
            *(sys.executable, "-m", "locust", "-f", "load/drills/locustfile.py", *_PEOPLE),
            *("--headless", "--host", url, "--users", str(self.users + self.rate)),
            *("--spawn-rate", str(_SPAWNED_A_SECOND), "--stop-timeout", "10", "--only-summary"),
            *("--flash", str(flash), "--rate", str(self.rate), "--journal", str(self.journal)),
            *("--carts", str(self.folder / "carts")),
            *("--requests", str(self.folder / "requests.jsonl")),
        ]
        with running(command, log=self.folder / "locust.log") as process:
            yield process

    @contextlib.contextmanager
    def watched(self) -> Iterator[Looks]:
        """Look at the shop's news all the while."""
        file = self.folder / "looks.jsonl"
        command = [sys.executable, "-m", "load.drills.watching", str(file)]
        log = self.folder / "watching.log"
        with running(command, log=log, environment=self.stack.environment):
            yield Looks(file)


@contextlib.contextmanager
def running(
    command: list[str], *, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program until the block is left."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        end(process)


def check(process: "subprocess.Popen[bytes]", *, log: Path) -> None:
    """Raise MeasurementError where the crowd has gone by itself."""
    if process.poll() is not None:
        raise MeasurementError(f"the crowd has gone ({process.returncode}); {log} says why")

"""A stack of one's own, for tests, load and benches; and what a running one says of itself."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from deploy.stack.folders import Folders
from deploy.stack.plan import free_ports
from deploy.stack.settings import ROOT
from deploy.stack.supervisor import Supervisor

# What a stack may be asked to run on.
Database = Literal["postgresql", "mysql"]
Broker = Literal["rabbitmq", "none"]

SECONDS_TO_OPEN = 300
SECONDS_TO_CLOSE = 60
UP = [sys.executable, "-m", "deploy.stack", "up"]


def read_facts(data: Path) -> dict[str, Any]:
    """Return what stack.json says; raises FileNotFoundError while the stack is not healthy."""
    facts: dict[str, Any] = json.loads(Folders(data).facts.read_text(encoding="utf-8"))
    return facts


class NotOpenedError(Exception):
    """The message is everything that the stack wrote before it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A healthy stack. `out` has what it wrote to its window."""

    folder: Path
    out: Path
    process: subprocess.Popen[bytes]
    facts: dict[str, Any]

    @property
    def url(self) -> str:
        """Where nginx listens, without a slash at the end."""
        return str(self.facts["url"])

    @property
    def environment(self) -> dict[str, str]:
        """What manage.py needs to work on this stack, besides the usual PATH."""
        environment: dict[str, str] = self.facts["environment"]
        return environment

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(Path(self.facts["supervisor"]))

    def control(self, *words: str) -> str:
        """Give supervisorctl these words ("restart", "browse-1"), and return its answer."""
        file = str(Folders(self.folder).supervisor / "supervisord.conf")
        command = [sys.executable, "-m", "supervisor.supervisorctl", "-c", file, *words]
        # Its exit status tells of the programs' states.
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
        return done.stdout

    def pid_of(self, name: str) -> int:
        """Return the number of a program's first process; 0 while it is not running."""
        return int(self.supervisor.states()[name]["pid"])


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder for a stack, and remove all that the stack has left.

    Every account can come into it, unlike a test's own folder: root's servers are not root's.
    """
    folder = Path(tempfile.mkdtemp(prefix="novashop-stack-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        Folders(folder).remove()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def opened(
    *,
    folder: Path,
    apps: int = 2,
    database: Database = "postgresql",
    broker: Broker = "rabbitmq",
    throttle: bool = False,
    port: int | None = None,
    extra_environment: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """Start a stack in the folder, yield it when it is healthy, and end it.

    What is in the folder is kept. Raises NotOpenedError when it does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wish = {
        "port": port or free_ports(1)[0],
        "apps": apps,
        "database": database,
        "broker": broker,
    }
    options = [part for name, value in wish.items() for part in (f"--{name}", str(value))]
    own = {"DATA_DIR": str(folder), "THROTTLE": "on" if throttle else "off"}
    out = folder / "window.log"
    with out.open("wb") as window:
        process = subprocess.Popen(  # noqa: S603
            [*UP, *options],
            cwd=ROOT,
            env={**os.environ, **own, **(extra_environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=window,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        facts = _wait_until_open(folder, process=process, out=out)
        yield Stack(folder=folder.resolve(), out=out, process=process, facts=facts)
    finally:
        close(process)


def _wait_until_open(
    folder: Path, *, process: subprocess.Popen[bytes], out: Path
) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS_TO_OPEN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            facts = read_facts(folder)
            # Else they are what a stack left behind that was killed.
            if facts["pid"] == process.pid:
                return facts
        time.sleep(0.1)
    raise NotOpenedError(out.read_text(errors="replace"))


def close(process: subprocess.Popen[bytes]) -> int:
    """End the stack of this process, and return its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(timeout=SECONDS_TO_CLOSE)
    except subprocess.TimeoutExpired:
        # The kernel then ends what it has started.
        process.kill()
        process.wait()
        raise

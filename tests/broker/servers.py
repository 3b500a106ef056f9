"""A RabbitMQ of a test's own: started, killed and started again by its number, then thrown away."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from deploy.servers.account import Account
from deploy.servers.programs import ServerError
from deploy.servers.rabbitmq import RabbitMQ
from deploy.stack.plan import free_ports

SECONDS_TO_START = 120
SECONDS_TO_END = 60


class Broker:
    """A server that can be killed; its data stay."""

    def __init__(self, server: RabbitMQ) -> None:
        self._server = server
        self.url = server.url
        self._process: subprocess.Popen[bytes] | None = None
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        if self._daemon is None:
            self._daemon = self._begin(self._server.daemon_command())
            self._wait_until(self._server.check_daemon, self._daemon)
        self._process = self._begin(self._server.command())
        self._wait_until(self._server.check, self._process)

    def _begin(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self._server.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self._server.folder,
                env=self._server.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # The server and its helpers are ended together.
                start_new_session=True,
                **self._server.account._options,
            )

    def _wait_until(self, check: Callable[[], None], process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                check()
            except (OSError, ServerError) as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    text = (self._server.folder / "log").read_text(errors="replace")
                    raise ServerError(f"RabbitMQ does not start:\n{text[-2000:]}") from error
                time.sleep(0.1)
            else:
                return

    def settle(self) -> None:
        """Let it write down what queues there are: those just made do not outlive a power cut."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as somebody would who wants it ended."""
        self._end(signal.SIGTERM)

    def close(self) -> None:
        """End it, and the daemon that outlives it."""
        self.kill()
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait(SECONDS_TO_END)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGKILL:
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)
        self._process.wait(SECONDS_TO_END)
        self._process = None


@contextlib.contextmanager
def running_broker() -> Iterator[Broker]:
    """Yield a running broker. Raises NotInstalledError where there is none."""
    account = Account("rabbitmq", "nobody")
    with tempfile.TemporaryDirectory(dir=account.shelf, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        account.own(folder)
        first, second, third = free_ports(3)
        server = RabbitMQ(
            folder=folder, account=account, ports=(first, second, third), node="tests"
        )
        server.install()
        broker = Broker(server)
        try:
            broker.start()
            yield broker
        finally:
            broker.close()

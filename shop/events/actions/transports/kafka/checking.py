"""Whether Kafka is there."""

import socket
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings

_SECONDS_TO_ANSWER = 1
_PORT = 9092


def answers() -> bool | None:
    """Tell whether one of the servers lets somebody in within a moment."""
    return any(_answers(server) for server in settings.KAFKA_SERVERS)


def _answers(server: str) -> bool:
    place = urlsplit(f"//{server}")
    address = (place.hostname or "", place.port or _PORT)
    with suppress(OSError):
        socket.create_connection(address, timeout=_SECONDS_TO_ANSWER).close()
        return True
    return False

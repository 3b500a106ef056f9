"""Asking a server whether it is ready."""

import http.client
from collections.abc import Callable

from deploy.servers.programs import ServerError

SECONDS_TO_ANSWER = 5


def readiness(port: int, *, host: str = "127.0.0.1") -> Callable[[], None]:
    """Return a check that raises ServerError or OSError until the shop at the port is ready."""

    def check() -> None:
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS_TO_ANSWER)
        try:
            connection.request("GET", "/readyz", headers={"Host": "127.0.0.1"})
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != http.client.OK:
            raise ServerError(f"/readyz of port {port} answers {status}")

    return check

"""Whether the process of this container is alive: the images' health check, run as a file.

It starts every few seconds, so it imports next to nothing.
"""

import http.client
import sys

PORT = 8000
SECONDS = 2


def main() -> int:
    """Return 0 if the process answers /healthz."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz")
        return int(connection.getresponse().status != http.client.OK)
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())

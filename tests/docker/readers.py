"""People who read pages all the while, and note every answer that was not what it should be."""

import contextlib
import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

# nginx keeps what is for everybody. The others are asked of an app server each time.
PATHS = ("/", "/cart/", "/products/", "/accounts/login/", "/api/products/", "/healthz")
READERS = 3
# A pause of each reader between two pages. All of them together stay below what nginx takes from
# one address.
SECONDS_BETWEEN = 0.1
SECONDS_TO_WAIT = 30


@dataclass
class Reading:
    """What the readers have seen so far."""

    answers: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def count(self) -> int:
        return self.answers.total()

    @property
    def lost(self) -> dict[str, int]:
        """What was answered, and how often, where it was not the page."""
        return {answer: count for answer, count in self.answers.items() if answer != "200"}

    def note(self, answer: str, seconds: float) -> None:
        with self.lock:
            self.answers[answer] += 1
            self.slowest = max(self.slowest, seconds)

    def __str__(self) -> str:
        lost = sum(self.lost.values())
        return f"{self.count} pages read, {lost} lost, the slowest took {self.slowest:.2f} s"


@contextlib.contextmanager
def reading(port: int) -> Iterator[Reading]:
    """Read meanwhile."""
    found, end = Reading(), threading.Event()
    threads = [
        threading.Thread(target=_read, args=(port, number, found, end)) for number in range(READERS)
    ]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        end.set()
        for thread in threads:
            thread.join()


def _read(port: int, number: int, found: Reading, end: threading.Event) -> None:
    while not end.wait(SECONDS_BETWEEN):
        number += 1
        started = time.monotonic()
        answer = _ask(port, PATHS[number % len(PATHS)])
        found.note(answer, time.monotonic() - started)


def _ask(port: int, path: str) -> str:
    """Return the status of the answer, once it is here as a whole."""
    connection = http.client.HTTPConnection("localhost", port, timeout=SECONDS_TO_WAIT)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    else:
        return str(answer.status)
    finally:
        connection.close()

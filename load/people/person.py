"""What everybody does: ask, look at the answer, think."""

import random
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from geventhttpclient.header import Headers
from locust import FastHttpUser
from locust.contrib.fasthttp import ResponseContextManager
from locust.exception import RescheduleTask

from load.answers import Answer, Refusal, WrongAnswerError
from load.people import world

Read = TypeVar("Read")

_SECONDS = 30.0


class Person(FastHttpUser):
    """Somebody who asks the shop for something, and complains about every wrong answer."""

    abstract = True
    network_timeout = _SECONDS
    connection_timeout = _SECONDS
    # Seconds, shortest and longest, before the next thing is done.
    pause = (1.0, 1.0)

    def on_start(self) -> None:
        # People follow redirects themselves, so that each answer is looked at and counted.
        self.client.client.redirect_response_codes = frozenset()  # type: ignore[misc]

    def wait_time(self) -> float:
        """Return how long to think now; Locust asks between tasks as well."""
        return random.uniform(*self.pause)

    def think(self, shortest: float, longest: float) -> None:
        """Do nothing for a while, as people do."""
        self.pause = (shortest, longest)
        self.wait()

    @property
    def world(self) -> world.World:
        return world.current()

    def ask(
        self,
        method: str,
        path: str,
        *,
        name: str,
        read: Callable[[Answer], Read],
        data: str | None = None,
        json: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Read:
        """Return what the reader makes of the answer; a wrong one ends what the person was doing.

        `name` is its row in the statistics: the group of addresses (load/thresholds.py), then the
        address. A Refusal, which is no error where the reader allows it, gets a row of its own.
        """
        asked = self.client.request(
            method,
            path,
            name=name,
            catch_response=True,
            data=data,
            json=json,
            headers={"Accept-Encoding": "gzip", **(headers or {})},
        )
        with asked as response:
            try:
                said = read(self.answer(response))
            except WrongAnswerError as error:
                response.failure(str(error))
                raise RescheduleTask from error
            if isinstance(said, Refusal):
                response.request_meta["name"] = f"{name} refused: {said.code}"
            response.success()
        return said

    @staticmethod
    def answer(response: ResponseContextManager) -> Answer:
        """Return what the shop said, as readers take it."""
        return Answer(
            status=response.status_code,
            headers={name.lower(): str(value) for name, value in _items(response.headers)},
            body=bytes(response.content or b""),
            trouble=_trouble(getattr(response, "error", None)),
        )


def _items(headers: Headers | None) -> Iterable[tuple[str, str]]:
    """Return the headers as they were sent: as a dict, the library's own hold lists."""
    return headers.items() if headers else ()


def _trouble(error: Exception | None) -> str:
    """Return why there was no answer, without the address: the same trouble is one complaint."""
    return str(error or "").rpartition("original=")[2]

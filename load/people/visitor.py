"""Somebody with a browser: pages with all their files, links, forms, cookies."""

import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from gevent.pool import Pool
from locust.exception import RescheduleTask

from load.answers import Answer, Refusal, WrongAnswerError, check
from load.browser_cache import BrowserCache, files_of
from load.pages import Fields, notice
from load.people.person import Person

Read = TypeVar("Read")

# So many connections a browser opens to one shop.
_AT_ONCE = 6
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Visitor(Person):
    """Opens pages as a browser does: what it has is not fetched again."""

    abstract = True
    concurrency = _AT_ONCE

    def on_start(self) -> None:
        super().on_start()
        self._cache = BrowserCache()
        self._at = "/"

    def arrive(self) -> None:
        """Be somebody who has never been here: no cookies, nothing fetched."""
        self.client.cookiejar.clear()
        self._cache.clear()
        self._at = "/"

    def open(self, address: str, *, name: str, read: Callable[[Answer], Read]) -> Read:
        """Open a page, from the one before, with its style sheets, scripts and pictures."""
        seen: list[str] = []

        def looking(answer: Answer) -> Read:
            said = read(answer)
            seen.append(answer.text)
            return said

        path = _path(urljoin(self._at, address))
        said = self.ask("GET", path, name=name, read=looking, headers={"Referer": self._referer})
        self._at = path
        if not isinstance(said, Refusal):
            Pool(_AT_ONCE).map(self._fetch, files_of(seen[0]))
        return said

    def send(self, path: str, fields: Fields, *, name: str, read: Callable[[Answer], Read]) -> Read:
        """Send a form of the page that is open."""
        headers = {"Referer": self._referer, **_FORM}
        return self.ask("POST", path, name=name, read=read, data=urlencode(fields), headers=headers)

    @property
    def _referer(self) -> str:
        return f"{self.host}{self._at}"

    def _fetch(self, url: str) -> None:
        """Get a file, or learn that it has not changed."""
        if self._cache.is_fresh(url, now=time.time()):
            return
        headers = {"Accept-Encoding": "gzip", **self._cache.headers(url)}
        name = "files /media/" if "/media/" in url else "files /static/"
        asked = self.client.get(url, name=name, catch_response=True, headers=headers)
        with asked as response:
            answer = self.answer(response)
            try:
                _check_file(answer, may_be_unchanged="If-None-Match" in headers)
            except WrongAnswerError as error:
                response.failure(f"{error}: {url}")
            else:
                self._cache.keep(url, answer, now=time.time())
                response.success()


def leads_to(start: str) -> Callable[[Answer], str]:
    """Return a reader of redirects to an address that begins so; it returns the address."""

    def reading(answer: Answer) -> str:
        sentence = notice(answer.text)
        if answer.status != 302 and sentence:
            raise WrongAnswerError(f"{answer.status} instead of 302: {sentence}")
        location = _path(answer.location())
        check(location.startswith(start), f"sent to {location} instead of {start}")
        return location

    return reading


def leads_to_or_no(start: str) -> Callable[[Answer], str | Refusal]:
    """Return a reader that takes no for an answer where there are too few left (409)."""

    def reading(answer: Answer) -> str | Refusal:
        if answer.status == 409:
            sentence = notice(answer.text)
            if sentence.endswith("is sold out."):
                return Refusal("sold out")
            if sentence.startswith("Only ") and " left of " in sentence:
                return Refusal("too few left")
        return leads_to(start)(answer)

    return reading


def granted(said: "Read | Refusal") -> "Read":
    """Return what an honest buyer was given; give up, as people do, where there was too little."""
    if isinstance(said, Refusal):
        raise RescheduleTask
    return said


def _check_file(answer: Answer, *, may_be_unchanged: bool) -> None:
    answer.expect(*((200, 304) if may_be_unchanged else (200,)))
    check(answer.status == 304 or bool(answer.body), "an empty file")


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path

"""Answers that are kept: made once, never older than what they are made of, by one at a time."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from shop.lib.caches.errors import CacheAwayError
from shop.lib.public import generations, keeping, records
from shop.lib.public.answering import KEEP, public
from shop.lib.public.records import UntaggedError

pytestmark = pytest.mark.once


class Page:
    """A page that shows a text, and how often it was made."""

    def __init__(self) -> None:
        self.text, self.times, self.status = "first", 0, 200
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, _request: HttpRequest, product_id: int = 7) -> HttpResponse:
        self.times += 1
        text = f"{product_id} {self.text}"
        self.meanwhile()
        return HttpResponse(text, status=self.status)

    def change(self, text: str) -> None:
        """Change the text, as a verb does once it is committed."""
        self.text = text
        generations.renew(["product:7"])


@pytest.fixture
def page(settings: Any) -> Iterator[Page]:
    settings.KEEP_PAGES = True
    # A minute, as in Redis: a busy machine must not be mistaken for a change.
    cache: Any = caches["public"]
    before, cache.default_timeout = cache.default_timeout, 60
    yield Page()
    cache.default_timeout = before


def ask(
    page: Page, path: str = "/", product_id: int = 7, *, takes: str = "", knows: str = "",
    host: str = "testserver",
) -> HttpResponse:  # fmt: skip
    shown = public(generations=["product:{product_id}", "catalogue"], parameters=["q"])
    headers = {"Accept-Encoding": takes, "If-None-Match": knows, "Host": host}
    request = RequestFactory().get(path, headers=headers)
    response: Any = shown(page)(request, product_id=product_id)
    assert isinstance(response, HttpResponse)
    return response


def said(response: HttpResponse) -> tuple[str, str]:
    return response["X-Cache"], response.content.decode()


def test_it_is_made_once_until_it_changes(page: Page) -> None:
    assert [said(ask(page)) for _ in range(3)] == [
        ("made", "7 first"), ("hit", "7 first"), ("hit", "7 first"),
    ]  # fmt: skip
    page.change("second")
    assert [said(ask(page)) for _ in range(2)] == [("made", "7 second"), ("hit", "7 second")]
    assert page.times == 2


def test_what_changes_something_else_changes_nothing(page: Page) -> None:
    ask(page)
    ask(page, "/other", product_id=8)
    page.change("second")
    assert said(ask(page, "/other", product_id=8)) == ("hit", "8 first")
    generations.renew(["catalogue"])
    assert said(ask(page, "/other", product_id=8)) == ("made", "8 second")


def test_addresses_and_their_own_parameters_tell_answers_apart(page: Page) -> None:
    ask(page)
    assert ask(page, "/?x=1&_=2")["X-Cache"] == "hit"
    assert ask(page, "/?q=1")["X-Cache"] == "made"
    assert ask(page, "/?q=2")["X-Cache"] == "made"
    assert ask(page, host="localhost")["X-Cache"] == "made"


def test_it_is_kept_compressed_and_is_the_same_either_way(page: Page) -> None:
    plain, packed = ask(page), ask(page, takes="br, gzip;q=0.5")
    assert (packed["X-Cache"], packed["Content-Encoding"]) == ("hit", "gzip")
    assert gzip.decompress(packed.content) == plain.content
    assert plain["ETag"] == packed["ETag"]
    assert plain["Vary"] == packed["Vary"] == "Accept-Encoding"
    assert plain["Content-Type"] == packed["Content-Type"]
    for refuses in ("gzip;q=0", "identity", "x-gzipped"):
        assert "Content-Encoding" not in ask(page, takes=refuses)
    same = ask(page, knows=plain["ETag"])
    assert (same.status_code, same["Cache-Control"], same["X-Cache"]) == (304, KEEP, "hit")


@pytest.mark.parametrize("status", [301, 404, 429, 500])
def test_only_what_is_there_is_kept(page: Page, status: int) -> None:
    page.status = status
    assert [ask(page).status_code for _ in range(2)] == [status, status]
    assert page.times == 2


def test_what_is_large_is_not_kept(page: Page) -> None:
    page.text = "x" * (records.LARGEST_BODY + 1)
    assert [ask(page)["X-Cache"] for _ in range(2)] == ["made", "made"]


def test_nothing_is_kept_for_ever(page: Page) -> None:
    caches["public"].default_timeout = 0
    assert [ask(page)["X-Cache"] for _ in range(2)] == ["made", "made"]


def test_an_answer_that_is_made_of_nothing_is_an_error() -> None:
    with pytest.raises(UntaggedError):
        public(generations=[])


# --- A change while it is made ---


def change_meanwhile(page: Page) -> None:
    """Let somebody change the text after it was read, and before the answer is kept."""

    def change() -> None:
        page.meanwhile = lambda: None
        page.change("second")

    page.meanwhile = change


def test_what_is_changed_while_it_is_made_does_not_stay(page: Page) -> None:
    change_meanwhile(page)
    assert said(ask(page)) == ("made", "7 first")
    assert said(ask(page)) == ("made", "7 second")


def test_with_tokens_read_afterwards_it_would(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: whoever reads the tokens when the answer is there keeps the old for the new."""
    made = keeping._made

    def made_late(request: HttpRequest, place: Any, make: Callable[[], Any]) -> Any:
        response = make()
        return made(request, records.find(request, list(place.tokens)), lambda: response)

    monkeypatch.setattr(keeping, "_made", made_late)
    change_meanwhile(page)
    assert said(ask(page)) == ("made", "7 first")
    assert said(ask(page)) == ("hit", "7 first")


# --- Many at once ---


def test_while_one_makes_it_the_others_have_the_old_one(page: Page) -> None:
    ask(page)
    page.change("second")
    seen: list[HttpResponse] = []
    page.meanwhile = lambda: seen.append(ask(page))
    assert said(ask(page)) == ("made", "7 second")
    (old,) = seen
    assert said(old) == ("old", "7 first")
    # Nobody is to keep that.
    assert old["Cache-Control"] == "no-cache"
    assert said(ask(page)) == ("hit", "7 second")


def test_but_not_for_longer_than_a_second(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(page)
    page.change("second")
    monkeypatch.setattr(keeping, "CLAIM_SECONDS", 0.05)
    seen: list[tuple[str, str]] = []

    def look() -> None:
        page.meanwhile = lambda: None
        time.sleep(0.1)
        seen.append(said(ask(page)))

    page.meanwhile = look
    ask(page)
    assert seen == [("made", "7 second")]


def test_where_there_is_none_they_wait_for_it(page: Page) -> None:
    together = threading.Barrier(8)
    page.meanwhile = lambda: time.sleep(0.05)
    seen: list[tuple[str, str]] = []

    def look() -> None:
        together.wait()
        seen.append(said(ask(page)))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert page.times == 1
    assert sorted(seen) == [("hit", "7 first")] * 7 + [("made", "7 first")]


# --- Without a cache ---


def test_without_the_cache_each_one_is_made(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise CacheAwayError

    cache = caches["public"]
    monkeypatch.setattr(cache, "get_many", lambda _: {})
    monkeypatch.setattr(cache, "add", away)
    monkeypatch.setattr(cache, "set", away)
    assert [said(ask(page)) for _ in range(2)] == [("made", "7 first")] * 2


def test_a_cache_that_has_forgotten_makes_nothing_older_valid(page: Page) -> None:
    ask(page)
    caches["public"].delete_many([generations.key_of("product:7")])
    assert ask(page)["X-Cache"] == "made"

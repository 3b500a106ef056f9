"""Reading a page as its visitor does."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse

# What a person does not see, and what has no end tag.
_UNSEEN = {"head", "script", "style", "svg"}
_MARKS = {"br", "hr", "img", "input", "link", "meta"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag in _UNSEEN:
            self._unseen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._unseen and self._unseen[-1] == tag:
            self._unseen.pop()
        if tag not in {"b", "span", "small", "s", "a"} | _MARKS:
            self.texts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.texts.append(data)


def words(response: Any) -> str:
    """Return the text of a page's main part, its white space made plain."""
    return re.sub(r"\s+", " ", "".join(_read(_main(response)).texts)).strip()


def alert(response: Any) -> str:
    """Return what the page complains about; empty where it does not."""
    found = re.findall(r'role="alert">(.*?)</div>', _body(response), flags=re.DOTALL)
    return " ".join(words_of(part) for part in found)


def words_of(markup: str) -> str:
    """Return the text of a piece of markup."""
    return re.sub(r"\s+", " ", "".join(_read(markup).texts)).strip()


def fields(response: Any) -> dict[str, str]:
    """Return the names and values of the inputs in a page's main part."""
    inputs = (attributes for tag, attributes in _read(_main(response)).tags if tag == "input")
    return {found["name"]: found.get("value", "") for found in inputs if "name" in found}


def links(response: Any) -> list[str]:
    """Return the addresses a page's main part leads to, in their order."""
    return [found["href"] for tag, found in _read(_main(response)).tags if tag == "a"]


def tags(response: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every tag of a whole page with its attributes."""
    yield from _read(_body(response)).tags


def _read(markup: str) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    return reader


def _main(response: HttpResponse) -> str:
    body = _body(response)
    return body[body.index("<main") : body.index("</main>")]


def _body(response: HttpResponse) -> str:
    return response.content.decode()

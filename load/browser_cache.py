"""What a browser fetches with a page, and what it has already: style sheets, scripts, pictures."""

import re
from dataclasses import dataclass
from html import unescape

from load.answers import Answer

# What is below the window is fetched when somebody scrolls there, and most do not.
_PICTURES_IN_SIGHT = 8
_WIDTH_IN_LISTS, _WIDTH_ALONE = 320, 640

_STYLE = re.compile(r'<link rel="(?:stylesheet|icon)" href="([^"]*)"')
_SCRIPT = re.compile(r'<script src="([^"]*)"')
_PICTURE = re.compile(r"<picture>(.*?)</picture>", re.DOTALL)
_SOURCE = re.compile(r'<source type="image/avif" srcset="([^"]*)"')
_IMAGE = re.compile(r'<img class="picture" src="([^"]*)"')
_MAX_AGE = re.compile(r"max-age=(\d+)")


@dataclass(frozen=True, slots=True)
class _Kept:
    fresh_until: float
    etag: str


class BrowserCache:
    """Fetched files, as long as their headers allow."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    def clear(self) -> None:
        self._kept.clear()

    def is_fresh(self, url: str, *, now: float) -> bool:
        """Tell whether a file need not be asked for."""
        return url in self._kept and now < self._kept[url].fresh_until

    def headers(self, url: str) -> dict[str, str]:
        """Return the headers with which a file is asked for that may not have changed."""
        kept = self._kept.get(url)
        return {"If-None-Match": kept.etag} if kept and kept.etag else {}

    def keep(self, url: str, answer: Answer, *, now: float) -> None:
        """Remember a file that was sent, or that has not changed (304)."""
        age = _MAX_AGE.search(answer.headers.get("cache-control", ""))
        before = self._kept.get(url)
        etag = answer.headers.get("etag", before.etag if before else "")
        self._kept[url] = _Kept(fresh_until=now + (int(age[1]) if age else 0), etag=etag)


def files_of(text: str) -> list[str]:
    """Return what a browser fetches at once to show a page, each file once."""
    pictures = (_picture(html) for html in _PICTURE.findall(text)[:_PICTURES_IN_SIGHT])
    found = [*_STYLE.findall(text), *_SCRIPT.findall(text), *pictures]
    return [unescape(url) for url in dict.fromkeys(found) if url]


def _picture(html: str) -> str:
    """Return the file that fits: AVIF where there is one, wider where the page shows it large."""
    wanted = _WIDTH_ALONE if 'loading="eager"' in html else _WIDTH_IN_LISTS
    if source := _SOURCE.search(html):
        sized = {width: url for url, width in (each.split() for each in source[1].split(","))}
        return sized.get(f"{wanted}w") or next(iter(sized.values()))
    image = _IMAGE.search(html)
    return image[1] if image else ""

"""A visitor with a browser's habits, who remembers everything that is nobody else's business."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: where from, after redirects, and what it says."""

    status: int
    url: str
    headers: Message
    text: str

    @property
    def request_id(self) -> str:
        return str(self.headers["X-Request-ID"])

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(slots=True)
class Visitor:
    """Somebody at an address of the internet, whose word is passed on by our own proxy."""

    base: str
    headers: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    _jar: CookieJar = field(default_factory=CookieJar)

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask(path, None, headers)

    def form(self, path: str, at: str = "", **fields: str) -> Answer:
        """Fill in the form of a page, as it is shown, and send it to its own address."""
        page = self.get(at or path)
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        return self.post(page.url.removeprefix(self.base), **dict(hidden) | fields)

    def post(self, path: str, **fields: str) -> Answer:
        """Send fields and nothing else."""
        self.secrets |= {
            fields[name] for name in ("csrfmiddlewaretoken", "ticket") if name in fields
        }
        body = urllib.parse.urlencode(fields).encode()
        return self._ask(path, body, {"Origin": self.base})

    def send(self, path: str, body: Any, **headers: str) -> Answer:
        """Send JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._ask(path, data, {"Content-Type": "application/json", **headers})

    def _ask(self, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        method = headers.pop("method", "GET" if body is None else "POST")
        request = urllib.request.Request(  # noqa: S310  (the base is a shop's)
            self.base + path, data=body, headers=self.headers | headers, method=method
        )
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        try:
            with opener.open(request, timeout=_SECONDS) as got:
                answer = Answer(got.status, got.url, got.headers, got.read().decode())
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.url or "", error.headers, error.read().decode())
        self.secrets |= {
            cookie.value for cookie in self._jar if cookie.value and len(cookie.value) > 8
        }
        return answer

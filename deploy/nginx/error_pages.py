"""What nginx says where the app cannot: pages for people, problems (RFC 9457) for programs.

site.py writes them beside the other files that nginx sends. Each page is whole in itself, since
what it would ask for may be away as well.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from string import Template

PAGE = Template(Path(__file__).with_name("error_page.html.template").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What people read, and what programs do."""

    heading: str
    text: str
    code: str
    detail: str
    can_retry: bool = True


_AWAY = Words(
    heading="We will be right back",
    text="The shop does not answer just now. Nothing is lost: what is in your cart stays there."
    " If you have just ordered, look at your orders before you try again.",
    code="away",
    detail="The shop does not answer just now. Try again in a moment; with the same"
    " Idempotency-Key, an order stays one order.",
)
WORDS = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Words(
        heading="That is too large",
        text="What you sent is larger than the shop takes at this address.",
        code="too_large",
        detail="The request's body is too large.",
        can_retry=False,
    ),
    HTTPStatus.TOO_MANY_REQUESTS: Words(
        heading="A little slower, please",
        text="Very many requests came from where you are. Wait a few seconds, and go on.",
        code="too_many_requests",
        detail="Too many requests; try again in a few seconds.",
    ),
    HTTPStatus.BAD_GATEWAY: _AWAY,
    HTTPStatus.SERVICE_UNAVAILABLE: _AWAY,
    HTTPStatus.GATEWAY_TIMEOUT: Words(
        heading="This is taking too long",
        text="The shop has not answered in time. If you have just ordered, look at your orders"
        " before you try again.",
        code="away",
        detail="The shop has not answered in time. With the same Idempotency-Key, an order stays"
        " one order.",
    ),
}


def page(status: HTTPStatus) -> str:
    """Return the page for people."""
    words = WORDS[status]
    again = '<p><a href="">Try again</a></p>' if words.can_retry else ""
    home = '<p><a href="/">To the shop</a></p>'
    return PAGE.substitute(
        heading=words.heading, text=words.text, link=again or home, status=int(status)
    )


def problem(status: HTTPStatus) -> str:
    """Return the problem for programs."""
    words = WORDS[status]
    told = {
        "type": f"urn:novashop:problem:{words.code}",
        "title": words.code.replace("_", " ").capitalize(),
        "status": int(status),
        "detail": words.detail,
        "code": words.code,
    }
    return json.dumps(told) + "\n"


def files() -> dict[str, str]:
    """Return every file of the folder with what belongs into it."""
    pages = {f"{int(status)}.html": page(status) for status in WORDS}
    return pages | {f"{int(status)}.json": problem(status) for status in WORDS}


def write(folder: Path) -> None:
    """Write them all into the folder. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")

"""Reading what clients send: JSON of a bounded size, and nothing a database could choke on."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from shop.api.problems import TooLarge

LARGEST_BODY = 1_048_576


class JsonParser(BaseParser):
    """JSON in UTF-8 that could be written down again."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body says. Raises TooLarge or ParseError."""
        try:
            return _data(_body(stream).decode("utf-8"))
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        except ValueError as error:
            raise ParseError("The body is not JSON in UTF-8.") from error


class OneOfOurs(BaseContentNegotiation):
    """Picks the parser by the body's type, and a renderer the client likes, or else the first."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        liked = request.headers.get("Accept", "")
        for renderer in renderers:
            if renderer.media_type in liked:
                return renderer, renderer.media_type
        return renderers[0], renderers[0].media_type


def _body(stream: Any) -> bytes:
    body: bytes = stream.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        raise TooLarge
    return body


def _data(text: str) -> Any:
    data = json.loads(text, parse_constant=_refuse)
    if "\\u" in text:
        # Half of a pair (`"\ud800"`) is no text: it cannot be stored, nor told back in an answer.
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    return data


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")

"""The routes of the shop, as the resolver knows them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import RegexPattern

# Files of the developer's toolbar and of the pages' design: the same for everybody.
_NO_ROUTES_OF_OURS = ("static/", "__debug__/")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """An address with the names of what varies in it: `orders/<int:order_id>/`.

    Where Django has a regular expression, `^` and the name of the route stand for it.
    """

    address: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.address} ({self.name})" if self.name else self.address


def routes() -> list[Route]:
    """Return every route of the shop."""
    found = _walk(get_resolver().url_patterns)
    return [route for route in found if not route.address.startswith(_NO_ROUTES_OF_OURS)]


def fill(text: str, names: Mapping[str, Any]) -> str:
    """Put values for what varies in an address, or in a body. Raises KeyError."""
    return _PARAMETER.sub(lambda found: str(names[found[1]]), text)


def _walk(patterns: Iterable[Any], prefix: str = "", space: str = "") -> Iterator[Route]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            below = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, f"{prefix}{pattern.pattern}", below)
        else:
            name = pattern.name or ""
            is_regular = isinstance(pattern.pattern, RegexPattern)
            own = f"^{name}" if is_regular else str(pattern.pattern)
            yield Route(f"{prefix}{own}", f"{space}{name}" if name else "")

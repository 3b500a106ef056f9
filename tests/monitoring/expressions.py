"""What expressions of Prometheus name: metrics, and the labels that are asked of each."""

import re
from collections.abc import Iterator

_SELECTOR = re.compile(r"([a-zA-Z_][a-zA-Z0-9_:]*)\s*\{([^}]*)\}|\b(novashop[a-zA-Z0-9_:]*)")
_MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"')


def selectors(expression: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield every metric that is named, with the labels in its braces."""
    for named, matchers, bare in _SELECTOR.findall(expression):
        yield named or bare, frozenset(_MATCHER.findall(matchers))


def ours(expression: str) -> set[str]:
    """Return the shop's metrics and recorded rules that an expression names."""
    return {name for name, _ in selectors(expression) if name.startswith("novashop")}

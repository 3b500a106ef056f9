"""What a verb asks the database, query by query, so that a budget names what it pays for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

_QUOTED = r"""["`](\w+)["`]"""
# The first column tells the table: subqueries come later, and the FROM after them.
_SELECT = re.compile(rf"SELECT (?:DISTINCT )?(?:{_QUOTED}\.|.*?\bFROM {_QUOTED})", re.DOTALL)
_WRITE = re.compile(rf"(INSERT|UPDATE|DELETE)\b.*?{_QUOTED}", re.DOTALL)
_OPEN_AND_CLOSE = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET ")


@contextmanager
def queries_named() -> Iterator[list[str]]:
    """Yield a list that names, after the block, each of its queries: `SELECT cart_cart`.

    Statements that open and close transactions are left out.
    """
    names: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield names
    texts = [query["sql"].lstrip() for query in captured.captured_queries]
    names += [_name(text) for text in texts if not text.startswith(_OPEN_AND_CLOSE)]


def _name(text: str) -> str:
    if found := _SELECT.match(text):
        return f"SELECT {found[1] or found[2]}"
    if found := _WRITE.match(text):
        return f"{found[1]} {found[2]}"
    return text

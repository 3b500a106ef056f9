"""What is asked of the database: each statement says for whom, and the slow ones are noted.

It stands around every statement of a connection, and around COMMIT. Work that nobody waits for,
such as a command, says nothing and is not noted: it may take its time.
"""

import logging
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from shop.lib import metrics, requests, spans

logger = logging.getLogger(__name__)

_SLOW = metrics.counter("novashop_slow_queries", "Statements that took longer than SLOW_QUERY_MS.")

# How much of a statement is shown: what it reads, and what it asks for at the end.
_MOST_OF_HEAD, _MOST_OF_TAIL = 300, 900
# Nothing that could end a comment, or a word in quotes, whoever chose it.
_PLAIN_ID = re.compile(r"[0-9a-f-]{1,64}", re.ASCII)
_PLAIN_VIEW = re.compile(r"[A-Za-z0-9_:.-]{1,120}", re.ASCII)

_NAME = r"""["`](\w+)["`]"""
_SELECT = re.compile(rf"SELECT (?:DISTINCT )?(?:{_NAME}\.|.*?\bFROM {_NAME})", re.DOTALL)
_WRITE = re.compile(rf"(?:INSERT|UPDATE|DELETE)\b.*?{_NAME}", re.DOTALL)
# Values are given apart from the statement; a literal in it is somebody's all the same.
_LITERALS = re.compile(r"'(?:[^']|'')*'|(?<![\w.\"`%$])-?[0-9]+(?:\.[0-9]+)?(?![\w\"`])")
_LIST = re.compile(r"(%s|\?)(?:, (?:%s|\?))+")
_ROWS = re.compile(r"(\([^()]*\))(?:, \([^()]*\))+")


@dataclass(frozen=True, slots=True)
class Shape:
    """A statement without its values."""

    operation: str
    table: str
    text: str

    @property
    def name(self) -> str:
        """What it does, in a few words: `SELECT catalog_product`."""
        return f"{self.operation} {self.table}".strip()


def watch_new_connections() -> None:
    """Let every connection that is opened from now on be watched, if the settings want it."""
    connection_created.connect(_watch_new, dispatch_uid="shop.lib.statements")


def _watch_new(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    if settings.SLOW_QUERY_MS or settings.SQL_COMMENTS or settings.TRACER:
        watch(connection)


def watch(connection: BaseDatabaseWrapper) -> None:
    """Stand around the statements of this connection, also after it was lost and made anew."""
    if _around not in connection.execute_wrappers:
        # At the beginning: who adds one for a while takes the last one away again.
        connection.execute_wrappers.insert(0, _around)
        # Django has no such place around COMMIT, where a write waits for the disk.
        driver: Any = connection
        driver._commit = partial(_around_commit, driver._commit, connection)


def _around(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Execute a statement; Django calls this for each of them."""
    if not (requests.current_id() and isinstance(sql, str)):
        return execute(sql, params, many, context)
    connection = context["connection"]
    started = time.perf_counter()
    try:
        with _span(sql, connection):
            return execute(*_commented(sql, params, connection, many=many), many, context)
    finally:
        _note(sql, time.perf_counter() - started)


def _around_commit(commit: Callable[[], None], connection: BaseDatabaseWrapper) -> None:
    if not requests.current_id():
        commit()
        return
    started = time.perf_counter()
    try:
        with _span("COMMIT", connection):
            commit()
    finally:
        _note("COMMIT", time.perf_counter() - started)


# --- For whom -------------------------------------------------------------------------------------


def _commented(
    sql: str, params: Any, connection: BaseDatabaseWrapper, *, many: bool
) -> tuple[str, Any]:
    """Return the statement with the request's id and view behind it, as sqlcommenter writes them.

    SQLite has no log of statements, and keeps those it knows by their text. Drivers look for a form
    of their own in statements for many rows.
    """
    if many or not settings.SQL_COMMENTS or connection.vendor == "sqlite":
        return sql, params
    told = _plain_facts()
    if not told:
        return sql, params
    if isinstance(params, (list, tuple)) and not _is_bound_by_server(connection):
        # As values, since drivers remember how to fill a statement in by its text; they quote them
        # as they do others, and so it reads the same in the end.
        return f"{sql} /*{','.join(f'{name}=%s' for name in told)}*/", (*params, *told.values())
    return f"{sql} /*{','.join(map(_written, told.items()))}*/", params


def _plain_facts() -> dict[str, str]:
    facts = {}
    if _PLAIN_ID.fullmatch(request_id := requests.current_id()):
        facts["request_id"] = request_id
    if _PLAIN_VIEW.fullmatch(view := requests.current_view()):
        facts["route"] = view
    return facts


def _written(fact: tuple[str, str]) -> str:
    return f"{fact[0]}='{fact[1]}'"


def _is_bound_by_server(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether values stay apart from the statement, and so cannot be in a comment."""
    return bool(connection.settings_dict["OPTIONS"].get("server_side_binding"))


# --- For how long ---------------------------------------------------------------------------------


def _note(sql: str, seconds: float) -> None:
    limit: int = settings.SLOW_QUERY_MS
    if not limit or seconds * 1000 < limit:
        return
    _SLOW.inc()
    place = requests.current_place()
    logger.warning("A query of %s took %d ms: %s", place, seconds * 1000, shape_of(sql).text)


def _span(sql: str, connection: BaseDatabaseWrapper) -> AbstractContextManager[object]:
    if not spans.is_traced():
        return spans.part("")
    shape = shape_of(sql)
    facts = {
        "db.system.name": connection.vendor,
        "db.operation.name": shape.operation,
        "db.query.text": shape.text,
        "novashop.database": connection.alias,
    }
    if shape.table:
        facts["db.collection.name"] = shape.table
    return spans.part(shape.name, facts)


@lru_cache(maxsize=500)
def shape_of(sql: str) -> Shape:
    """Return what a statement is like, whatever it was asked with."""
    text = " ".join(sql.split())
    found = _SELECT.match(text) or _WRITE.match(text)
    table = next((name for name in found.groups() if name), "") if found else ""
    return Shape(
        operation=text.partition(" ")[0].upper(), table=table, text=_shortened(_emptied(text))
    )


def _emptied(text: str) -> str:
    return _ROWS.sub(r"\1, …", _LIST.sub(r"\1, …", _LITERALS.sub("?", text)))


def _shortened(text: str) -> str:
    if len(text) <= _MOST_OF_HEAD + _MOST_OF_TAIL:
        return text
    return f"{text[:_MOST_OF_HEAD]} … {text[-_MOST_OF_TAIL:]}"

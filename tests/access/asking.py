"""Asking as everybody, by every method, and finding what is not as the matrix says."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from tests.access.routes import fill
from tests.access.rows import SIGN_IN, Row
from tests.access.world import World

_DOORS = re.compile(r"/(accounts|admin)/login/(\?|$)")
# Sessions begin and end as they like; the others are as large as they are still.
_LEFT_OUT = {"django_session", "django_content_type", "auth_permission"}

Rows = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Call:
    """One person's request by one method, and what is to come of it."""

    row: Row
    person: str
    method: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.method} {self.row} as {self.person}"

    @property
    def may_change(self) -> bool:
        """Whether something may be different afterwards: not where somebody reads or is refused."""
        return self.method != "GET" and self.wanted != SIGN_IN and self.wanted < "400"


def strays(world: World, row: Row) -> list[str]:
    """Return, a sentence each, what is not as a row says; whatever was done is undone."""
    found: list[str] = []
    calls = _calls(row)
    before = everything()
    for person in dict.fromkeys(call.person for call in calls):
        kept = [call for call in calls if call.person == person and not call.may_change]
        for call in kept:
            found += _wrong(world, call)
        after = everything()
        found += _changed(kept, before, after)
        before = after
    for call in calls:
        if call.may_change:
            with undone():
                found += _wrong(world, call)
    return found


def everything() -> Rows:
    """Return all rows of all tables that matter, by table."""
    rows: Rows = {}
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows


@contextmanager
def undone() -> Iterator[None]:
    """Undo at the end what is done inside, by durable verbs as well."""
    block = transaction.atomic()
    # As Django's own tests do: a verb that wants the outermost transaction takes this for none.
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def _calls(row: Row) -> list[Call]:
    return [
        Call(row, person, method, wanted)
        for method, people in row.cells.items()
        for person, wanted in people.items()
    ]


def _changed(calls: list[Call], before: Rows, after: Rows) -> list[str]:
    tables = [table for table in after if after[table] != before[table]]
    said = ", ".join(str(call) for call in calls)
    return [f"{', '.join(tables)} changed by one of: {said}"] if tables else []


def _wrong(world: World, call: Call) -> list[str]:
    names = world.names_for(call.row.case)
    address = fill(call.row.address, names)
    body = fill(call.row.bodies.get(call.method, ""), names)
    answer = world.send(
        call.method,
        address,
        body,
        person=call.person,
        with_token=address.startswith("api/"),
    )
    got = _outcome(answer)
    found = [] if got == call.wanted else [f"{call}: {got} instead of {call.wanted}"]
    text = f"{_text(answer)}\n{answer.get('Location', '')}"
    for secret, readers in world.secrets.items():
        # What somebody says themselves can be said back to them.
        if call.person not in readers and secret in text and secret not in f"{address} {body}":
            found.append(f"{call}: reads {secret!r}")
    return found


def _outcome(answer: Any) -> str:
    is_door = answer.status_code == 302 and _DOORS.match(answer["Location"])
    return SIGN_IN if is_door else str(answer.status_code)


def _text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace")


def _tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    tables = {model._meta.db_table for model in models if model._meta.managed}
    return sorted(tables - _LEFT_OUT)

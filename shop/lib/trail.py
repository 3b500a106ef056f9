"""Entries of the audit log for what is written in one statement for many rows.

django-auditlog hears rows that are saved one by one, and nothing of `.update()` and its like.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from auditlog.context import disable_auditlog
from auditlog.models import LogEntry
from django.db.models import Model

Facts = Mapping[int, Mapping[str, Any]]


@contextmanager
def noting(
    model: type[Model],
    ids: Collection[int],
    *fields: str,
    describe: Callable[[Collection[int]], Facts] | None = None,
) -> Iterator[None]:
    """Note in the audit log what the block changes of these rows, an entry for each that did.

    Looks at `fields`, or at what `describe` says of each row. What the log would have heard of the
    block by itself is left out, so that nothing is noted twice.
    """

    def look() -> Facts:
        if describe is not None:
            return describe(ids)
        rows = model._default_manager.filter(pk__in=ids).values_list("pk", *fields)
        return {pk: dict(zip(fields, values, strict=True)) for pk, *values in rows}

    before = look()
    with disable_auditlog():
        yield
    note_changes(model, before, look())


def note_changes(model: type[Model], before: Facts, after: Facts) -> None:
    """Write an entry for each row of which something is another than it was."""
    changes = {pk: _differences(before.get(pk, {}), facts) for pk, facts in after.items()}
    changed = {pk: found for pk, found in changes.items() if found}
    if not changed:
        return
    # An entry bears the name of its row, and that may be made of other rows: of a product, say.
    for row in model._default_manager.filter(pk__in=changed).select_related():
        LogEntry.objects.log_create(
            row, action=LogEntry.Action.UPDATE, changes=changed[row.pk], force_log=True
        )


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        name: [str(before.get(name)), str(value)]
        for name, value in after.items()
        if before.get(name) != value
    }

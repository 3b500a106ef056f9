"""What a form was shown with, so that it does not undo what somebody else has saved since.

A form carries a digest of what its row said when it was shown. Whoever saves it with another one
is told what the row says now, keeps what was typed, and can save again knowing that.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import Truncator

if TYPE_CHECKING:
    RowForm = forms.ModelForm[Any]
else:
    RowForm = forms.ModelForm

NAME = "row_version"
_CHANGED = "Somebody has changed this meanwhile; here is what it says now."
_SAVE_AGAIN = "Save again to put in its place what you have typed."
_LONGEST_VALUE = 200


def version_of(form: RowForm) -> str:
    """Return the digest of what a row says in the fields of its form."""
    return _digest(_facts(form))


def version_of_all(rows: Iterable[RowForm]) -> str:
    """Return one digest of several rows, whatever their order."""
    return _digest(sorted((row.instance.pk, _facts(row)) for row in rows if row.instance.pk))


def complaint(rows: Iterable[RowForm]) -> str:
    """Return what to tell somebody whose forms were shown before the rows were changed.

    Nothing where what was typed is what the rows say now.
    """
    said = [sentence for row in rows if row.instance.pk for sentence in _now(row)]
    return " ".join([_CHANGED, *said, _SAVE_AGAIN]) if said else ""


def _facts(form: RowForm) -> dict[str, Any]:
    return {name: _plain(form, name) for name in sorted(form.fields)}


def _plain(form: RowForm, name: str) -> Any:
    """Return a value as the database has it, never as it was typed."""
    field = form.fields[name]
    value = field.prepare_value(form.get_initial_for_field(field, name))
    return sorted(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _digest(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def _now(form: RowForm) -> list[str]:
    """Return a sentence for each field that says something else than was typed."""
    return [f"{form[name].label}: {_in_words(form, name)}." for name in form.changed_data]


def _in_words(form: RowForm, name: str) -> str:
    field = form.fields[name]
    value = form.get_initial_for_field(field, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(field, forms.ModelChoiceField) and value and field.queryset is not None:
        ids = field.prepare_value(value)
        rows = field.queryset.filter(pk__in=ids if isinstance(ids, list) else [ids])
        value = ", ".join(str(row) for row in rows)
    elif isinstance(value, list):
        names = getattr(field.widget, "names", {})
        value = ", ".join(str(names.get(item, item)) for item in value)
    if value is None or value == "":
        return "nothing"
    return f"“{Truncator(str(value)).chars(_LONGEST_VALUE)}”"

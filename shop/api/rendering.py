"""Bodies of requests and answers, by serializers that are made once."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from rest_framework.fields import (
    BooleanField,
    CharField,
    DecimalField,
    Field,
    IntegerField,
    SkipField,
)
from rest_framework.serializers import ListSerializer, Serializer
from rest_framework.settings import api_settings

# Makes of what was read what is written: of an amount "12.50".
Writing = Callable[[Any], Any]
# Finds a field's value in the facts. Raises SkipField where it is to be left out.
Reading = Callable[[Any], Any]


def rendered(kind: type[Serializer[Any]], facts: object) -> dict[str, Any]:
    """Return what a serializer of this kind makes of the facts, as its `to_representation` would.

    How each field is found and written is decided once, and not for each of a list's thousand
    values: the library decided for longer than everything else of such an answer took.
    """
    body: dict[str, Any] = _writing_of(kind)(facts)
    return body


@cache
def made(kind: type[Serializer[Any]]) -> Serializer[Any]:
    """Return the one serializer of this kind that all requests share.

    Making a serializer copies all of its fields, and those of the ones inside: for a list of
    products that took longer than everything else together, for an order a third of the request.
    Once made it only reads: call `to_representation` or `run_validation`, which leave nothing
    behind in it.
    """
    return kind()


@cache
def _writing_of(kind: type[Serializer[Any]]) -> Writing:
    return _body(made(kind))


def _body(serializer: Serializer[Any]) -> Writing:
    parts = [
        (name, _reading(field), _writing(field))
        for name, field in serializer.fields.items()
        if not field.write_only
    ]

    def write(facts: Any) -> dict[str, Any]:
        body = {}
        for name, read, writing in parts:
            try:
                value = read(facts)
            except SkipField:
                continue
            body[name] = None if value is None else writing(value)
        return body

    return write


def _reading(field: "Field[Any, Any, Any, Any]") -> Reading:
    if len(field.source_attrs) != 1 or type(field).get_attribute is not Field.get_attribute:
        return field.get_attribute
    (name,) = field.source_attrs

    def read(facts: Any) -> Any:
        try:
            value = facts[name] if type(facts) is dict else getattr(facts, name)
        except (KeyError, AttributeError, ObjectDoesNotExist):
            # It knows what its absence means.
            return field.get_attribute(facts)
        return field.get_attribute(facts) if callable(value) else value

    return read


def _writing(field: "Field[Any, Any, Any, Any]") -> Writing:
    kind = type(field)
    if kind is ListSerializer:
        return _list(_writing(field.child))  # type: ignore[attr-defined]
    if isinstance(field, Serializer) and kind.to_representation is Serializer.to_representation:
        return _body(field)
    if kind is DecimalField:
        return _amount(field)  # type: ignore[arg-type]
    simple: dict[type, Writing] = {IntegerField: int, CharField: str, BooleanField: _flag(field)}
    return simple.get(kind, field.to_representation)


def _list(writing: Writing) -> Writing:
    def write(rows: Any) -> list[Any]:
        return [writing(row) for row in (rows.all() if hasattr(rows, "all") else rows)]

    return write


def _amount(field: DecimalField) -> Writing:
    form = f".{field.decimal_places}f"

    def write(amount: Any) -> Any:
        is_plain = type(amount) is Decimal and amount.is_finite()
        return format(amount, form) if is_plain else field.to_representation(amount)

    is_text = getattr(field, "coerce_to_string", api_settings.COERCE_DECIMAL_TO_STRING)
    return write if is_text and not field.localize else field.to_representation


def _flag(field: "Field[Any, Any, Any, Any]") -> Writing:
    def write(value: Any) -> Any:
        return value if value is True or value is False else field.to_representation(value)

    return write

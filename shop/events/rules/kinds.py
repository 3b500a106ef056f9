"""What may be told: each name of news, with the written form of its payload.

Every package says in its `rules` what it tells, as a tuple `NEWS` of these.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Larger numbers do not survive readers that know only floating point.
_LARGEST_NUMBER = 2**53 - 1
_AMOUNT = re.compile(r"-?[0-9]+\.[0-9]{2}", re.ASCII)


class UndeclaredNewsError(LookupError):
    """News of a name that nobody has declared."""


class PayloadMisfitError(ValueError):
    """A payload that is not what its name has declared."""


@dataclass(frozen=True, slots=True)
class Field:
    """A kind of value: what JSON Schema says of it, and whether a value is one."""

    schema: Mapping[str, Any]
    fits: Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Kind:
    """A name of news: when it is told, and what its payload has, no less and no more.

    The version rises when a reader of the one before would misread it.
    """

    name: str
    says: str
    payload: Mapping[str, Field] = field(default_factory=dict)
    version: int = 1

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the payload."""
        return _object_schema(self.payload)

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise PayloadMisfitError unless the payload fits."""
        if payload.keys() != self.payload.keys():
            raise PayloadMisfitError(
                f"{self.name} has {sorted(self.payload)}, and was told with {sorted(payload)}"
            )
        for key, value in payload.items():
            if not self.payload[key].fits(value):
                raise PayloadMisfitError(f"{self.name}: {key} cannot be {value!r}")


def _is_number(value: object) -> bool:
    return type(value) is int and abs(value) <= _LARGEST_NUMBER


NUMBER = Field(
    {"type": "integer", "minimum": -_LARGEST_NUMBER, "maximum": _LARGEST_NUMBER}, _is_number
)
FLAG = Field({"type": "boolean"}, lambda value: isinstance(value, bool))
TEXT = Field({"type": "string"}, lambda value: isinstance(value, str))
AMOUNT = Field(
    {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$"},
    lambda value: isinstance(value, str) and bool(_AMOUNT.fullmatch(value)),
)


def optional(kind: Field) -> Field:
    """Return the field of such a value, or of null."""
    return Field(
        {"anyOf": [kind.schema, {"type": "null"}]},
        lambda value: value is None or kind.fits(value),
    )


def many(kind: Field) -> Field:
    """Return the field of a list of such values, at least one."""
    return Field(
        {"type": "array", "items": kind.schema, "minItems": 1},
        lambda value: isinstance(value, list) and bool(value) and all(map(kind.fits, value)),
    )


def record(fields: Mapping[str, Field]) -> Field:
    """Return the field of an object that has these values, no less and no more."""
    return Field(
        _object_schema(fields),
        lambda value: (
            isinstance(value, dict)
            and value.keys() == fields.keys()
            and all(fields[key].fits(part) for key, part in value.items())
        ),
    )


def _object_schema(fields: Mapping[str, Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: value.schema for key, value in fields.items()},
        "required": list(fields),
        "additionalProperties": False,
    }

"""The root of every refusal: a stable code and data, no wording for people.

A face turns the code into a status and a sentence; see `docs/glossary.md`.
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818  (a refusal is an answer, not a fault)
    """The shop understood the request and says no. Nothing was changed."""

    code: ClassVar[str]

    @property
    def data(self) -> dict[str, Any]:
        """What a face needs to explain the refusal: the fields of its class."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __str__(self) -> str:
        return f"{self.code} {self.data}"


@dataclass(eq=False)
class Busy(Refusal):
    """Others are in the way just now; the same request may go through in a moment."""

    code: ClassVar[str] = "busy"


@dataclass(eq=False)
class Away(Refusal):
    """The database does not answer; whether the last write has reached it is not known."""

    code: ClassVar[str] = "away"

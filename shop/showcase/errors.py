"""What nobody can look for."""

from dataclasses import dataclass
from typing import ClassVar

from shop.lib.refusals import Refusal


@dataclass(eq=False)
class InvalidFilter(Refusal):
    """A list is to be narrowed down, or sorted, by something that cannot be read."""

    name: str

    code: ClassVar[str] = "invalid_filter"

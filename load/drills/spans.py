"""When a cell of a drill began and ended: what is placed and told in between is its own."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A cell by its number, and its seconds."""

    cell: int
    begin: float
    end: float

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return datetime.fromtimestamp(self.begin, UTC), datetime.fromtimestamp(self.end, UTC)

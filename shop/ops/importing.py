"""Putting the lines of a catalogue into the shop, some hundreds at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from shop.catalog import actions as catalog_actions
from shop.catalog import queries as catalog
from shop.inventory import actions as inventory
from shop.inventory.errors import StockIsPromised
from shop.lib.batches import in_chunks, isolate_failures
from shop.lib.refusals import Refusal
from shop.ops.catalogue_file import BadLine, Line
from shop.ops.catalogue_wording import reason_of

LINES_AT_ONCE = 500
MOST_LISTED = 20
_LONGEST_REFERENCE = 200


@dataclass(slots=True)
class Tally:
    """What came of the lines; of the bad ones the first few are kept."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    stocked: int = 0
    bad: int = 0
    listed: list[BadLine] = field(default_factory=list)

    def add_bad(self, lines: Sequence[BadLine]) -> None:
        """Count the bad ones of some lines of one file."""
        self.bad += len(lines)
        room = MOST_LISTED - len(self.listed)
        self.listed += sorted(lines, key=attrgetter("line_number"))[:room]


def import_lines(
    lines: Iterable[Line | BadLine], tally: Tally, *, location_code: str
) -> Iterator[int]:
    """Put the lines into the shop, each as often as wanted; yield how many were done.

    Can be stopped at any moment and begun again. Raises Busy when others keep the database.
    """
    for chunk in in_chunks(lines, LINES_AT_ONCE):
        bad = [line for line in chunk if isinstance(line, BadLine)]
        good = [line for line in chunk if isinstance(line, Line)]
        refused = _put(good, tally)
        written = [line for place, line in enumerate(good) if place not in refused]
        bad += [_bad(good[place], refusal) for place, refusal in refused.items()]
        bad += _count(written, tally, location_code=location_code)
        tally.add_bad(bad)
        yield len(chunk)


def _put(lines: Sequence[Line], tally: Tally) -> Mapping[int, Refusal]:
    """Make products what the lines say; return the refusals by the place of their line."""
    report = catalog_actions.put_products(rows=[line.row for line in lines])
    tally.created += report.created
    tally.updated += report.updated
    tally.unchanged += report.unchanged
    return report.refused


def _count(lines: Sequence[Line], tally: Tally, *, location_code: str) -> list[BadLine]:
    """Set the stock of the lines that name one; return those whose stock cannot be that."""
    stocked = [line for line in lines if line.stock is not None]
    ids = catalog.variant_ids_by_sku(line.row.sku for line in stocked)

    def count(batch: Sequence[Line]) -> list[BadLine | None]:
        tally.stocked += inventory.count(
            counts={ids[line.row.sku]: line.stock or 0 for line in batch},
            location_code=location_code,
            reference=f"import {batch[0].path.name}"[:_LONGEST_REFERENCE],
        )
        return [None] * len(batch)

    def refuse(line: Line, failure: Exception) -> BadLine | None:
        return _bad(line, failure) if isinstance(failure, Refusal) else None

    if not stocked:
        return []
    answers = isolate_failures(stocked, work=count, fallback=refuse, failures=(StockIsPromised,))
    return [answer for answer in answers if answer is not None]


def _bad(line: Line, refusal: Refusal) -> BadLine:
    return BadLine(line.path, line.line_number, reason_of(refusal))

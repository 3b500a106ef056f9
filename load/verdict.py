"""What a run has shown: a table for people, and every reason why it has failed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from load.journal import Record
from load.thresholds import FEWEST, GROUPS, Group, least_rate, limit_ms

Entries = Sequence[dict[str, Any]]

_MOST_REASONS = 20


@dataclass
class Row:
    """The figures of a group of addresses. `times` counts answers by milliseconds."""

    name: str
    requests: int = 0
    errors: int = 0
    refused: int = 0
    times: Counter[int] = field(default_factory=Counter)

    def percentile(self, share: float) -> int | None:
        """Return within how many milliseconds such a share of the answers came."""
        rest = share * self.times.total()
        for time in sorted(self.times):
            rest -= self.times[time]
            if rest <= 0:
                return time
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything that is known of a run."""

    users: int
    seconds: float
    # Until all are there: until then they are half of all, taken together.
    seconds_to_come: float = 0
    slack: float
    # Locust's own statistics, one entry for each method and name.
    entries: Entries
    record: Record
    # What Locust says of failures, and the audit and the proof of the database: a line each.
    complaints: Sequence[str] = ()
    proof: Sequence[str] = ()
    proven: str = ""


def rows_of(entries: Entries) -> dict[str, Row]:
    """Return the figures by group, in the groups' order."""
    rows = {group.name: Row(group.name) for group in GROUPS}
    for entry in entries:
        name = entry["name"].split(" ")[0]
        row = rows.setdefault(name, Row(name))
        row.requests += entry["num_requests"]
        row.errors += entry["num_failures"]
        row.times.update({int(float(ms)): n for ms, n in entry["response_times"].items()})
        if " refused: " in entry["name"]:
            row.refused += entry["num_requests"]
    return rows


def rate(run: Run) -> float:
    """Return how much people got done in a second when all were there, files not counted."""
    rows = rows_of(run.entries).values()
    done = sum(row.requests for row in rows if row.name != "files")
    return done / (run.seconds - run.seconds_to_come / 2)


def reasons(run: Run) -> list[str]:
    """Return why the run has failed, nothing for one that has passed."""
    return [*_errors(run), *run.proof, *_flash(run.record), *_missed(run)]


def _errors(run: Run) -> Iterator[str]:
    if not any(entry["num_requests"] for entry in run.entries):
        yield "nobody asked for anything"
    yield from run.complaints
    yield from (f"the load generator itself: {trouble}" for trouble in run.record.troubles)
    if sum(entry["num_failures"] for entry in run.entries) and not run.complaints:
        yield "there were errors"


def _flash(record: Record) -> Iterator[str]:
    sold, stock = record.flash_units, record.flash_stock
    if sold > stock:
        yield f"oversold: {sold} of the flash product were acknowledged, of {stock}"


def _missed(run: Run) -> Iterator[str]:
    rows = rows_of(run.entries)
    for group in GROUPS:
        row, limit = rows[group.name], limit_ms(group, users=run.users, slack=run.slack)
        p95 = row.percentile(0.95)
        if p95 is not None and row.requests >= FEWEST and p95 > limit:
            yield f"missed: {group.name} took {p95} ms (p95), at most {limit:.0f} ms are allowed"
    least = least_rate(users=run.users, slack=run.slack)
    if rate(run) < least:
        yield f"missed: {rate(run):.1f} pages and calls per second, at least {least:.1f} are wanted"


def table(run: Run) -> str:
    """Return the figures for people."""
    rows = rows_of(run.entries)
    groups = {group.name: group for group in GROUPS}
    lines = [_head(), *(_line(row, groups.get(row.name), run) for row in rows.values())]
    least = least_rate(users=run.users, slack=run.slack)
    lines += ["", f"{rate(run):.1f} pages and calls per second (at least {least:.1f})"]
    lines += _sale(run.record)
    if run.proven:
        lines.append(run.proven)
    if run.record.generator_was_busy:
        lines.append("The load generator had no time left: what it measured is partly its own.")
    return "\n".join(lines)


def verdict(run: Run) -> str:
    """Return the last words: passed, or the reasons why not."""
    found = reasons(run)
    if not found:
        return "passed"
    more = len(found) - _MOST_REASONS
    tail = [f"  … and {more} more"] if more > 0 else []
    return "\n".join(["failed:", *(f"  {reason}" for reason in found[:_MOST_REASONS]), *tail])


def _head() -> str:
    return (
        f"{'':<8}{'requests':>10}{'errors':>8}{'refused':>9}{'p50 ms':>8}{'p95 ms':>8}{'limit':>8}"
    )


def _line(row: Row, group: Group | None, run: Run) -> str:
    limit = "" if group is None else f"{limit_ms(group, users=run.users, slack=run.slack):.0f}"
    if row.requests < FEWEST:
        limit = "few" if row.requests else "none"
    half, most = (_shown(row.percentile(share)) for share in (0.5, 0.95))
    return (
        f"{row.name:<8}{row.requests:>10,}{row.errors:>8,}{row.refused:>9,}"
        f"{half:>8}{most:>8}{limit:>8}"
    )


def _shown(milliseconds: int | None) -> str:
    return "" if milliseconds is None else f"{milliseconds:,}"


def _sale(record: Record) -> Iterable[str]:
    orders = len(record.orders)
    yield (
        f"{orders:,} orders acknowledged, {len(record.canceled):,} of them canceled; "
        f"{record.flash_units:,} of {record.flash_stock:,} flash units sold"
    )

"""The schedule: one table, and whoever moves an entry's due time on does its work."""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from shop.events.actions.emitting import emit
from shop.events.actions.registering import Entry, entries
from shop.events.models import Schedule
from shop.lib import metrics, requests

logger = logging.getLogger(__name__)

_RUNS = metrics.counter(
    "novashop_schedule_runs", "Runs of the entries of the schedule.", ["entry", "outcome"]
)


def run_due() -> int:
    """Do every periodic piece of work that is due; return how many were done here."""
    due = _due_names()
    return sum(_run(entries[name]) for name in due)


def _due_names() -> list[str]:
    """Return the entries to do, having written down those that are new."""
    known = dict(Schedule.objects.values_list("name", "due_at"))
    now = timezone.now()
    new = [name for name in entries if name not in known]
    if new:
        Schedule.objects.bulk_create(
            [Schedule(name=name, due_at=now) for name in new], ignore_conflicts=True
        )
    return [name for name in entries if known.get(name, now) <= now]


def _run(entry: Entry) -> bool:
    """Do one entry unless another process has claimed it; tell whether it was done here."""
    started = timezone.now()
    mine = Schedule.objects.filter(name=entry.name)
    # Should this process die halfway, the work comes due again when the lease has passed.
    claimed = mine.filter(due_at__lte=started).update(
        due_at=started + max(entry.lease, entry.interval), started_at=started
    )
    if not claimed:
        return False
    with requests.working_for(""):
        error = _error_of(entry)
    _RUNS.labels(entry.name, "failed" if error else "done").inc()
    _finish(mine.filter(started_at=started), entry, started, error)
    return True


@transaction.atomic
def _finish(mine: "QuerySet[Schedule]", entry: Entry, started: datetime, error: str) -> None:
    """Write down how it went; tell where it fails that has gone well before, and not each time."""
    is_news = bool(error) and mine.filter(last_error="").exists()
    finished = timezone.now()
    mine.update(
        due_at=max(started + entry.interval, finished), finished_at=finished, last_error=error
    )
    if is_news:
        emit(name="schedule.failed", subject="schedule", payload={"entry": entry.name})


def _error_of(entry: Entry) -> str:
    try:
        entry.work()
    except Exception as error:  # one entry's failure must not stop the others
        logger.exception("%s failed", entry.name)
        return repr(error)
    return ""

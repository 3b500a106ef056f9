"""The schedule: what the shop does by itself, when it did so last, and whether it went well."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from shop.backoffice.base import ReadOnlyAdmin
from shop.backoffice.wording import moment, tag
from shop.events import queries as events
from shop.events.models import Schedule

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    """Periodic work, by name."""

    list_display = ("what", "how_often", "last", "took", "next", "outcome")
    ordering = ("name",)
    sortable_by = ()
    fields = ("what", "name", "how_often", "last", "took", "next", "outcome", "last_error")
    readonly_fields = ("what", "how_often", "last", "took", "next", "outcome")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return what the shop does today; rows of what it did once stay, and say nothing."""
        return super().get_queryset(request).filter(name__in=events.periodic_work())

    @admin.display(description="what")
    def what(self, row: Schedule) -> str:
        """What it does, in its own words."""
        return events.periodic_work()[row.name].says

    @admin.display(description="every")
    def how_often(self, row: Schedule) -> str:
        """How often it is due."""
        return span(events.periodic_work()[row.name].interval)

    @admin.display(description="last run")
    def last(self, row: Schedule) -> str:
        """When it began last."""
        return moment_of_day(row.started_at)

    @admin.display(description="took")
    def took(self, row: Schedule) -> str:
        """How long that took."""
        if row.started_at is None or row.finished_at is None or is_running(row):
            return "—"
        return f"{(row.finished_at - row.started_at).total_seconds():.1f} s"

    @admin.display(description="next run")
    def next(self, row: Schedule) -> str:
        """When it is due next."""
        return moment_of_day(row.due_at)

    @admin.display(description="state")
    def outcome(self, row: Schedule) -> str:
        """Whether it went well."""
        return tag(*state_of(row, now=timezone.now()))


def is_running(row: Schedule) -> bool:
    """Tell whether a run has begun and not ended."""
    if row.started_at is None:
        return False
    return row.finished_at is None or row.finished_at < row.started_at


def state_of(row: Schedule, *, now: datetime) -> tuple[str, str]:
    """Return how periodic work stands, and the shade in which that is shown."""
    if is_running(row):
        # Its due time is the end of its lease: whoever is not through by then is believed dead.
        return ("Broken off", "canceled") if row.due_at <= now else ("Running", "pending")
    if row.last_error:
        return "Failed", "canceled"
    if row.due_at < now - _MINUTE:
        return "Late", "pending"
    return ("Fine", "completed") if row.finished_at else ("Not yet", "pending")


def span(interval: timedelta) -> str:
    """Return a time as people say it: 2 seconds, 5 minutes, hour."""
    for unit, name in ((_HOUR, "hour"), (_MINUTE, "minute"), (timedelta(seconds=1), "second")):
        if interval >= unit:
            count = int(interval / unit)
            return name if count == 1 else f"{count} {name}s"
    return "moment"


def moment_of_day(at: datetime | None) -> str:
    """Return a time with its seconds, and with its day where that is another one."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localdate()
    return f"{local:%H:%M:%S}" if is_today else moment(at)

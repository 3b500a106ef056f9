"""What happens because of a request bears its id, however much later and wherever."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from shop.events import actions
from shop.events.actions import deliver_due, every, on, run_due
from shop.events.actions.registering import entries
from shop.events.models import Event
from shop.events.queries import MOST_COUNTED, Backlog, backlog, due_times
from shop.events.rules import News, Notice
from shop.events.tests.telling import name_of, tell
from shop.lib import requests
from tests.builders import NOON
from tests.counts import count_of
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_listens")]


def test_news_remembers_the_request_it_was_made_in() -> None:
    with requests.working_for("first"):
        actions.emit_all(news=[News(name="mug.broke", subject=f"mug:{id_}") for id_ in (1, 2)])
    actions.emit(name="mug.broke", subject="mug:3", payload={})

    assert list(Event.objects.order_by("id").values_list("request_id", flat=True)) == [
        "first",
        "first",
        "",
    ]


def test_handlers_work_for_that_request_and_so_does_what_they_tell() -> None:
    seen: list[tuple[str, object]] = []

    @on("mug.broke")
    def order_a_new_one(notice: Notice) -> None:
        seen.append((requests.current_id(), requests.current_facts()["event"]))
        actions.emit(name="mug.ordered", subject=notice.subject, payload={})

    @on("mug.ordered")
    def rejoice(notice: Notice) -> None:
        seen.append((requests.current_id(), requests.current_facts()["event"]))

    with requests.working_for("first"):
        broke = tell()
    with requests.working_for("of somebody else"):
        deliver_due()
        deliver_due()
        assert requests.current_id() == "of somebody else"

    ordered = Event.objects.get(name="mug.ordered").id
    assert seen == [("first", f"{broke} mug.broke"), ("first", f"{ordered} mug.ordered")]


def test_what_a_handler_logs_and_its_failure_bear_the_id(caplog: pytest.LogCaptureFixture) -> None:
    ids: dict[str, str] = {}

    class Noting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            ids[record.getMessage()] = requests.current_id()

    @on("mug.broke")
    def fail(notice: Notice) -> None:
        logging.getLogger("shop.events").info("looking for glue")
        raise ValueError("no glue")

    with requests.working_for("first"):
        event_id = tell()
    caplog.set_level(logging.INFO, logger="shop.events")
    noting = Noting()
    logging.getLogger("shop.events").addHandler(noting)
    try:
        deliver_due()
    finally:
        logging.getLogger("shop.events").removeHandler(noting)

    assert ids == {
        "looking for glue": "first",
        f"{name_of(fail)} failed for event {event_id}": "first",
    }


def test_news_of_nobodys_request_is_handled_under_an_id_of_its_own() -> None:
    seen: list[str] = []

    @on("mug.broke")
    def listen(_: Notice) -> None:
        seen.append(requests.current_id())

    tell()
    tell()
    deliver_due()

    assert len({*seen, ""}) == 3


def test_each_run_of_the_schedule_has_an_id_of_its_own() -> None:
    seen: list[str] = []

    @every(timedelta(0))
    def wash_up() -> None:
        seen.append(requests.current_id())

    run_due()
    run_due()

    assert len({*seen, ""}) == 3
    assert requests.current_id() == ""


def test_runs_are_counted_by_how_they_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="shop.events")

    @on("mug.broke")
    def fail_once(_: Notice) -> None:
        if count_of("novashop_handler_runs_total", handler=name, outcome="failed") == 0:
            raise ValueError("no glue")

    @every(timedelta(0))
    def fail() -> None:
        raise ValueError("no water")

    name = name_of(fail_once)
    tell()
    deliver_due()
    Event.objects.update(due_at=timezone.now())
    deliver_due()
    run_due()

    for outcome in ("failed", "done"):
        assert count_of("novashop_handler_runs_total", handler=name, outcome=outcome) == 1
    entry = f"{fail.__module__}.{fail.__qualname__}"
    assert count_of("novashop_schedule_runs_total", entry=entry, outcome="failed") == 1


def test_a_server_of_before_the_update_writes_events_still() -> None:
    """It does not name the column, so the database fills it."""
    columns = "name, subject, payload, created_at, due_at, failures, last_error"
    values: list[Any] = ["mug.broke", "mug:1", "{}", timezone.now(), timezone.now(), 0, ""]
    if connection.vendor == "sqlite":
        values[3:5] = [str(timezone.now().replace(tzinfo=None))] * 2

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO events_event ({columns}) VALUES (%s, %s, %s, %s, %s, %s, %s)",  # noqa: S608
            values,
        )

    assert Event.objects.get().request_id == ""


# --- How much there is to do ----------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
def test_the_backlog_is_what_was_not_delivered_and_since_when() -> None:
    assert backlog() == Backlog(waiting=0, since=None)
    old, failed, done, aside = (tell(subject=f"mug:{id_}") for id_ in (1, 2, 3, 4))
    Event.objects.filter(id=old).update(created_at=NOON - timedelta(hours=1))
    # Set aside: nobody waits for it.
    Event.objects.filter(id=aside).update(due_at=None)
    # It has failed, and is not due for a while: it waits all the same.
    Event.objects.filter(id=failed).update(
        created_at=NOON - timedelta(hours=2), due_at=NOON + timedelta(hours=1)
    )
    Event.objects.filter(id=done).update(
        created_at=NOON - timedelta(hours=3), delivered_at=NOON - timedelta(hours=3)
    )

    with queries_named() as names:
        found = backlog()

    assert found == Backlog(waiting=2, since=NOON - timedelta(hours=2), set_aside=1)
    assert len(names) == 2


@pytest.mark.usefixtures("clock")
def test_nobody_counts_a_backlog_to_the_end() -> None:
    actions.emit_all(
        news=[News(name="mug.broke", subject=f"mug:{id_}") for id_ in range(MOST_COUNTED + 5)]
    )

    assert backlog() == Backlog(waiting=MOST_COUNTED, since=NOON)


@pytest.mark.usefixtures("clock")
def test_due_times_are_those_of_entries_that_the_shop_has() -> None:
    @every(timedelta(hours=1))
    def wash_up() -> None:
        pass

    run_due()
    name = f"{wash_up.__module__}.{wash_up.__qualname__}"

    assert due_times() == {name: NOON + timedelta(hours=1)}
    entries.clear()
    assert due_times() == {}

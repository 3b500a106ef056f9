"""News is written in the transaction that makes it: with it or not at all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from shop.events import actions
from shop.events.models import Event
from shop.events.rules import News, PayloadMisfitError, UndeclaredNewsError, retry_delay
from shop.lib.transactions import OutsideTransactionError
from tests.builders import NOON
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_listens")]


@pytest.mark.django_db(transaction=True)
def test_there_is_no_news_outside_a_transaction() -> None:
    with pytest.raises(OutsideTransactionError):
        actions.emit(name="order.placed", subject="order:1", payload={})
    with pytest.raises(OutsideTransactionError):
        actions.emit_all(news=[])

    assert not Event.objects.exists()


@pytest.mark.usefixtures("clock")
def test_news_is_due_at_once() -> None:
    actions.emit(name="mug.counted", subject="mug:1", payload={"pieces": 3})

    event = Event.objects.get()
    assert Event.objects.values().get() == {
        "id": event.id,
        "name": "mug.counted",
        "subject": "mug:1",
        "payload": {"pieces": 3},
        "version": 1,
        "request_id": "",
        "created_at": NOON,
        "due_at": NOON,
        "delivered_at": None,
        "tell_others_at": None,
        "failures": 0,
        "last_error": "",
    }


def test_news_of_what_did_not_happen_is_none() -> None:
    with transaction.atomic():
        actions.emit(name="mug.broke", subject="mug:1", payload={})
        assert Event.objects.count() == 1
        transaction.set_rollback(True)

    assert not Event.objects.exists()


def test_many_pieces_of_news_are_one_query() -> None:
    news = [News(name="mug.broke", subject=f"mug:{number}") for number in range(50)]

    with queries_named() as names:
        actions.emit_all(news=news)

    assert names == ["INSERT events_event"]
    rows = Event.objects.order_by("id").values_list("name", "subject", "payload", "version")
    assert list(rows) == [("mug.broke", f"mug:{number}", {}, 3) for number in range(50)]


def test_no_news_is_no_query() -> None:
    with queries_named() as names:
        actions.emit_all(news=[])

    assert names == []


@pytest.mark.parametrize(
    "payload",
    [{}, {"pieces": "3"}, {"pieces": Decimal(3)}, {"pieces": True}, {"pieces": 3, "colour": "red"}],
)
def test_what_does_not_fit_its_name_is_no_news(payload: dict[str, Any]) -> None:
    good = News(name="mug.counted", subject="mug:1", payload={"pieces": 3})

    with pytest.raises(PayloadMisfitError, match=r"mug\.counted"):
        actions.emit_all(news=[good, News(name="mug.counted", subject="mug:1", payload=payload)])

    assert not Event.objects.exists()


@pytest.mark.parametrize("name", ["mug.flew", "mug", "MUG.BROKE", ""])
def test_what_nobody_has_declared_is_no_news(name: str) -> None:
    with pytest.raises(UndeclaredNewsError):
        actions.emit(name=name, subject="mug:1", payload={})

    assert not Event.objects.exists()


def test_what_is_told_together_is_one_query_at_the_end() -> None:
    with queries_named() as names, actions.told_together():
        actions.emit(name="mug.broke", subject="mug:1", payload={})
        with actions.told_together():
            actions.emit(name="mug.broke", subject="mug:2", payload={})
        assert not Event.objects.exists()
        actions.emit(name="mug.mended", subject="mug:1", payload={})

    assert names == ["SELECT events_event", "INSERT events_event"]
    rows = Event.objects.order_by("id").values_list("name", "subject")
    assert list(rows) == [("mug.broke", "mug:1"), ("mug.broke", "mug:2"), ("mug.mended", "mug:1")]


def test_what_is_told_before_a_failure_is_not_written() -> None:
    def fail() -> None:
        with actions.told_together():
            actions.emit(name="mug.broke", subject="mug:1", payload={})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    actions.emit(name="mug.mended", subject="mug:1", payload={})
    assert Event.objects.get().name == "mug.mended"


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 2), (2, 4), (3, 8), (10, 1024), (11, 2048), (12, 3600), (19, 3600)],
)
def test_a_failure_waits_twice_as_long_as_the_one_before(failures: int, seconds: int) -> None:
    assert retry_delay(failures) == timedelta(seconds=seconds)


@pytest.mark.parametrize("failures", [20, 21, 10**6])
def test_after_twenty_failures_nobody_tries_again(failures: int) -> None:
    assert retry_delay(failures) is None

"""News is written in the transaction that makes it: with it or not at all."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from shop.events import actions
from shop.events.models import Event
from shop.events.rules import News, retry_delay
from shop.events.tests.conftest import NOON
from shop.lib.transactions import OutsideTransactionError
from tests.queries import queries_named

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_there_is_no_news_outside_a_transaction() -> None:
    with pytest.raises(OutsideTransactionError):
        actions.emit(name="order.placed", subject="order:1", payload={})
    with pytest.raises(OutsideTransactionError):
        actions.emit_all(news=[])

    assert not Event.objects.exists()


@pytest.mark.usefixtures("clock")
def test_news_is_due_at_once() -> None:
    actions.emit(name="order.placed", subject="order:1", payload={"total": "12.50", "lines": [1]})

    event = Event.objects.get()
    assert Event.objects.values().get() == {
        "id": event.id,
        "name": "order.placed",
        "subject": "order:1",
        "payload": {"total": "12.50", "lines": [1]},
        "request_id": "",
        "created_at": NOON,
        "due_at": NOON,
        "delivered_at": None,
        "failures": 0,
        "last_error": "",
    }


def test_news_of_what_did_not_happen_is_none() -> None:
    with transaction.atomic():
        actions.emit(name="order.placed", subject="order:1", payload={})
        assert Event.objects.count() == 1
        transaction.set_rollback(True)

    assert not Event.objects.exists()


def test_many_pieces_of_news_are_one_query() -> None:
    news = [News(name="order.paid", subject=f"order:{number}") for number in range(50)]

    with queries_named() as names:
        actions.emit_all(news=news)

    assert names == ["INSERT events_event"]
    rows = Event.objects.order_by("id").values_list("name", "subject", "payload")
    assert list(rows) == [("order.paid", f"order:{number}", {}) for number in range(50)]


def test_no_news_is_no_query() -> None:
    with queries_named() as names:
        actions.emit_all(news=[])

    assert names == []


def test_what_is_not_plain_data_is_no_news() -> None:
    with pytest.raises(TypeError), transaction.atomic():
        actions.emit(name="order.placed", subject="order:1", payload={"total": Decimal("12.50")})

    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 2), (2, 4), (3, 8), (10, 1024), (11, 2048), (12, 3600), (21, 3600), (10**6, 3600)],
)
def test_a_failure_waits_twice_as_long_as_the_one_before(failures: int, seconds: int) -> None:
    assert retry_delay(failures) == timedelta(seconds=seconds)

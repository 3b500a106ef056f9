"""Senders that run at once, anywhere: each delivery is sent by one of them."""

from collections import Counter
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from shop.events import actions
from shop.events.actions.webhooks import claiming
from shop.events.models import Delivery
from shop.events.rules import AT_ONCE_FOR_ONE
from tests.builders import one_delivery
from tests.races.racing import race, take_turns_after, without_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.overlap]

SENDERS = 4


def many_deliveries() -> None:
    hook, _ = one_delivery()
    for _ in range(23):
        actions.send_test_event(webhook_id=hook.pk)


def claim() -> list[int]:
    return [sending.delivery_id for sending in claiming.claim({})]


def claims(claimed: list[Any]) -> Counter[int]:
    """Return how often each was taken; MariaDB may have one sender give way to another."""
    lists = [each for each in claimed if not isinstance(each, OperationalError)]
    return Counter(delivery for each in lists for delivery in each)


def test_senders_that_run_at_once_take_no_delivery_twice() -> None:
    many_deliveries()
    found = claims(race(*[claim] * SENDERS))
    assert set(found.values()) == {1}
    assert AT_ONCE_FOR_ONE <= len(found) <= SENDERS * AT_ONCE_FOR_ONE
    assert Delivery.objects.filter(due_at__lte=timezone.now()).count() == 24 - len(found)


def test_senders_that_lock_nothing_take_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: all of them have read what is due before any of them says that it is theirs."""
    many_deliveries()
    without_locks(monkeypatch)
    together = take_turns_after(claiming._lock_due, parties=SENDERS)
    monkeypatch.setattr(claiming, "_lock_due", together)
    found = claims(race(*[claim] * SENDERS))
    assert max(found.values()) > 1

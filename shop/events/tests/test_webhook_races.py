"""Senders that run at once, anywhere: each delivery is sent by one of them."""

from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.utils import timezone

from shop.events import actions
from shop.events.actions.webhooks import claiming, recording
from shop.events.models import Delivery, DeliveryAttempt, Webhook
from shop.events.rules import AT_ONCE_FOR_ONE
from tests.builders import one_delivery
from tests.races.racing import in_turn, race, take_turns_after, without_locks

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


def removed_while_an_answer_is_written_down(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    hook, _ = one_delivery()
    (sending,) = claiming.claim({})
    answer = recording.Result(sending, 0.1, status=200)
    return in_turn(
        monkeypatch,
        recording,
        "_settle",
        first=lambda: recording.record([answer]),
        then=lambda: actions.remove_webhook(webhook_id=hook.pk),
    )


def test_who_removes_a_webhook_waits_for_the_answer_that_is_written_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert removed_while_an_answer_is_written_down(monkeypatch) == [None, None]
    assert not Webhook.objects.exists()
    assert not DeliveryAttempt.objects.exists()


def test_who_locks_no_deliveries_cannot_remove_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: the answer is there after its likes were deleted, and before its delivery is."""
    if connection.vendor == "mysql":
        pytest.skip("MariaDB waits for rows that another transaction has only begun to insert")
    without_locks(monkeypatch)
    recorded, removed = removed_while_an_answer_is_written_down(monkeypatch)
    assert recorded is None
    assert isinstance(removed, IntegrityError)
    assert Webhook.objects.exists()

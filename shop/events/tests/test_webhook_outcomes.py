"""What becomes of deliveries when somebody dies, dawdles, fails for a day, or asks once more."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, OperationalError
from django.utils import timezone

from shop.events import actions, queries
from shop.events.actions.webhooks import recording
from shop.events.actions.webhooks import sending as module
from shop.events.errors import UnknownDelivery, WebhookIsOff
from shop.events.models import Delivery, DeliveryAttempt, Event, Webhook
from shop.events.tests.hooks import QUICK, attempts, hook_to, send, sending, states, told, waits
from shop.lib.outbound import Limits
from tests.counts import count_of
from tests.peers import peer, says, stays_silent
from tests.queries import queries_named
from tests.waiting import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_listens", "may_call_here")]


# --- Crashes --------------------------------------------------------------------------------------


def test_who_dies_between_sending_and_writing_down_has_it_sent_once_more(clock: Any) -> None:
    """The receiver sees one event twice, and can tell by its id."""
    with peer(says(200)) as other:
        hook_to(other)
        told()
        with sending() as died:
            died.work()
            died.rest(5)
            # Here the power goes: what came back is written down nowhere.
            died._unrecorded.clear()
            died._back.get()
        assert (states(), len(other.asked)) == ([("Waiting", 0)], 1)
        send()
        assert len(other.asked) == 1
        clock.shift(timedelta(seconds=61))
        send()
    assert states() == [("Delivered", 1)]
    first, second = (head["webhook-id"] for head in other.heads())
    assert first == second


def test_who_comes_back_late_writes_down_the_attempt_and_decides_nothing(clock: Any) -> None:
    with peer(says(500)) as other:
        hook_to(other)
        told()
        with sending() as late:
            late.work()
            clock.shift(timedelta(seconds=61))
            send()
            due_at = Delivery.objects.get().due_at
            late.work_until_quiet()
    assert (states(), len(attempts())) == ([("Waiting", 1)], 2)
    assert Delivery.objects.get().due_at == due_at


def test_what_comes_back_while_the_database_is_away_is_written_down_later(monkeypatch: Any) -> None:
    def away(_: Any) -> None:
        raise OperationalError("server closed the connection")

    with peer(says(200)) as other:
        hook_to(other)
        told()
        with sending() as sender:
            sender.work()
            sender.rest(5)
            with monkeypatch.context() as patched:
                patched.setattr(module, "record", away)
                with pytest.raises(OperationalError):
                    sender.work()
            sender.work()
    assert (states(), len(other.asked)) == ([("Delivered", 1)], 1)


def test_who_stops_while_the_database_is_away_stops_all_the_same(monkeypatch: Any) -> None:
    def away(_: Any) -> None:
        raise OperationalError("server closed the connection")

    with peer(says(200)) as other:
        hook_to(other)
        told()
        sender = actions.WebhookSender(limits=QUICK)
        sender.work()
        sender.rest(5)
        monkeypatch.setattr(module, "record", away)
        with pytest.raises(OperationalError):
            sender.close()
    assert "webhooks" not in {thread.name for thread in threading.enumerate()}


def test_what_no_table_takes_holds_nothing_else_up(monkeypatch: Any) -> None:
    with peer(says(200)) as other:
        hook_to(other)
        for number in range(3):
            told("mug.broke", f"mug:{number}")
        odd = Delivery.objects.all()[1].pk

        def refuse_one(results: Any) -> None:
            if odd in {each.sending.delivery_id for each in results}:
                raise DataError("it does not fit")
            recording.record(results)

        before = count_of("novashop_webhook_attempts_total", outcome="accepted")
        with sending() as sender, monkeypatch.context() as patched:
            patched.setattr(module, "record", refuse_one)
            sender.work_until_quiet()
    assert sorted(states()) == [("Delivered", 1), ("Delivered", 1), ("Waiting", 0)]
    # Each was counted once, also the one that cannot be written down.
    after = count_of("novashop_webhook_attempts_total", outcome="accepted")
    assert after - before == 3


def test_a_webhook_that_is_removed_meanwhile_is_not_missed() -> None:
    with peer(says(200)) as other:
        hook = hook_to(other)
        told()
        with sending() as sender:
            sender.work()
            actions.remove_webhook(webhook_id=hook.pk)
            sender.work_until_quiet()
    assert not DeliveryAttempt.objects.exists()


def test_who_stops_lets_answers_come_for_a_moment() -> None:
    with peer(says(200)) as other:
        hook_to(other)
        told()
        with sending() as sender:
            sender.work()
            sender.close(grace=5)
    assert states() == [("Delivered", 1)]


def test_answers_that_came_together_are_looked_up_and_logged_together() -> None:
    with peer(says(200)) as other:
        hook_to(other)
        for number in range(4):
            told("mug.broke", f"mug:{number}")
        with sending() as sender:
            sender.work()
            wait_until(lambda: sender._back.qsize() == 4)
            with queries_named() as names:
                sender.work()
    assert states() == [("Delivered", 1)] * 4
    assert names.count("INSERT events_deliveryattempt") == 1
    assert names.count("SELECT events_delivery") == 1


# --- The slow and the quick -----------------------------------------------------------------------


def test_the_slow_delay_nobody_else() -> None:
    """Forty receivers that say nothing, each with more to get than it has places, and one quick."""
    with peer(stays_silent(30)) as slow, peer(says(200)) as quick:
        for _ in range(40):
            hook_to(slow)
        hook_to(quick)
        for number in range(5):
            told("mug.broke", f"mug:{number}")
        limits = Limits(connect_seconds=5, total_seconds=20)
        with sending(limits) as sender:
            sender.work()
            for _ in range(50):
                if len(quick.arrived) == 5:
                    break
                sender.rest(0.1)
                sender.work()
            assert len(quick.arrived) == 5
            assert len(slow.arrived) <= 160
            assert quick.arrived[-1] - min(slow.arrived) < 5


def test_each_has_its_places_and_one_that_fails_has_one() -> None:
    with peer(stays_silent(30)) as slow:
        hook = hook_to(slow)
        for number in range(6):
            told("mug.broke", f"mug:{number}")
        with sending(Limits(connect_seconds=5, total_seconds=20)) as sender:
            assert [sender.work(), sender.work()] == [4, 0]
        Webhook.objects.filter(id=hook.pk).update(failing_since=timezone.now())
        with sending(Limits(connect_seconds=5, total_seconds=20)) as sender:
            assert [sender.work(), sender.work()] == [1, 0]


# --- The end --------------------------------------------------------------------------------------


def test_after_a_day_it_is_given_up_and_the_webhook_is_disabled(clock: Any) -> None:
    with peer(says(500)) as other:
        hook = hook_to(other)
        told()
        begun = timezone.now()
        send()
        for _ in range(30):
            wait = waits()
            if not wait:
                break
            clock.shift(wait[0])
            send()
    assert timezone.now() - begun == timedelta(days=1)
    assert 12 <= len(other.asked) <= 14
    assert states() == [("Given up", len(other.asked))]
    hook.refresh_from_db()
    assert (hook.state, hook.state_since) == ("Failing", timezone.now())
    event = Event.objects.latest("id")
    assert (event.name, event.subject) == ("webhook.disabled", f"webhook:{hook.pk}")
    assert event.payload == {"webhook_id": hook.pk, "reason": "failing"}


def test_one_event_that_a_receiver_cannot_take_does_not_disable_it(clock: Any) -> None:
    with peer(says(200)) as other:
        hook = hook_to(other)
        told()
        Delivery.objects.update(tries=9, tried_since=timezone.now() - timedelta(days=1))
        accepted = timezone.now() - timedelta(hours=1)
        Webhook.objects.update(failing_since=accepted)
    send()
    assert states() == [("Given up", 10)]
    hook.refresh_from_db()
    assert hook.state == "Enabled"
    assert not Event.objects.filter(name="webhook.disabled").exists()


def test_what_says_that_it_is_gone_is_disabled_at_once() -> None:
    with peer(says(410)) as other:
        hook = hook_to(other)
        told("mug.broke", "mug:1")
        told("mug.broke", "mug:2")
        send()
        told("mug.broke", "mug:3")
        send()
    hook.refresh_from_db()
    assert hook.state == "Gone"
    assert states() == [("Given up", 1)] * 2
    reasons = [event.payload["reason"] for event in Event.objects.filter(name="webhook.disabled")]
    assert reasons == ["gone"]


def test_an_accepted_one_ends_the_failing() -> None:
    with peer(says(204)) as other:
        hook = hook_to(other)
        Webhook.objects.update(failing_since=timezone.now())
        told()
        send()
    hook.refresh_from_db()
    assert hook.failing_since is None


# --- Once more, by hand ---------------------------------------------------------------------------


def test_what_was_delivered_is_sent_once_more_under_its_id() -> None:
    with peer(says(200)) as other:
        hook_to(other)
        told()
        send()
        actions.resend(delivery_ids=[Delivery.objects.get().pk])
        assert states() == [("Waiting", 0)]
        send()
    assert states() == [("Delivered", 1)]
    assert len({head["webhook-id"] for head in other.heads()}) == 1
    assert len(attempts()) == 2


def test_nothing_is_sent_once_more_to_what_is_off_and_nothing_unknown() -> None:
    with peer(says(200)) as other:
        hook = hook_to(other)
        told()
        send()
    delivery = Delivery.objects.get()
    with pytest.raises(UnknownDelivery) as refused:
        actions.resend(delivery_ids=[delivery.pk, 2**62])
    assert refused.value.delivery_id == 2**62
    actions.disable_webhook(webhook_id=hook.pk)
    with pytest.raises(WebhookIsOff):
        actions.resend(delivery_ids=[delivery.pk])
    assert states() == [("Delivered", 1)]


# --- Forgetting and looking -----------------------------------------------------------------------


def test_deliveries_are_forgotten_after_their_time(clock: Any) -> None:
    with peer(says(200)) as other:
        hook_to(other)
        told("mug.broke", "mug:1")
        send()
        clock.shift(timedelta(days=30))
        told("mug.broke", "mug:2")
        send()
    assert actions.forget_deliveries(before=timezone.now() - timedelta(days=29)) == 1
    assert (len(states()), len(attempts())) == (1, 1)


def test_the_backlog_is_of_those_that_answer(clock: Any) -> None:
    with peer(says(200)) as other:
        failing, answering = hook_to(other, "mug.broke"), hook_to(other, "mug.mended")
        gone = hook_to(other)
    Webhook.objects.filter(id=failing.pk).update(failing_since=timezone.now())
    Webhook.objects.filter(id=gone.pk).update(state="Gone")
    told("mug.broke")
    found = queries.webhook_backlog()
    assert (found.waiting, found.due_since, found.given_up) == (1, None, 1)
    clock.shift(timedelta(minutes=1))
    told("mug.mended")
    clock.shift(timedelta(minutes=1))
    found = queries.webhook_backlog()
    assert (found.waiting, found.given_up) == (2, 1)
    assert found.due_since == timezone.now() - timedelta(minutes=1)
    assert [hook.pk for hook in queries.webhooks_with_due_deliveries()] == [
        failing.pk,
        answering.pk,
    ]

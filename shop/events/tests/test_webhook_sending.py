"""Events on their way to programs outside: sent, signed, tried again, given up, sent once more.

Receivers are real servers on this machine; what they are sent is verified by the library of
Standard Webhooks, and once by hand.
"""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from standardwebhooks import Webhook as Verifier

from shop.events import actions
from shop.events.models import Delivery, Event, Receipt
from shop.events.rules import message_id_of
from shop.events.tests.hooks import attempts, hook_to, send, states, told, waits
from shop.events.tests.telling import state_of
from shop.lib.transactions import OutsideTransactionError
from tests.peers import HERE, Peer, peer, says, stays_silent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_listens", "may_call_here")]


def verified(other: Peer, secret: str, number: int = -1) -> Any:
    """Return what the library of Standard Webhooks makes of a request."""
    return Verifier(secret).verify(other.bodies()[number], other.heads()[number])


# --- Fan-out --------------------------------------------------------------------------------------


def test_an_event_becomes_a_delivery_for_each_webhook_that_wants_it() -> None:
    with peer(says(200)) as other:
        every, broke = hook_to(other), hook_to(other, "mug.broke", "mug.mended")
        hook_to(other, "mug.mended")
        off = hook_to(other)
    actions.disable_webhook(webhook_id=off.pk)
    event = Event.objects.get(id=told())
    rows = Delivery.objects.order_by("id")
    assert [(row.webhook_id, row.event_number, row.event_name) for row in rows] == [
        (every.pk, event.id, "mug.broke"),
        (broke.pk, event.id, "mug.broke"),
    ]
    assert {row.message_id for row in rows} == {message_id_of(event.id, event.created_at)}
    assert [json.loads(row.body)["type"] for row in rows] == ["mug.broke"] * 2
    assert states() == [("Waiting", 0)] * 2
    assert state_of(event.id) == (True, 0, 1)


def test_what_nobody_outside_wants_costs_no_run_and_no_receipt() -> None:
    with peer(says(200)) as other:
        hook_to(other, "mug.mended")
    event_id = told("mug.broke")
    assert state_of(event_id) == (True, 0, 0)
    assert not Receipt.objects.exists()
    assert not Delivery.objects.exists()


def test_it_is_written_in_the_handlers_transaction(monkeypatch: Any) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("django.db.connection.in_atomic_block", False)
        with pytest.raises(OutsideTransactionError):
            actions.tell_webhooks(event_id=1)
    with peer(says(200)) as other:
        hook_to(other)
    event_id = told()
    with transaction.atomic():
        actions.tell_webhooks(event_id=event_id)
    assert Delivery.objects.count() == 1


def test_an_event_that_is_replayed_goes_to_those_who_have_not_got_it_yet() -> None:
    """As after an outage: what was told while a webhook was off."""
    with peer(says(200)) as other:
        first = hook_to(other)
        event_id = told()
        send()
        later = hook_to(other)
        actions.replay(event_ids=[event_id], handlers=None)
        actions.deliver_due()
        send()
    assert [row.webhook_id for row in Delivery.objects.order_by("id")] == [first.pk, later.pk]
    assert [head["webhook-id"] for head in other.heads()] == [
        Delivery.objects.all()[0].message_id
    ] * 2


# --- What is sent ---------------------------------------------------------------------------------


def test_what_is_sent_is_signed_as_standard_webhooks_are() -> None:
    with peer(says(200, "thank you")) as other:
        hook = hook_to(other, path="/hook?from=shop")
        event = Event.objects.get(id=told("mug.broke", "mug:7"))
        before = datetime.now(UTC)
        send()
    assert verified(other, hook.secret) == {
        "type": "mug.broke",
        "timestamp": event.created_at.isoformat().replace("+00:00", "Z"),
        "version": 3,
        "subject": "mug:7",
        "data": {},
    }
    head = other.heads()[0]
    assert other.asked[0].startswith(b"POST /hook?from=shop HTTP/1.1\r\n")
    assert head["content-type"] == "application/json"
    assert head["user-agent"].startswith("NovaShop/")
    assert abs(int(head["webhook-timestamp"]) - before.timestamp()) < 5
    # And by hand, as the standard says it.
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.{other.bodies()[0]}".encode()
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert head["webhook-signature"] == f"v1,{digest}"


def test_text_of_all_languages_is_signed_as_it_is_sent() -> None:
    with peer(says(200)) as other:
        hook = hook_to(other)
        told("mug.broke", "mug:Ä€😀")
        send()
    assert verified(other, hook.secret)["subject"] == "mug:Ä€😀"


def test_for_a_day_after_a_new_secret_both_count(clock: Any) -> None:
    with peer(says(200)) as other:
        hook = hook_to(other)
        new = actions.rotate_webhook_secret(webhook_id=hook.pk)
        clock.shift(timedelta(hours=23, minutes=59))
        told()
        send()
        assert len(other.heads()[0]["webhook-signature"].split(" ")) == 2
        assert verified(other, hook.secret) == verified(other, new)
        clock.shift(timedelta(minutes=1))
        told()
        send()
    assert verified(other, new)["type"] == "mug.broke"
    assert len(other.heads()[1]["webhook-signature"].split(" ")) == 1


def test_a_test_is_sent_whatever_events_were_chosen() -> None:
    with peer(says(200)) as other:
        hook = hook_to(other, "mug.mended")
        actions.send_test_event(webhook_id=hook.pk)
        send()
    assert verified(other, hook.secret)["type"] == "webhook.test"
    assert verified(other, hook.secret)["data"] == {"webhook_id": hook.pk}


# --- What is written down -------------------------------------------------------------------------


def test_an_accepted_delivery_is_done_and_the_log_says_how_it_went() -> None:
    with peer(says(202, "queued\x00\x1b[31m é")) as other:
        hook_to(other)
        told()
        send()
        send()
    assert len(other.asked) == 1
    assert states() == [("Delivered", 1)]
    (attempt,) = attempts()
    assert (attempt.status, attempt.failure, attempt.address) == (202, "", HERE)
    assert attempt.answer == "queued\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[31m é"
    assert 0 <= attempt.milliseconds < 1000
    assert Delivery.objects.get().finished_at is not None


@pytest.mark.parametrize(
    ("answer", "status", "failure"),
    [
        (says(500, "oh"), 500, ""),
        (says(302, location="http://127.0.0.1:1/"), 302, ""),
        (says(404), 404, ""),
        (stays_silent(3), None, "too slow"),
    ],
    ids=["500", "redirect", "404", "silent"],
)
def test_all_else_is_tried_again(
    answer: Callable[[socket.socket], None], status: int | None, failure: str
) -> None:
    with peer(answer) as other:
        hook = hook_to(other)
        told()
        send()
    assert states() == [("Waiting", 1)]
    assert [(each.status, each.failure) for each in attempts()] == [(status, failure)]
    assert timedelta(seconds=2) < waits()[0] < timedelta(seconds=6)
    hook.refresh_from_db()
    assert (hook.state, hook.failing_since) == ("Enabled", attempts()[0].at)


def test_a_receiver_may_say_when_to_come_again() -> None:
    with peer(says(503, retry_after="600")) as other:
        hook_to(other)
        told()
        send()
    assert timedelta(seconds=590) < waits()[0] <= timedelta(seconds=600)


@pytest.mark.parametrize("asked", ["soon", "-5", "Wed, 21 Oct 2015 07:28:00 GMT", "²"])
def test_and_where_it_makes_no_sense_nobody_listens(asked: str) -> None:
    with peer(says(503, retry_after=asked)) as other:
        hook_to(other)
        told()
        send()
    assert waits()[0] < timedelta(seconds=6)


def test_what_is_tried_again_has_the_same_id_and_body_and_a_new_timestamp(clock: Any) -> None:
    with peer(says(500)) as other:
        hook = hook_to(other)
        told()
        send()
        clock.shift(timedelta(seconds=6))
        send()
        assert verified(other, hook.secret)["type"] == "mug.broke"
    first, second = other.heads()
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 6
    assert other.bodies()[0] == other.bodies()[1]


def test_an_address_that_has_become_private_is_not_called(settings: Any) -> None:
    with peer(says(200)) as other:
        hook_to(other)
        settings.WEBHOOK_NETWORKS = []
        told()
        send()
    assert other.arrived == []
    assert [(each.failure, each.address) for each in attempts()] == [("address not allowed", HERE)]

"""The relay as a process sends to webhooks; whoever kills it has nothing lost, and no new ids."""

import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from shop.events import actions as events
from shop.events.models import Delivery, DeliveryAttempt
from shop.ops.tests.commands import start, wait_until
from shop.ops.webhooks import telling_webhooks
from tests.builders import place, put_on_sale
from tests.peers import Answering, peer, says

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def may_call_here(settings: Any, monkeypatch: Any) -> None:
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.1")]
    monkeypatch.setenv("WEBHOOK_NETWORKS", "127.0.0.1")


@contextmanager
def running_relay() -> Iterator["subprocess.Popen[str]"]:
    process = start("relay")
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_what_happens_in_the_shop_is_told_and_the_relay_ends_when_told() -> None:
    with peer(says(200)) as other:
        hook = events.add_webhook(url=other.url(), event_names=["order.placed"])
        with running_relay() as process:
            order = place({put_on_sale("mug", stock=1): 1})
            wait_until(lambda: Delivery.objects.filter(state="Delivered").exists(), process)
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")
    assert out.endswith("The relay has stopped.\n")
    said = Verifier(hook.secret).verify(other.bodies()[0], other.heads()[0])
    assert (said["type"], said["data"]["order_id"]) == ("order.placed", order)
    assert len(other.asked) == 1


@pytest.mark.parametrize("error", [OperationalError("gone"), ValueError("a bad row")])
def test_the_sender_outlives_whatever_goes_wrong(error: Exception, monkeypatch: Any) -> None:
    rounds = threading.Semaphore(0)

    def fail(_: Any) -> int:
        rounds.release()
        raise error

    monkeypatch.setattr(events.WebhookSender, "work", fail)
    with telling_webhooks() as ring:
        for _ in range(3):
            assert rounds.acquire(timeout=10)
            ring()
    assert "webhook-sender" not in {thread.name for thread in threading.enumerate()}


def holds_until(answered: threading.Event) -> Answering:
    """Take a request, and answer it when the test says so."""

    def answer(connection: socket.socket) -> None:
        answered.wait(30)
        says(200)(connection)

    return answer


def test_a_relay_that_is_killed_before_it_has_written_the_answer_down_has_it_sent_again() -> None:
    answered = threading.Event()
    with peer(holds_until(answered)) as other:
        events.add_webhook(url=other.url(), event_names=["order.placed"])
        place({put_on_sale("mug", stock=1): 1})
        with running_relay() as killed:
            wait_until(lambda: len(other.asked) == 1, killed)
        answered.set()
        assert not DeliveryAttempt.objects.exists()
        # Its lease is over.
        Delivery.objects.update(due_at=timezone.now())
        with running_relay() as process:
            wait_until(lambda: Delivery.objects.filter(state="Delivered").exists(), process)
    first, second = other.heads()
    assert first["webhook-id"] == second["webhook-id"]
    assert json.loads(other.bodies()[0]) == json.loads(other.bodies()[1])

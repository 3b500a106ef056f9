"""Events by way of a real RabbitMQ: nothing is lost with it, and nothing happens twice."""

import io
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.utils import timezone

from deploy.stack.plan import free_ports
from deploy.stack.settings import ROOT
from novashop.celery import DEAD_LETTERS, app
from shop.catalog.models import Product, Variant
from shop.events.actions import deliver_due, hear, on
from shop.events.actions.transports.rabbitmq import handing_over, receiving
from shop.events.actions.transports.rabbitmq.sending import Sender, sending
from shop.events.models import Event, Receipt
from shop.events.queries import breaches
from shop.events.rules import Notice
from shop.events.tests.conftest import nobody_listens
from shop.events.tests.telling import listener, name_of, state_of, tell
from shop.ops.tests.commands import database_url
from tests.broker.servers import Broker
from tests.builders import place, put_on_sale
from tests.stack.living import status_of
from tests.waiting import wait_until

__all__ = ["nobody_listens"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

SECONDS = 120


def taken(queue: str) -> list[tuple[Any, ...]]:
    """Take every message of a queue: which events, and who is to hear them."""
    found = []
    with app.connection_for_write() as connection:
        bound = app.amqp.queues[queue].bind(connection.default_channel)
        while message := bound.get(no_ack=True):
            found.append(tuple(json.loads(message.body)[0]))
    return found


@pytest.fixture
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="shop.events")


@pytest.mark.usefixtures("nobody_listens", "broker")
def test_a_message_for_each_handler_in_the_queue_of_its_kind() -> None:
    first = listener([])

    @on("mug.broke", queue="mail")
    def write_a_letter(notice: Notice) -> None:
        pass

    event_id, unheard = tell(), tell("mug.mended", "mug:2")

    assert deliver_due() == 2

    assert taken("events") == [([event_id], name_of(first))]
    assert taken("mail") == [([event_id], name_of(write_a_letter))]
    assert (state_of(event_id), state_of(unheard)) == ((False, 0, 0), (True, 0, 0))
    # It is on its way: nobody is told again for a while, nor of what comes behind it.
    tell()
    assert deliver_due() == 0
    for name in (name_of(first), name_of(write_a_letter)):
        hear(event_ids=[event_id], handler=name)
    assert deliver_due() == 1
    assert not list(breaches())


@pytest.mark.usefixtures("nobody_listens", "broker")
def test_on_a_new_broker_the_dead_have_a_place_before_there_is_a_message() -> None:
    with app.connection_for_write() as connection:
        bound = DEAD_LETTERS.bind(connection.default_channel)
        bound.delete()
        bound.exchange.delete()
    listener([])
    tell()

    deliver_due()

    with app.connection_for_write() as connection:
        bound = DEAD_LETTERS.bind(connection.default_channel)
        assert bound.queue_declare(passive=True).message_count == 0


@pytest.mark.usefixtures("nobody_listens", "broker")
def test_what_the_broker_has_lost_comes_again() -> None:
    name = name_of(listener([]))
    event_id = tell()
    deliver_due()
    assert taken("events") == [([event_id], name)]

    Event.objects.update(due_at=timezone.now())
    assert deliver_due() == 1

    assert taken("events") == [([event_id], name)]


def seconds_until_due(event_id: int) -> float:
    due_at = Event.objects.get(id=event_id).due_at
    assert due_at is not None
    return (due_at - timezone.now()).total_seconds()


@pytest.mark.usefixtures("nobody_listens", "broker")
def test_a_message_is_believed_to_be_on_its_way_for_five_minutes() -> None:
    listener([])
    event_id = tell()

    deliver_due()

    assert 290 < seconds_until_due(event_id) <= 300


@pytest.mark.usefixtures("nobody_listens", "broker")
def test_a_relay_that_dies_before_it_has_sent_is_waited_for_half_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(*_: Any) -> None:
        raise SystemExit

    listener([])
    event_id = tell()
    monkeypatch.setattr(handing_over, "left_to_do", die)

    with pytest.raises(SystemExit):
        deliver_due()

    assert 20 < seconds_until_due(event_id) <= 30


@pytest.mark.usefixtures("nobody_listens", "broker")
def test_what_a_worker_has_put_off_meanwhile_stays_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    settle = Sender.settle

    def fail_and_settle(sender: Sender) -> None:
        # As a worker does that is quicker than we are.
        Event.objects.update(due_at=timezone.now() + timedelta(seconds=8), failures=3)
        settle(sender)

    listener([])
    event_id = tell()
    monkeypatch.setattr(Sender, "settle", fail_and_settle)

    deliver_due()

    assert 5 < seconds_until_due(event_id) <= 8


@pytest.mark.long
@pytest.mark.usefixtures("nobody_listens", "_quiet")
def test_while_the_broker_is_away_orders_are_placed_and_events_wait(
    broker: Broker, client: Client
) -> None:
    broker.settle()
    heard: list[str] = []
    listener(heard, name="order.placed")
    mug = put_on_sale("mug", stock=100)
    while deliver_due():
        pass
    assert client.get("/readyz").json()["broker"] == "ok"
    broker.kill()
    try:
        orders = [place({mug: 1}) for _ in range(3)]
        assert "novashop_broker_up 0.0\n" in client.get("/metrics").content.decode()
        readyz = client.get("/readyz")
        assert (readyz.status_code, readyz.json()["broker"]) == (200, "unavailable")
        assert deliver_due() == 0
        waiting = Event.objects.filter(name="order.placed", delivered_at=None)
        assert waiting.count() == len(orders)
        assert set(waiting.values_list("failures", flat=True)) == {0}
    finally:
        broker.start()

    Event.objects.filter(delivered_at=None).update(due_at=timezone.now())
    deliver_due()
    assert len(taken("events")) == len(orders)


@pytest.mark.long
@pytest.mark.usefixtures("nobody_listens")
def test_what_was_confirmed_is_there_after_a_power_cut(broker: Broker) -> None:
    broker.settle()
    name = name_of(listener([]))
    ids = [tell(subject=f"mug:{number}") for number in range(20)]
    assert deliver_due() == 20

    broker.kill()
    broker.start()

    messages = taken("events")
    assert {who for _, who in messages} == {name}
    assert sorted(one for some, _ in messages for one in some) == ids


@contextmanager
def a_worker(url: str, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker on the test's database."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "worker", *options],
        env=os.environ | {"DATABASE_URL": database_url(), "BROKER_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    # A pipe that nobody reads would fill and stop it.
    said = io.BytesIO()
    reader = threading.Thread(target=lambda: said.write(process.stdout.read()))  # type: ignore[union-attr]
    reader.start()
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stdout
        process.stdout.close()


def test_a_worker_does_what_it_is_asked_and_ends_when_told(broker: Broker) -> None:
    put_on_sale("mug", stock=1)
    Product.objects.update(in_stock=False)
    variant = Variant.objects.get()
    Event.objects.all().delete()
    tell_of = {"name": "product.visibility_changed", "payload": {"variant_ids": [variant.id]}}
    now = timezone.now()
    event = Event.objects.create(subject="product:1", created_at=now, due_at=now, **tell_of)

    port = free_ports(1)[0]
    with a_worker(broker.url, "--port", str(port)) as worker:
        deliver_due()
        # What it does is told in its turn, and that waits for the next relay.
        wait_until(
            lambda: not Event.objects.filter(id=event.id, delivered_at=None).exists(),
            seconds=SECONDS,
        )
        assert status_of(f"http://127.0.0.1:{port}/healthz") == 200
        assert status_of(f"http://127.0.0.1:{port}/") == 404
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(SECONDS) == 0

    assert Product.objects.get().in_stock
    assert Receipt.objects.filter(event_id=event.id).count() == 1


def test_while_the_database_is_away_the_worker_waits_with_the_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[tuple[Sequence[int], bool]] = []
    away = iter([OperationalError("gone"), InterfaceError("gone")])

    def hear(*, event_ids: Sequence[int], handler: str, together: bool) -> None:
        for error in away:
            raise error
        heard.append((event_ids, together))

    monkeypatch.setattr(receiving, "hear", hear)
    monkeypatch.setattr(receiving, "is_away", lambda _: True)
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)

    receiving.receive([1, 2], "shop.glue", is_new=False)

    assert heard == [([1, 2], False)]
    # The first time, it may be no more than a connection that is old.
    assert slept == [0, 1]


@pytest.mark.usefixtures("nobody_listens", "broker")
def test_one_message_has_many_events_and_one_letter() -> None:
    first = listener([])

    @on("mug.broke", queue="mail")
    def write_a_letter(notice: Notice) -> None:
        pass

    ids = [tell(subject=f"mug:{number}") for number in range(20)]

    assert deliver_due() == 20

    messages = taken("events")
    assert {name for _, name in messages} == {name_of(first)}
    assert [len(some) for some, _ in messages] == [3, 3, 3, 3, 3, 3, 2]
    assert sorted(one for some, _ in messages for one in some) == ids
    assert taken("mail") == [([event_id], name_of(write_a_letter)) for event_id in ids]


@pytest.mark.usefixtures("nobody_listens", "_quiet")
def test_what_the_broker_does_not_confirm_is_sent_again(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener([])
    event_id = tell()
    real = Sender.settle

    def refuse(sender: Sender) -> None:
        real(sender)
        sender._unconfirmed[0] = [event_id]
        sender._refuse(0, multiple=False)

    with monkeypatch.context() as patched:
        patched.setattr(Sender, "settle", refuse)
        assert deliver_due() == 0
    event = Event.objects.get()
    assert (event.failures, event.delivered_at) == (0, None)
    assert event.due_at is not None
    assert event.due_at < timezone.now() + timedelta(seconds=3)

    Event.objects.update(due_at=timezone.now())
    assert deliver_due() == 1


@pytest.mark.usefixtures("broker")
def test_the_line_to_the_broker_is_kept_and_mended() -> None:
    with sending() as first:
        pass
    with sending() as second:
        assert second is first
    first._connection.transport.close_connection(first._connection.connection)
    # It believes for half a second what it has seen.
    first._looked_at = 0
    with sending() as third:
        assert third is not first


def test_what_nobody_can_handle_is_a_dead_letter_and_can_be_put_back(broker: Broker) -> None:
    listened = "product.visibility_changed"
    now = timezone.now()
    event = Event.objects.create(
        name=listened, subject="product:1", payload={"variant_ids": [1]}, created_at=now, due_at=now
    )
    Event.objects.filter(id=event.id).update(due_at=now + timedelta(hours=1))
    app.send_task("novashop.handle", args=[[event.id], "shop.gone"], queue="events")

    with a_worker(broker.url):
        wait_until(lambda: dead() == 1, seconds=SECONDS)

    told = Client().get("/metrics").content.decode()
    assert "novashop_broker_up 1.0\n" in told
    assert 'novashop_broker_messages{queue="dead"} 1.0\n' in told
    assert command("list") == [f"events  rejected  novashop.handle  [[{event.id}], 'shop.gone']"]
    # Looking takes nothing away.
    assert dead() == 1
    assert command("put_back") == ["1 messages are back where they came from."]
    assert dead() == 0
    assert taken("events") == [([event.id], "shop.gone")]
    assert Event.objects.filter(delivered_at=None, failures=0).count() == 1


def dead() -> int:
    with app.connection_for_write() as connection:
        bound = DEAD_LETTERS.bind(connection.default_channel)
        bound.declare()
        return int(bound.queue_declare(passive=True).message_count)


def command(*words: str) -> list[str]:
    out = io.StringIO()
    call_command("dead_letters", *words, stdout=out)
    return out.getvalue().splitlines()

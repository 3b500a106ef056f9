"""Events to other systems, by Kafka's own protocol, in a cluster that its client brings along."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer
from django.test import Client
from django.utils import timezone

from deploy.stack.plan import free_ports
from shop.events import actions
from shop.events.actions.transports.kafka import handing_over, sending
from shop.events.models import Event
from shop.events.rules import TEXT, Kind
from shop.events.tests.conftest import nobody_listens
from shop.events.tests.telling import listener, state_of, tell
from shop.ops.relaying import relay_until
from tests.builders import place, put_on_sale
from tests.waiting import wait_until

__all__ = ["nobody_listens"]

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SECONDS = 30


class Kafka:
    """Three brokers, and somebody who reads what is in them."""

    def __init__(self) -> None:
        self._cluster = Producer({"test.mock.num.brokers": 3, "bootstrap.servers": "mock"})
        brokers = self._cluster.list_topics(timeout=SECONDS).brokers.values()
        self.servers = [f"{broker.host}:{broker.port}" for broker in brokers]

    def read(self, topic: str, count: int) -> list[Any]:
        """Return the first so many records of a topic."""
        reader = Consumer(
            {
                "bootstrap.servers": ",".join(self.servers),
                "group.id": f"readers-{time.monotonic()}",
                "auto.offset.reset": "earliest",
            }
        )
        reader.subscribe([topic])
        found: list[Any] = []
        deadline = time.monotonic() + SECONDS
        try:
            while len(found) < count and time.monotonic() < deadline:
                record = reader.poll(0.2)
                if record is not None and record.error() is None:
                    found.append(record)
        finally:
            reader.close()
        return found


@pytest.fixture(scope="module")
def cluster() -> Kafka:
    return Kafka()


@pytest.fixture
def kafka(cluster: Kafka, settings: Any, request: pytest.FixtureRequest) -> Iterator[Kafka]:
    """A cluster that other systems read, with topics of the test's own."""
    settings.KAFKA_SERVERS = cluster.servers
    settings.KAFKA_TOPICS = f"{request.node.name}."
    settings.EVENTS_BESIDE = "shop.events.actions.transports.kafka"
    yield cluster
    actions.hang_up_on_others()


@pytest.fixture
def away(kafka: Kafka, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Kafka:
    """The same, but nobody listens at the address that the shop has."""
    settings.KAFKA_SERVERS = [f"127.0.0.1:{free_ports(1)[0]}"]
    monkeypatch.setattr(handing_over, "_SECONDS_TO_CONFIRM", 0.3)
    return kafka


def waiting() -> int:
    return Event.objects.filter(tell_others_at__isnull=False).count()


@pytest.mark.usefixtures("nobody_listens")
def test_others_are_told_what_the_document_promises(kafka: Kafka, settings: Any) -> None:
    event_id = tell("mug.counted", "mug:7", pieces=3)

    assert actions.tell_others() == 1

    (record,) = kafka.read(f"{settings.KAFKA_TOPICS}mug", 1)
    event = Event.objects.get()
    assert record.key() == b"mug:7"
    assert dict(record.headers()) == {"name": b"mug.counted", "id": str(event_id).encode()}
    assert json.loads(record.value()) == {
        "id": event_id,
        "name": "mug.counted",
        "version": 1,
        "subject": "mug:7",
        "happened_at": event.created_at.isoformat(),
        "request_id": "",
        "payload": {"pieces": 3},
    }
    # Nobody is told twice, and the handlers' own way is another.
    assert waiting() == actions.tell_others() == 0
    assert state_of(event_id) == (False, 0, 0)


@pytest.mark.usefixtures("nobody_listens")
def test_news_of_one_subject_stay_in_their_order(kafka: Kafka, settings: Any) -> None:
    ids = [tell(subject=f"mug:{number % 3}") for number in range(30)]

    assert [actions.tell_others(limit=7) for _ in range(6)] == [7, 7, 7, 7, 2, 0]

    records = kafka.read(f"{settings.KAFKA_TOPICS}mug", 30)
    found: dict[bytes, list[int]] = {}
    for record in records:
        found.setdefault(record.key(), []).append(json.loads(record.value())["id"])
    assert found == {f"mug:{number}".encode(): ids[number::3] for number in range(3)}


def test_an_order_is_told_by_its_own_topic(kafka: Kafka, settings: Any) -> None:
    mug = put_on_sale("mug", stock=3)
    order = place({mug: 1})
    while actions.tell_others():
        pass

    (record,) = kafka.read(f"{settings.KAFKA_TOPICS}order", 1)
    told = json.loads(record.value())
    assert (told["name"], told["subject"]) == ("order.placed", f"order:{order}")
    assert waiting() == 0


@pytest.mark.usefixtures("nobody_listens")
def test_without_kafka_nothing_waits_for_it() -> None:
    tell()

    assert waiting() == 0
    assert not actions.has_others()
    assert actions.others_answer() is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("nobody_listens")
def test_while_kafka_is_away_events_wait_and_handlers_do_not(
    away: Kafka, settings: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    listener(heard)
    ids = [tell(), tell()]

    assert actions.tell_others() == 0
    assert actions.deliver_due() == 2

    assert heard == ["mug:1", "mug:1"]
    assert [state_of(event_id)[:2] for event_id in ids] == [(True, 0), (True, 0)]
    soon = (timezone.now(), timezone.now() + timedelta(seconds=3))
    assert Event.objects.filter(tell_others_at__range=soon).count() == 2
    assert client.get("/readyz").json()["kafka"] == "unavailable"
    assert "novashop_events_for_others 2.0\n" in client.get("/metrics").content.decode()
    # What others have not heard of is not forgotten, however old it is.
    actions.forget_delivered(before=timezone.now() + timedelta(days=1))
    assert Event.objects.count() == 2

    actions.hang_up_on_others()
    settings.KAFKA_SERVERS = away.servers
    monkeypatch.setattr(handing_over, "_SECONDS_TO_CONFIRM", SECONDS)
    Event.objects.update(tell_others_at=timezone.now())
    assert actions.tell_others() == 2
    records = away.read(f"{settings.KAFKA_TOPICS}mug", 2)
    assert [json.loads(record.value())["id"] for record in records] == ids
    assert client.get("/readyz").json()["kafka"] == "ok"
    actions.forget_delivered(before=timezone.now() + timedelta(days=1))
    assert not Event.objects.exists()


@pytest.mark.usefixtures("nobody_listens")
def test_what_kafka_does_not_take_holds_up_nobody_else(
    kafka: Kafka, caplog: pytest.LogCaptureFixture
) -> None:
    actions.registering.declare([Kind("mug.engraved", "Somebody wrote on it.", {"text": TEXT})])
    large = tell("mug.engraved", "mug:1", text="x" * 1_100_000)
    tell(subject="mug:2")

    assert actions.tell_others() == 1

    left = Event.objects.filter(tell_others_at__isnull=False)
    assert [event.id for event in left] == [large]
    assert f"Kafka does not take event {large}: " in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("nobody_listens")
def test_the_relay_tells_others_and_ends(kafka: Kafka, settings: Any) -> None:
    stop = threading.Event()
    relay = threading.Thread(target=relay_until, args=(stop,))
    relay.start()
    try:
        tell()
        wait_until(lambda: not waiting(), seconds=SECONDS)
    finally:
        stop.set()
        relay.join(SECONDS)
    assert not relay.is_alive()
    assert len(kafka.read(f"{settings.KAFKA_TOPICS}mug", 1)) == 1
    assert not sending._kept


def test_a_server_without_a_port_has_the_usual_one(
    kafka: Kafka, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], timeout: float) -> None:
        asked.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", refuse)
    settings.KAFKA_SERVERS = ["one", "two:1234", "[::1]:9093"]

    assert actions.others_answer() is False
    assert asked == [("one", 9092), ("two", 1234), ("::1", 9093)]

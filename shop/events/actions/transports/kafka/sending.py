"""The line to Kafka, and what a record on it says."""

import json
import logging
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from django.conf import settings

from shop.events.models import Event

logger = logging.getLogger(__name__)

_kept: dict[str, Any] = {}


def producer() -> Any:
    """Return the producer of this process, which connects by itself and keeps connected."""
    if "producer" not in _kept:
        _kept["producer"] = Producer(
            {
                "bootstrap.servers": ",".join(settings.KAFKA_SERVERS),
                "client.id": "novashop",
                **settings.KAFKA_OPTIONS,
                # Written by all replicas in sync, once and in order, however often it was sent.
                "enable.idempotence": True,
                "acks": "all",
                # Who waits for it decides when to give up, so that nothing is skipped meanwhile.
                "message.timeout.ms": 0,
            },
            logger=logger,
        )
    return _kept["producer"]


def hang_up() -> None:
    """Let go of the line to Kafka, and of whatever is still on it."""
    line = _kept.pop("producer", None)
    if line is not None:
        line.purge()
        line.flush(1)


class Told:
    """Events on their way to Kafka, and which of them are there."""

    def __init__(self) -> None:
        self.ids: set[int] = set()
        self._line = producer()

    def send(self, event: Event) -> None:
        """Send a record; `settle` says when it is there for sure."""
        number = event.id
        try:
            self._line.produce(
                topic_of(event.subject),
                key=event.subject,
                value=json.dumps(record_of(event), ensure_ascii=False),
                headers={"name": event.name, "id": str(number)},
                on_delivery=lambda error, _: self._note(number, error),
            )
        except (KafkaException, BufferError) as error:
            logger.warning("Kafka does not take event %s: %s", number, error)

    def settle(self, seconds: float) -> None:
        """Wait so long at most until all are there, and take back those that are not."""
        if self._line.flush(seconds):
            self._line.purge()
            self._line.flush(1)

    def _note(self, number: int, error: KafkaError | None) -> None:
        if error is None:
            self.ids.add(number)
        elif error.code() not in {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}:
            logger.warning("Kafka does not take event %s: %s", number, error)


def topic_of(subject: str) -> str:
    """Return where events of such a subject go: `novashop.order` for `order:12`."""
    return f"{settings.KAFKA_TOPICS}{subject.partition(':')[0]}"


def record_of(event: Event) -> dict[str, Any]:
    """Return what is said of an event: docs/events.md promises it to others."""
    return {
        "id": event.id,
        "name": event.name,
        "version": event.version,
        "subject": event.subject,
        "happened_at": event.created_at.isoformat(),
        "request_id": event.request_id,
        "payload": event.payload,
    }

"""Celery's workers: they get from RabbitMQ which handler is to hear which event.

    manage.py worker --queues events,mail

Queues are quorum queues: a message is confirmed once it is on the disks of most brokers, and stays
until it was handled. What cannot be handled lies in the queue `dead`.
"""

import os
import sys
from typing import Any

from celery import Celery, signals
from kombu import Exchange, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")

from django.conf import settings

from shop.events.rules import QUEUES

DEAD = "dead"
# A message that has taken its worker along so often is none to try again.
_MOST_DELIVERIES = 5
_SECONDS_TO_CONNECT = 2
_exchange = Exchange("novashop", type="topic")
_dead_exchange = Exchange("novashop.dead", type="topic")


def _queue(name: str) -> Queue:
    return Queue(
        name,
        _exchange,
        routing_key=name,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": _MOST_DELIVERIES,
            "x-dead-letter-exchange": _dead_exchange.name,
            "x-dead-letter-routing-key": DEAD,
        },
    )


DEAD_LETTERS = Queue(
    DEAD, _dead_exchange, routing_key=DEAD, queue_arguments={"x-queue-type": "quorum"}
)

app = Celery("novashop", set_as_current=True)
app.conf.update(
    # Connections to the database stay open from one message to the next, as from one request to the
    # next; `receive` replaces one that is broken. To open one took longer than the work.
    CELERY_DB_REUSE_MAX=sys.maxsize,
    broker_url=settings.BROKER_URL or "memory://",
    broker_connection_timeout=_SECONDS_TO_CONNECT,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={"confirm_publish": True},
    task_queues=[*(_queue(name) for name in QUEUES), DEAD_LETTERS],
    task_default_queue=QUEUES[0],
    task_default_exchange=_exchange.name,
    task_default_exchange_type=_exchange.type,
    task_default_routing_key=QUEUES[0],
    task_default_queue_type="quorum",
    worker_consumer="novashop.workers:Consumer",
    worker_detect_quorum_queues=True,
    # Kept by the broker until it was handled; what raises is a dead letter.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_acks_on_failure_or_timeout=False,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=8,
    # Nobody asks workers anything by the broker: each answers at a port of its own.
    worker_enable_remote_control=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_send_task_events=False,
    enable_utc=True,
)


@signals.setup_logging.connect
def leave_logs_as_they_are(**_: Any) -> None:
    """Let Celery write where the settings say that the shop does."""


@app.task(name="novashop.handle", bind=True)
def handle(self: Any, event_ids: Any, handler: Any) -> None:
    """Let a handler hear events."""
    from shop.events.actions.transports.rabbitmq.receiving import receive

    is_new = not self.request.delivery_info.get("redelivered")
    receive([int(event_id) for event_id in event_ids], str(handler), is_new=is_new)

"""What the shop tells Prometheus: what its processes have counted, and how its database is."""

import functools
import ipaddress
import platform
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain

import django
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.registry import Collector

from shop.events import actions as events
from shop.events.queries import WebhookBacklog
from shop.lib import metrics
from shop.lib.processes import ProcessFacts
from shop.ops.database_facts import DatabaseFacts, ServerFacts, ask_database


@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """Answer whoever may read this; for all others there is nothing here."""
    if not may_read(request.META.get("REMOTE_ADDR", "")):
        raise Http404
    return _told(request)


@require_safe
def _told(request: HttpRequest) -> HttpResponse:
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(_registry()), content_type=content_type)


def may_read(address: str) -> bool:
    """Tell whether a caller from there is named by METRICS_FROM."""
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    # A server that listens on IPv6 sees callers by IPv4 like this.
    caller = getattr(caller, "ipv4_mapped", None) or caller
    return any(caller in network for network in settings.METRICS_NETWORKS)


@functools.cache
def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Everything())
    return registry


class _Everything(Collector):
    """All that is told, gathered anew whenever somebody asks."""

    def collect(self) -> Iterable[Metric]:
        """Return each metric once."""
        return chain(
            metrics.counted(),
            [_build()],
            _of_processes(metrics.processes()),
            _of_database(ask_database()),
            _of_broker(events.messages()),
        )


def _build() -> Metric:
    about = {
        "version": settings.VERSION,
        "python": platform.python_version(),
        "django": django.get_version(),
    }
    return InfoMetricFamily("novashop_build", "What is running here.", value=about)


def _of_processes(processes: Mapping[str, ProcessFacts]) -> Iterable[Metric]:
    """Return how each process is; `slot` tells two of the same name apart."""
    labels = ["process", "slot"]
    since = GaugeMetricFamily(
        "novashop_process_start_time_seconds",
        "Since when it runs, in seconds from 1970.",
        None,
        labels,
    )
    memory = GaugeMetricFamily(
        "novashop_process_resident_bytes",
        "Memory, what it shares with others included.",
        None,
        labels,
    )
    cpu = CounterMetricFamily("novashop_process_cpu_seconds", "Time on a processor.", None, labels)
    for slot, facts in processes.items():
        since.add_metric([facts.name, slot], facts.started_at)
        memory.add_metric([facts.name, slot], facts.resident_bytes)
        cpu.add_metric([facts.name, slot], facts.cpu_seconds)
    return [since, memory, cpu]


def _of_broker(messages: Mapping[str, int] | None) -> Iterable[Metric]:
    """Return how what carries events is, where something does."""
    if messages == {}:
        return
    yield _gauge("novashop_broker_up", "Whether the broker answers.", messages is not None)
    if messages is not None:
        waiting = GaugeMetricFamily(
            "novashop_broker_messages", "Messages in each queue.", None, ["queue"]
        )
        for queue, count in messages.items():
            waiting.add_metric([queue], count)
        yield waiting


def _of_database(facts: DatabaseFacts | None) -> Iterable[Metric]:
    """Return what is known of the database; nothing but that it is away, where it is."""
    yield _gauge("novashop_database_up", "Whether the database answers.", facts is not None)
    if facts is None:
        return
    if facts.server is not None:
        yield from _of_server(facts.server)
    now = timezone.now()
    backlog = facts.backlog
    age = (now - backlog.since).total_seconds() if backlog.since else 0.0
    yield _gauge("novashop_events_waiting", "Events not delivered yet.", backlog.waiting)
    yield _gauge("novashop_events_oldest_seconds", "Age of the oldest of them.", max(age, 0.0))
    yield _gauge(
        "novashop_events_set_aside", "Events that failed too often to go on.", backlog.set_aside
    )
    if events.has_others():
        yield _gauge(
            "novashop_events_for_others", "Events that Kafka has not got yet.", backlog.for_others
        )
    yield from _of_webhooks(facts.webhooks, now)
    late = GaugeMetricFamily(
        "novashop_schedule_late_seconds", "How long periodic work is overdue.", labels=["entry"]
    )
    for name, due_at in facts.due_times.items():
        late.add_metric([name], max((now - due_at).total_seconds(), 0.0))
    yield late


def _of_webhooks(facts: WebhookBacklog, now: datetime) -> Iterable[Metric]:
    age = (now - facts.due_since).total_seconds() if facts.due_since else 0.0
    yield _gauge("novashop_webhook_deliveries_waiting", "Deliveries to be sent.", facts.waiting)
    yield _gauge(
        "novashop_webhook_oldest_seconds",
        "For how long the oldest of them is due, of webhooks that answer.",
        max(age, 0.0),
    )
    yield _gauge(
        "novashop_webhooks_disabled", "Webhooks that nothing is sent to any more.", facts.given_up
    )


def _of_server(facts: ServerFacts) -> Iterable[Metric]:
    yield _gauge("novashop_database_connections", "Connections to the database.", facts.connections)
    yield _gauge(
        "novashop_database_connections_of_everybody",
        "Connections to its server, of whomever.",
        facts.connections_of_everybody,
    )
    yield _gauge("novashop_database_connections_limit", "How many the server lets in.", facts.limit)
    yield _gauge(
        "novashop_database_longest_seconds",
        "How long the oldest statement runs, or the oldest transaction is open.",
        facts.longest_seconds,
    )


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=float(value))

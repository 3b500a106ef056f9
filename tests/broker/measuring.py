"""How fast events are delivered, and whether any is lost: on a PostgreSQL of its own, with its log.

python -m tests.servers postgresql -- python -m tests.broker.measuring drain
… drain --by rabbitmq | latency --by rabbitmq | killing
"""

import argparse
import contextlib
import math
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction

from tests.broker import measured
from tests.broker.measured import ALONE, MARKED, RECEIVED
from tests.broker.servers import Broker, running_broker

# Only now that the shop is set up.
from shop.events import actions  # isort: skip
from shop.events.actions.registering import Listener  # isort: skip
from shop.events.actions.transports.rabbitmq import sending  # isort: skip
from shop.events.actions.transports.rabbitmq.sending import Sender  # isort: skip
from shop.events.models import Event  # isort: skip
from shop.events.rules import News  # isort: skip
from shop.ops.relaying import relay_until  # isort: skip

WORKERS = 2
_AT_ONCE = 500
_WORKER = "-A tests.broker.measured worker -Q events,mail -P solo -l error --without-mingle"


def say(sentence: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {sentence}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["drain", "latency", "killing"])
    parser.add_argument("--by", choices=["inline", "rabbitmq"], default="inline")
    parser.add_argument("--events", type=int, default=0, help="how many (each has its default)")
    parser.add_argument("--alone", action="store_true", help="by a handler that is not quick")
    parser.add_argument("--kills", type=int, default=20)
    chosen = parser.parse_args()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(measured.EFFECTS)
    if chosen.what == "killing":
        killing(events=chosen.events or 50_000, kills=chosen.kills)
        return
    with carried(chosen.by):
        if chosen.what == "drain":
            drain(events=chosen.events or 10_000, by=chosen.by, alone=chosen.alone)
        else:
            latency(events=chosen.events or 600, by=chosen.by)


def tell(name: str, numbers: Sequence[int], *, subjects: int) -> None:
    news = [
        News(name=name, subject=f"measured:{number % subjects}", payload={"number": number})
        for number in numbers
    ]
    with transaction.atomic():
        actions.emit_all(news=news)


def tell_many(name: str, count: int, *, subjects: int) -> None:
    for first in range(0, count, _AT_ONCE):
        tell(name, range(first, min(first + _AT_ONCE, count)), subjects=subjects)


def wait_until_delivered() -> None:
    while Event.objects.filter(delivered_at=None).exists():
        time.sleep(0.1)


def drain(*, events: int, by: str, alone: bool) -> None:
    """Say how many events a second are delivered of a backlog, by one relay."""
    tell_many(ALONE if alone else RECEIVED, events, subjects=events)
    began, busy = time.monotonic(), time.process_time()
    with relaying():
        wait_until_delivered()
    took, used = time.monotonic() - began, time.process_time() - busy
    way = f"{by}, one by one" if alone else by
    say(
        f"drain {way}: {events} events in {took:.1f} s, {events / took:.0f} a second; "
        f"the relay used {used:.1f} s of CPU, load of the machine {os.getloadavg()[0]:.0f}"
    )


def latency(*, events: int, by: str) -> None:
    """Say how long it takes from a commit to the start of the handler, at 20 events a second."""
    committed: dict[int, float] = {}
    with relaying():
        began = time.monotonic()
        for number in range(events):
            time.sleep(max(0.0, began + number / 20 - time.monotonic()))
            tell(MARKED, [number], subjects=events)
            committed[number] = time.time()
        wait_until_delivered()
    waits = sorted(at - committed[number] for number, _, at in effects())
    at = {share: waits[math.ceil(len(waits) * share) - 1] * 1000 for share in (0.5, 0.95, 0.99, 1)}
    say(
        f"latency {by}: {len(waits)} events at 20 a second, p50 {at[0.5]:.0f} ms, "
        f"p95 {at[0.95]:.0f} ms, p99 {at[0.99]:.0f} ms, longest {at[1]:.0f} ms, "
        f"load of the machine {os.getloadavg()[0]:.0f}"
    )


def killing(*, events: int, kills: int) -> None:
    """Kill the broker so often meanwhile; a tenth is sent twice, a tenth out of order."""
    muddled = patch.object(sending, "Sender", Muddler)
    with running_broker() as broker, by_rabbitmq(broker), muddled:
        began, killed = time.monotonic(), 0
        telling = threading.Thread(target=in_thread(lambda: tell_slowly(events)))
        with relaying(), workers(broker):
            telling.start()
            while killed < kills:
                while len_of_effects() < events * (killed + 1) // (kills + 1):
                    time.sleep(0.1)
                broker.kill()
                killed += 1
                broker.start()
                say(f"killed {killed} times, {len_of_effects()} of {events} handled")
            telling.join()
            wait_until_delivered()
        took = time.monotonic() - began
    found = effects()
    lost = events - len({number for number, _, _ in found})
    twice = len(found) - len({number for number, _, _ in found})
    say(
        f"killing: {events} events, the broker killed {killed} times in {took:.0f} s: {lost} lost, "
        f"{twice} effects twice, {out_of_order(found)} out of the order of their subject"
    )
    sys.exit(bool(lost or twice))


def tell_slowly(events: int) -> None:
    tell_many(MARKED, events, subjects=events // 10)


def out_of_order(found: Sequence[tuple[int, str, float]]) -> int:
    """Count the effects of a subject that came before an earlier one's."""
    last: dict[str, int] = {}
    wrong = 0
    for number, subject, _ in sorted(found, key=lambda effect: effect[2]):
        wrong += number < last.get(subject, -1)
        last[subject] = max(number, last.get(subject, -1))
    return wrong


def effects() -> list[tuple[int, str, float]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, subject, at FROM measured_effects")
        return list(cursor.fetchall())


def len_of_effects() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM measured_effects")
        return int(cursor.fetchone()[0])


class Muddler(Sender):
    """Sends a tenth of the messages twice, and a tenth after the one that follows."""

    _held: list[tuple[Sequence[int], Listener]] = []

    def send(self, event_ids: Sequence[int], listener: Listener) -> None:
        dice = random.random()  # noqa: S311
        if dice < 0.1 and not self._held:
            self._held.append((event_ids, listener))
            return
        super().send(event_ids, listener)
        if dice > 0.9:
            super().send(event_ids, listener)
        self._let_go()

    def settle(self) -> None:
        self._let_go()
        super().settle()

    def _let_go(self) -> None:
        while self._held:
            super().send(*self._held.pop())


@contextlib.contextmanager
def carried(by: str) -> Iterator[None]:
    if by == "inline":
        yield
        return
    with running_broker() as broker, by_rabbitmq(broker), workers(broker):
        yield


@contextlib.contextmanager
def by_rabbitmq(broker: Broker) -> Iterator[None]:
    settings.BROKER_URL = measured.app.conf.broker_url = broker.url
    settings.EVENT_TRANSPORT = "shop.events.actions.transports.rabbitmq"
    yield


def wait_for_workers() -> None:
    """Wait until all of them are there: how long they take to start is not what is measured."""
    with measured.app.connection_for_write() as connection:
        queue = measured.app.amqp.queues["events"].bind(connection.default_channel)
        queue.declare()
        while queue.queue_declare(passive=True).consumer_count < WORKERS:
            time.sleep(0.1)


@contextlib.contextmanager
def workers(broker: Broker) -> Iterator[None]:
    command = [sys.executable, "-m", "celery", *_WORKER.split()]
    environment = os.environ | {"BROKER_URL": broker.url}
    processes = [
        subprocess.Popen([*command, "-n", f"worker-{number}"], env=environment)
        for number in range(WORKERS)
    ]
    try:
        wait_for_workers()
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


@contextlib.contextmanager
def relaying() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=lambda: relay_until(stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def in_thread(work: Callable[[], Any]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    return run


if __name__ == "__main__":
    main()

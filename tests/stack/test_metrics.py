"""What several processes count adds up, whichever is asked, whichever dies, however often."""

import contextlib
import os
import signal
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.stack.shops import SECONDS_TO_OPEN, Shop
from tests.waiting import wait_until

pytestmark = pytest.mark.once

# A product's page is asked for by nobody but these tests.
PAGE = "novashop_request_seconds_count GET /products/<int:product_id>/ 2xx"
HERE = "127.0.0.1"
SECONDS_TO_GROW_UP = 6


class Watched(Shop):
    """A shop of one app server with two workers, and a relay."""

    def metrics(self, *, seconds: float = 10) -> dict[str, float]:
        """Return what whichever worker is asked says of all."""
        address = f"{self.url}/metrics"
        with urllib.request.urlopen(address, timeout=seconds) as answer:  # noqa: S310
            families = text_string_to_metric_families(answer.read().decode())
            return {
                " ".join([sample.name, *sample.labels.values()]): sample.value
                for family in families
                for sample in family.samples
            }

    def look(self, times: int) -> None:
        """Ask for a page so often, each time on a connection of its own."""
        (product,) = self.execute("SELECT MIN(id) FROM catalog_product WHERE is_published")[0]
        for _ in range(times):
            assert self.visitor(HERE).get(f"/products/{product}/").status == 200

    def workers(self) -> list[int]:
        """Return the processes that answer: children of the one that watches."""
        (parent,) = (self.folder / "app.pid").read_text().split()
        found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        names = {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in found}
        return [pid for pid, name in names.items() if "worker" in name]

    def kill_workers(self, *, at_once: bool = False) -> None:
        """Kill them as the kernel does when memory runs out; wait until others have come."""
        # The server gives up on workers that die young.
        time.sleep(0 if at_once else SECONDS_TO_GROW_UP)
        killed = self.workers()
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + SECONDS_TO_OPEN
        while len(set(self.workers()) - set(killed)) < 2:
            assert time.monotonic() < deadline, self.written()
            time.sleep(0.1)
        # A successor is there before it counts.
        self.wait_until_open()
        wait_until(lambda: self.metrics().get("novashop_workers app") == 2)

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        command = ("serve", "--port", str(self.port), "--workers", "2")
        with self.running("app", *command) as process:
            (self.folder / "app.pid").write_text(str(process.pid))
            self.wait_until_open()
            yield


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    shop = Watched(tmp_path_factory.mktemp("shop"), THROTTLE="off")
    with shop.open(), shop.running("relay", "relay"):
        yield shop


@pytest.mark.long
def test_every_worker_answers_for_all(shop: Watched) -> None:
    before = shop.metrics().get(PAGE, 0)

    shop.look(40)

    # Whichever of the two is asked.
    assert {shop.metrics()[PAGE] for _ in range(10)} == {before + 40}
    assert len(shop.workers()) == 2
    assert len(list((shop.folder / "metrics").glob("histogram_*.db"))) >= 2


@pytest.mark.long
def test_the_killed_keep_what_they_counted_and_their_successors_go_on(shop: Watched) -> None:
    before = shop.metrics().get(PAGE, 0)
    began = newest(shop)
    shop.look(10)
    files: list[set[str]] = []
    for round_ in range(1, 3):
        shop.kill_workers()
        began, previous = newest(shop), began
        assert began > previous
        assert shop.metrics()[PAGE] == before + 10 * round_
        shop.look(10)
        assert shop.metrics()[PAGE] == before + 10 * (round_ + 1)
        files.append({path.name for path in (shop.folder / "metrics").iterdir()})

    # However many processes there were, each has taken the place of another.
    assert files[-1] == files[0]


def newest(shop: Watched) -> float:
    """Return when the newest process of the app server began, in seconds since 1970."""
    name = "novashop_process_start_time_seconds app"
    return max(value for found, value in shop.metrics().items() if found.startswith(name))


@pytest.mark.long
def test_what_the_killed_had_in_hand_is_in_nobodys(shop: Watched) -> None:
    time.sleep(SECONDS_TO_GROW_UP)
    with contextlib.closing(sqlite3.connect(shop.folder / "novashop.sqlite3")) as database:
        # Whoever writes now waits for us.
        database.execute("BEGIN IMMEDIATE")
        waiting = threading.Thread(target=_open_a_cart, args=(shop,))
        waiting.start()
        deadline = time.monotonic() + 4
        seen = 0.0
        # The one that waits does not answer, and takes what comes all the same: so many at once
        # reach the other one too.
        with ThreadPoolExecutor(8) as several:
            while seen < 2 and time.monotonic() < deadline:
                seen = max(several.map(lambda _: _in_progress(shop), range(8)))
        shop.kill_workers(at_once=True)
        database.rollback()
        waiting.join()

    assert seen == 2
    assert shop.metrics()["novashop_requests_in_progress app"] == 1


def _in_progress(shop: Watched) -> float:
    """Return how many requests are in hand, or 0 where whoever is asked has no time to answer."""
    with contextlib.suppress(OSError):
        return shop.metrics(seconds=1)["novashop_requests_in_progress app"]
    return 0


def _open_a_cart(shop: Shop) -> None:
    with contextlib.suppress(OSError):
        shop.visitor(HERE).send("/api/carts/", {})


@pytest.mark.long
def test_a_restart_begins_where_it_ended(tmp_path: Path) -> None:
    shop = Watched(tmp_path, RELAY="server", THROTTLE="off")
    counts, files = [], []
    for _ in range(3):
        with shop.open():
            shop.look(5)
            counts.append(shop.metrics()[PAGE])
        files.append(len(list((tmp_path / "metrics").iterdir())))

    assert counts == [5, 10, 15]
    assert files[1] == files[2]


def test_what_people_do_is_counted(shop: Watched) -> None:
    before = shop.metrics()
    visitor = shop.visitor(HERE)
    cart = visitor.send("/api/carts/", {}).json["id"]
    product = visitor.get("/api/products/?in_stock=true").json["results"][0]["id"]
    visitor.send(f"/api/carts/{cart}/lines/", {"product": product})
    assert visitor.send(f"/api/carts/{cart}/lines/", {"product": 4711}).status == 404
    home = {"name": "A", "line1": "1 High Street", "city": "Leeds", "country": "GB"}
    order = {"cart": cart, "email": "a@example.com", "address": home, "payment": "bank_transfer"}
    for status in (201, 201):
        placed = visitor.send("/api/orders/", order, **{"Idempotency-Key": "once"})
        assert placed.status == status
    assert visitor.get("/products/4711/").status == 404

    after = shop.metrics()

    more = {name: after[name] - before.get(name, 0) for name in after}
    assert more["novashop_orders_placed_total bank_transfer"] == 1
    assert more["novashop_refusals_total unknown_product api"] == 1
    assert more["novashop_refusals_total unknown_product pages"] == 1


def test_the_relay_counts_with_the_others(shop: Watched) -> None:
    name = "novashop_schedule_runs_total shop.orders.tasks.expire_unpaid_orders done"
    before = shop.metrics().get(name, 0)
    deadline = time.monotonic() + 30

    while shop.metrics().get(name, 0) <= before:
        assert time.monotonic() < deadline, "the relay does not count"
        time.sleep(0.2)

    assert shop.metrics()["novashop_database_up"] == 1


def test_each_process_tells_how_it_is(shop: Watched) -> None:
    told = shop.metrics()

    held = {name: told[name] for name in told if name.startswith("novashop_process_resident_")}
    # Who watches, two workers, and the relay.
    assert sorted(name.split()[1] for name in held) == ["app", "app", "app", "relay"]
    assert all(10_000_000 < size < 1_000_000_000 for size in held.values())
    assert told["novashop_workers app"] == 2
    assert "novashop_workers relay" not in told


def test_visitors_find_nothing_there(shop: Watched) -> None:
    assert shop.visitor("203.0.113.9").get("/metrics").status == 404
    assert shop.visitor(HERE).get("/metrics").status == 200

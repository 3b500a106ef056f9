"""A shop that reads from a replica, as real processes, and what its visitors see."""

import contextlib
import http.client
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from shop.ops.tests.processes import MANAGE, Shop
from tests.stack.visiting import Visitor
from tests.waiting import wait_until

PASSWORD = "a long way home"
# The shop that all of it is about: a mug, a shopper, and staff.
FILL = f"""
from django.contrib.auth import get_user_model
from tests.builders import put_on_sale
put_on_sale("mug", name="Old mug", category=("Kitchen",), stock=100)
people = get_user_model().objects
people.create_user("maya", "maya@example.com", "{PASSWORD}", first_name="Maya", last_name="Rowe")
people.create_superuser("olu", "olu@example.com", "{PASSWORD}")
"""


class Database(Protocol):
    """A server, as far as a shop has to do with it."""

    @property
    def url(self) -> str: ...
    def ask(self, sql: str) -> Any: ...


Second = TypeVar("Second", bound=Database)


class World(Generic[Second]):
    """Two databases with a shop in them, and the shops that are open on them."""

    def __init__(self, primary: Database, standby: Second, folder: Path) -> None:
        self.primary, self.standby, self.folder = primary, standby, folder
        self.environment = {
            **Shop(folder).environment,
            "DATABASE_URL": primary.url,
            "DATABASE_REPLICA_URLS": standby.url,
            "THROTTLE": "off",
            # What is kept for others is read from the primary alone.
            "KEEP_PAGES": "off",
        }

    def fill(self) -> None:
        for words in (["migrate", "-v0"], ["shell", "-v0", "-c", FILL]):
            subprocess.run([*MANAGE, *words], env=self.environment, check=True)

    @property
    def mug(self) -> int:
        return int(self.primary.ask("SELECT min(id) FROM catalog_product"))

    def rename(self, name: str) -> None:
        self.primary.ask(f"UPDATE catalog_product SET name = '{name}'")  # noqa: S608

    @contextlib.contextmanager
    def open(self, settings: str = "novashop.settings") -> Iterator["Open"]:
        """Open a shop, and wait until it reads from the replica."""
        shop = Shop(self.folder)
        shop.environment = self.environment | {"DJANGO_SETTINGS_MODULE": settings}
        log = self.folder / f"log-{shop.port}"
        with shop.started(log=log):
            shop.wait_until_open()
            found = Open(shop, log)
            found.wait_until_read()
            yield found


class Open:
    """A shop that is open."""

    def __init__(self, shop: Shop, log: Path) -> None:
        self.base, self._log, self._port = f"http://127.0.0.1:{shop.port}", log, shop.port

    def visitor(self, **headers: str) -> "Browser":
        return Browser(self.base, headers)

    def signed_in(self, username: str) -> "Browser":
        visitor = self.visitor()
        visitor.form("/accounts/login/", username=username, password=PASSWORD)
        return visitor

    def shown(self, path: str = "/products/", visitor: Visitor | None = None) -> set[str]:
        """Return which names of the mug a page says."""
        answer = (visitor or self.visitor()).get(path)
        assert answer.status == 200, (path, answer.status)
        return set(re.findall(r"\b(?:Old|New|Split) mug\b", answer.text))

    def metric(self, name: str) -> float:
        text = self.visitor().get("/metrics").text
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, flags=re.MULTILINE)
        return float(found[1]) if found else 0.0

    def reads(self, source: str) -> float:
        return self.metric(f'novashop_replica_reads_total{{source="{source}"}}')

    @property
    def is_read(self) -> bool:
        return self.metric('novashop_replica_unread{replica="replica-1"}') == 0.0

    def wait_until_read(self, *, really: bool = True) -> float:
        def is_so() -> bool:
            # The watch begins with the first request that may lag.
            self.visitor().get("/products/")
            return self.is_read is really

        return wait_until(is_so)

    def said(self) -> list[str]:
        """Return what its log says of the replica, without the details."""
        lines = self._log.read_text().splitlines()
        said = [line.partition(": ")[2] for line in lines if "shop.lib.replicas" in line]
        return [words.partition(" (")[0] for words in said]


class Browser(Visitor):
    """A visitor whose cookies can be looked at, and forgotten before their time."""

    def cookies(self) -> set[str]:
        return {cookie.name for cookie in self._jar}

    def forget(self, name: str) -> None:
        (cookie,) = [cookie for cookie in self._jar if cookie.name == name]
        self._jar.clear(cookie.domain, cookie.path, cookie.name)


class Crowd:
    """Somebody who asks for one page after the other, and notes what comes back, and how soon."""

    def __init__(self, shop: Open) -> None:
        self._shop = shop
        self.statuses: dict[int, int] = {}
        self.longest = 0.0
        self._stop = threading.Event()

    def __enter__(self) -> "Crowd":
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            for path in ("/products/", "/api/products/", "/"):
                begun = time.monotonic()
                status = self._status(path)
                self.longest = max(self.longest, time.monotonic() - begun)
                self.statuses[status] = self.statuses.get(status, 0) + 1

    def _status(self, path: str) -> int:
        line = http.client.HTTPConnection("127.0.0.1", self._shop._port, timeout=60)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            answer.read()
            return answer.status
        finally:
            line.close()

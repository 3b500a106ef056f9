"""A database server that restarts under an open shop: visitors read so, and then it goes on."""

import http.client
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest

from deploy.servers.account import Account
from novashop.databases import database_from_url
from shop.ops.tests.processes import MANAGE, Shop
from tests import servers
from tests.test_servers import kind

__all__ = ["kind"]

pytestmark = pytest.mark.once

SESSION = {"Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345"}
PAGES = ["/", "/products/", "/search/?q=mug", "/api/products/", "/api/categories/"]
ASKED: list[tuple[str, str, Any, dict[str, str]]] = [
    *(("GET", page, None, {}) for page in PAGES),
    ("POST", "/api/carts/", {}, {}),
    ("POST", "/api/login/", {"username": "maya", "password": "wrong"}, {}),
    # Here it is the session that is looked for, before the view or in it.
    ("GET", "/admin/", None, SESSION),
    ("GET", "/orders/", None, SESSION),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody got; the names of headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: str


class Restarting:
    """A private server that can be ended and started again on the same data."""

    def __init__(self, kind: str, folder: Path, account: Account) -> None:
        self._kind = kind
        self._account = account
        self._folder = folder
        self._server = servers.KINDS[kind](folder=folder, account=account)
        self._server.move_within_reach(folder / "wheel")
        self._server.install()
        self._start()

    @property
    def url(self) -> str:
        return self._server.url

    def end(self, by: signal.Signals | None = None) -> None:
        """End it, politely unless a signal is named."""
        servers._stop(self._process, by=by or self._server.stop_signal)

    @contextmanager
    def away(self, by: signal.Signals | None = None) -> Iterator[None]:
        self.end(by)
        try:
            yield
        finally:
            self._start()

    def _start(self) -> None:
        self._process = self._account.start(self._server.command(), folder=self._folder)
        servers._wait_until_ready(self._server, process=self._process, log=self._folder / "log")

    def ask(self, sql: str) -> Any:
        """Return the first value of the first row, if there are rows."""
        found = database_from_url(self.url)
        connect: Callable[..., Any]
        if self._kind == "postgresql":
            connect, where = psycopg.connect, {"host": found["HOST"], "dbname": "novashop"}
        else:
            socket = found["OPTIONS"]["unix_socket"]
            connect, where = pymysql.connect, {"unix_socket": socket, "database": "novashop"}
        with connect(user=found["USER"], autocommit=True, **where) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            row = cursor.fetchone() if cursor.description else None
        return row and row[0]


@pytest.fixture
def server(kind: str) -> Iterator[Restarting]:
    account = Account()
    with servers._folder_of(account) as folder:
        server = Restarting(kind, folder, account)
        try:
            yield server
        finally:
            server.end()


@pytest.fixture
def shop(server: Restarting, tmp_path: Path) -> Iterator[Shop]:
    """A shop without a demo, open, on this server; its relay is a thread of it."""
    shop = Shop(tmp_path / "data")
    shop.environment |= {"DATABASE_URL": server.url, "THROTTLE": "off", "KEEP_PAGES": "off"}
    subprocess.run([*MANAGE, "migrate", "-v0"], env=shop.environment, check=True)
    with shop.started(log=tmp_path / "log"):
        shop.wait_until_open()
        yield shop


def ask(shop: Shop, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=30)
    try:
        sent = None if body is None else json.dumps(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        connection.request(method, path, sent, {**kind, **headers})
        response = connection.getresponse()
        text = response.read().decode()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, text)
    finally:
        connection.close()


def statuses(shop: Shop) -> list[int]:
    return [ask(shop, *asked).status for asked in ASKED]


OPEN = [200] * len(PAGES) + [201, 401, 302, 302]


def test_visitors_read_so_and_then_it_goes_on(server: Restarting, shop: Shop) -> None:
    assert statuses(shop) == OPEN

    with server.away():
        for asked in ASKED:
            _check_it_is_away(asked[1], ask(shop, *asked))
        assert ask(shop, "GET", "/readyz", None, {}).status == 503
        assert ask(shop, "GET", "/healthz", None, {}).status == 200
    assert statuses(shop) == OPEN

    # Nobody asks while it is away: the shop's connection is stale, and nobody shall notice.
    with server.away(signal.SIGKILL):
        pass
    assert statuses(shop) == OPEN

    _check_nobody_meets_a_fault_in_the_middle_of_it(server, shop)
    assert statuses(shop) == OPEN
    _check_the_relay_goes_on(server)


def _check_it_is_away(path: str, answer: Answer) -> None:
    assert answer.status == 503, path
    assert answer.headers["retry-after"] == "2"
    if path.startswith("/api/"):
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.body)["code"] == "away"
    else:
        assert "The shop is away for a moment." in answer.body
        assert answer.headers["cache-control"] == "no-store"


def _check_nobody_meets_a_fault_in_the_middle_of_it(server: Restarting, shop: Shop) -> None:
    """Whatever a request was doing when the server went: waiting, asking, writing, committing."""
    seen: set[int] = set()
    stop = threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            seen.update(statuses(shop))

    thread = threading.Thread(target=keep_asking)
    thread.start()
    try:
        for by in (None, signal.SIGKILL):
            time.sleep(0.5)
            with server.away(by):
                time.sleep(0.3)
    finally:
        stop.set()
        thread.join()
    assert seen == {*OPEN, 503}


def _check_the_relay_goes_on(server: Restarting) -> None:
    server.ask("UPDATE events_schedule SET due_at = '2020-01-01 00:00:00'")
    deadline = time.monotonic() + 20
    while server.ask("SELECT count(*) FROM events_schedule WHERE due_at < '2021-01-01'"):
        assert time.monotonic() < deadline, "the relay did not come back"
        time.sleep(0.1)

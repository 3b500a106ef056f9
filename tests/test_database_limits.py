"""How long the servers let us wait and work: what takes longer is ended, and people read so.

The limits are shortened here; that they are the real ones is tested as well.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db import Error as AnyDatabaseError
from django.test import Client

from shop.accounts.models import User
from shop.cart.models import Cart
from shop.lib.patience import unhurried
from shop.lib.refusals import Away
from shop.lib.transactions import is_statement_timeout, refusal_of
from shop.ops.shop_command import ShopCommand

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.overlap]

PATIENCE_SECONDS = 10

LIMITS: dict[str, dict[str, Any]] = {
    "postgresql": {
        "statement_timeout": "30s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "1min",
    },
    "mysql": {
        "max_statement_time": 30.0,
        "innodb_lock_wait_timeout": 5,
        "lock_wait_timeout": 5,
        "idle_transaction_timeout": 60,
    },
}
SHORT_STATEMENTS = {
    "postgresql": "SET statement_timeout = '200ms'",
    "mysql": "SET max_statement_time = 0.2",
}
SHORT_WAITS = {"postgresql": "SET lock_timeout = '200ms'", "mysql": "SET lock_wait_timeout = 1"}
SHORT_REST = {
    "postgresql": "SET idle_in_transaction_session_timeout = '200ms'",
    "mysql": "SET idle_transaction_timeout = 1",
}
SLEEP = {"postgresql": "SELECT pg_sleep({})", "mysql": "SELECT SLEEP({})"}


@pytest.fixture(autouse=True)
def _a_server(transactional_db: None) -> Iterator[None]:
    """A connection of this test's own, whose limits it may change."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no server that could end a statement")
    connection.close()
    yield
    connection.close()


def run(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else None


def limits() -> dict[str, Any]:
    show = "SHOW {}" if connection.vendor == "postgresql" else "SELECT @@{}"
    return {name: run(show.format(name))[0] for name in LIMITS[connection.vendor]}


@contextmanager
def closed_by_somebody_else(table: str) -> Iterator[None]:
    """Let another connection hold a table, as an update of the shop does while it alters it."""
    closed, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                if connection.vendor == "postgresql":
                    run(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
                else:
                    run(f"LOCK TABLES {table} WRITE")
                closed.set()
                done.wait(PATIENCE_SECONDS)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert closed.wait(PATIENCE_SECONDS)
        yield
    finally:
        done.set()
        thread.join()


def asked(method: str, path: str, *, user: Any = None) -> Any:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return getattr(client, method)(path)


def test_every_connection_has_its_limits() -> None:
    assert limits() == LIMITS[connection.vendor]


@pytest.mark.parametrize("shorten", [SHORT_STATEMENTS, SHORT_WAITS], ids=["statement", "lock"])
def test_what_takes_too_long_is_ended_and_people_read_so(shorten: dict[str, str]) -> None:
    owner = User.objects.create(username="owner", is_staff=True, is_superuser=True)
    run(shorten[connection.vendor])

    with closed_by_somebody_else("catalog_product"):
        page = asked("get", "/products/")
        problem = asked("get", "/api/products/")
        desk = asked("get", "/admin/catalog/product/", user=owner)

    assert [answer.status_code for answer in (page, problem, desk)] == [503, 503, 503]
    assert "The shop is very busy just now." in page.content.decode()
    assert "The shop is very busy just now." in desk.content.decode()
    assert problem.json()["code"] == "busy"
    assert {answer["Retry-After"] for answer in (page, problem, desk)} == {"2"}
    # And nothing of it stays behind.
    assert asked("get", "/products/").status_code == 200
    assert asked("get", "/api/products/").status_code == 200


@pytest.mark.parametrize("shorten", [SHORT_STATEMENTS, SHORT_WAITS], ids=["statement", "lock"])
def test_a_write_that_takes_too_long_changes_nothing(shorten: dict[str, str]) -> None:
    run(shorten[connection.vendor])

    with closed_by_somebody_else("cart_cart"):
        refused = asked("post", "/api/carts/")

    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert Cart.objects.count() == 0
    assert asked("post", "/api/carts/").status_code == 201


def test_a_transaction_that_does_nothing_for_too_long_is_undone() -> None:
    run(SHORT_REST[connection.vendor])

    @transaction.atomic
    def dawdle() -> None:
        User.objects.create(username="waiting")
        time.sleep(1.5)
        User.objects.count()

    with pytest.raises(AnyDatabaseError) as caught:
        dawdle()

    assert isinstance(refusal_of(caught.value), Away)
    assert User.objects.filter(username="waiting").count() == 0


def test_commands_take_the_time_they_need_and_locks_are_waited_for_as_ever() -> None:
    short = {"postgresql": ("statement_timeout", "100ms"), "mysql": ("max_statement_time", 0.1)}
    name, value = short[connection.vendor]
    run(SHORT_STATEMENTS[connection.vendor].replace("200ms", "100ms").replace("0.2", "0.1"))
    wait = {"postgresql": "lock_timeout", "mysql": "lock_wait_timeout"}[connection.vendor]

    class Long(ShopCommand):
        def handle(self, **_options: Any) -> None:
            run(SLEEP[connection.vendor].format(0.5))
            assert limits()[wait] == LIMITS[connection.vendor][wait]

    call_command(Long())

    assert limits() == {**LIMITS[connection.vendor], name: value}
    with pytest.raises(DatabaseError) as caught:
        run(SLEEP[connection.vendor].format(0.5))
    assert is_statement_timeout(caught.value)


def test_migrations_are_not_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "django.core.management.commands.migrate.Command.handle",
        lambda *_, **__: seen.append(limits()),
    )

    call_command("migrate")

    off = {"postgresql": "0", "mysql": 0}[connection.vendor]
    (during,) = seen
    still = {"lock_timeout", "lock_wait_timeout", "innodb_lock_wait_timeout"}
    known = LIMITS[connection.vendor]
    assert during == {name: known[name] if name in still else off for name in known}
    assert limits() == known


def test_the_driver_waits_as_well_where_it_would_give_up() -> None:
    """PyMySQL takes a server that says nothing for so long for one that is gone."""
    if connection.vendor != "mysql" or not hasattr(_driver(), "_read_timeout"):
        pytest.skip("psycopg asks the kernel whether somebody is there; it does not give up")
    _driver()._read_timeout = 1
    run("SET max_statement_time = 0")

    with unhurried():
        run("SELECT SLEEP(1.5)")
    assert _driver()._read_timeout == connection.settings_dict["OPTIONS"]["read_timeout"]


def _driver() -> Any:
    connection.ensure_connection()
    return connection.connection


def test_what_broke_in_a_command_is_what_is_told() -> None:
    with pytest.raises(DatabaseError, match="no_such_table"), unhurried():
        run("SELECT 1 FROM no_such_table")
    assert limits() == LIMITS[connection.vendor]

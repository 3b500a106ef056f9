"""Each statement says for whom it is asked, and a slow one is noted once, without its values."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from shop.lib import requests, statements
from tests.counts import count_of

ID = "0123456789abcdef" * 2


class Server:
    """Stands for a database of some kind: remembers what it was asked, and takes its time."""

    vendor, alias = "postgresql", "default"
    settings_dict: Any = {"OPTIONS": {}}

    def __init__(self, seconds: float = 0.0) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.seconds = seconds
        self._now = 0.0

    def execute(self, sql: str, params: Any, *_: Any) -> str:
        self.asked.append((sql, params))
        self.pass_time(self.seconds)
        return "rows"

    def pass_time(self, seconds: float) -> None:
        self._now += seconds

    def perf_counter(self) -> float:
        """Stands for the clock, so that nothing takes time but what is asked here."""
        return self._now

    def ask(self, sql: str, params: Any = None, *, many: bool = False) -> str:
        answer = statements._around(self.execute, sql, params, many, {"connection": self})
        return str(answer)


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Server:
    settings.SQL_COMMENTS, settings.SLOW_QUERY_MS = True, 0
    server = Server()
    monkeypatch.setattr(statements, "time", server)
    return server


def during(rf: RequestFactory, work: Callable[[], object], *, request_id: str = ID) -> None:
    """Do the work as a view that has a name."""

    def view(request: HttpRequest) -> HttpResponse:
        from django.urls import resolve

        request.resolver_match = resolve("/products/7/")
        work()
        return HttpResponse()

    asked = rf.get("/products/7/", headers={"X-Request-ID": request_id})
    requests.RequestMiddleware(view)(asked)


@pytest.fixture(autouse=True)
def _believed_proxy(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1


# --- For whom -------------------------------------------------------------------------------------


@pytest.mark.once
def test_a_statement_of_a_request_says_whose_it_is(rf: RequestFactory, server: Server) -> None:
    during(rf, lambda: server.ask("SELECT 1"))

    assert server.asked == [(f"SELECT 1 /*request_id='{ID}',route='product_detail'*/", None)]


@pytest.mark.once
def test_a_statement_with_values_keeps_its_text(rf: RequestFactory, server: Server) -> None:
    """A driver that has seen a text before knows how to fill it in."""
    during(rf, lambda: server.ask("SELECT %s", ["100 %"]))

    sql = "SELECT %s /*request_id=%s,route=%s*/"
    assert server.asked == [(sql, ("100 %", ID, "product_detail"))]


@pytest.mark.once
def test_where_the_server_fills_it_in_the_text_says_so(rf: RequestFactory, server: Server) -> None:
    server.settings_dict = {"OPTIONS": {"server_side_binding": True}}

    during(rf, lambda: server.ask("SELECT %s", ["100 %"]))

    sql = f"SELECT %s /*request_id='{ID}',route='product_detail'*/"
    assert server.asked == [(sql, ["100 %"])]


@pytest.mark.once
def test_what_came_of_a_request_later_says_so_too(server: Server) -> None:
    with requests.working_for(ID, event="7 order.placed"):
        server.ask("SELECT 1")

    assert server.asked == [(f"SELECT 1 /*request_id='{ID}'*/", None)]


@pytest.mark.once
def test_what_nobody_asked_for_says_nothing(server: Server) -> None:
    assert server.ask("SELECT 1") == "rows"

    assert server.asked == [("SELECT 1", None)]


@pytest.mark.once
@pytest.mark.parametrize("change", ["off", "sqlite", "many"])
def test_comments_are_not_where_they_are_of_no_use(
    rf: RequestFactory, server: Server, settings: Any, change: str
) -> None:
    settings.SQL_COMMENTS = change != "off"
    server.vendor = "sqlite" if change == "sqlite" else "postgresql"

    during(rf, lambda: server.ask("INSERT %s", [(1,), (2,)], many=change == "many"))

    assert server.asked == [("INSERT %s", [(1,), (2,)])]


@pytest.mark.once
@pytest.mark.parametrize(
    "given", ["abc*/ DROP TABLE x; /*", "a'b", "%s", "ABC", "the-order", "a\nb", "½", "x" * 70]
)
def test_nothing_but_plain_digits_gets_into_a_comment(
    rf: RequestFactory, server: Server, given: str
) -> None:
    during(rf, lambda: server.ask("SELECT 1"), request_id=given)
    with requests.working_for(given):
        server.ask("SELECT 1")
        server.ask("SELECT 1", [])

    for sql, values in server.asked:
        assert not values or re.fullmatch(r"[0-9a-f-]{1,64}", values[0])
        told = r"(request_id=(%s|'[0-9a-f-]{1,64}'),?)?(route='product_detail')?"
        plain = rf"SELECT 1( /\*{told}\*/)?"
        assert re.fullmatch(plain, sql), sql


@pytest.mark.django_db
def test_the_database_itself_is_told(client: Client, settings: Any) -> None:
    settings.SQL_COMMENTS = True

    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/products/")

    told = f" /*request_id='{answer['X-Request-ID']}',route='product_list'*/"
    seen = [query["sql"] for query in captured.captured_queries]
    assert len(seen) >= 2
    assert all(sql.endswith(told) is (connection.vendor != "sqlite") for sql in seen)


# --- For how long ---------------------------------------------------------------------------------


@pytest.mark.once
def test_a_slow_statement_is_noted_once_and_a_quick_one_is_not(
    rf: RequestFactory, server: Server, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SLOW_QUERY_MS = 40
    before = count_of("novashop_slow_queries_total")

    def work() -> None:
        server.ask('SELECT "a"."b" FROM "a" WHERE "a"."c" = %s', ["alice@example.com"])
        server.seconds = 0.05
        server.ask('UPDATE "a" SET "b" = \'Alice\', "c" = 12 WHERE "d" IN (%s, %s, %s)')

    during(rf, work)

    (record,) = (one for one in caplog.records if one.name == "shop.lib.statements")
    assert re.fullmatch(
        r"A query of /products/<int:product_id>/ took \d+ ms: "
        r'UPDATE "a" SET "b" = \?, "c" = \? WHERE "d" IN \(%s, …\)',
        record.getMessage(),
    )
    assert record.levelname == "WARNING"
    assert count_of("novashop_slow_queries_total") == before + 1


@pytest.mark.once
@pytest.mark.parametrize("limit", [0, 1])
def test_nobody_waits_for_a_command_and_0_notes_nothing(
    rf: RequestFactory,
    server: Server,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    limit: int,
) -> None:
    settings.SLOW_QUERY_MS, server.seconds = limit, 0.005

    server.ask("SELECT 1")
    assert not caplog.records
    during(rf, lambda: server.ask("SELECT 1"))

    assert len(caplog.records) == limit


@pytest.mark.once
def test_a_statement_that_fails_slowly_is_noted_too(
    rf: RequestFactory, server: Server, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SLOW_QUERY_MS = 1

    def fail(*_: Any) -> None:
        server.pass_time(0.005)
        raise DatabaseError("no")

    def work() -> None:
        with pytest.raises(DatabaseError):
            statements._around(fail, "SELECT 1", None, False, {"connection": server})

    during(rf, work)

    assert [record.name for record in caplog.records] == ["shop.lib.statements"]


# --- What it looks like ---------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("sql", "name", "text"),
    [
        ('SELECT "a"."b" FROM "a"', "SELECT a", None),
        ("SELECT `a`.`b` FROM `a` LIMIT 21", "SELECT a", "SELECT `a`.`b` FROM `a` LIMIT ?"),
        ('SELECT DISTINCT "a"."b" FROM "c"', "SELECT a", None),
        ('SELECT COUNT(*) AS "n" FROM "a"', "SELECT a", None),
        ('INSERT INTO "a" (x) VALUES (%s), (%s)', "INSERT a", 'INSERT INTO "a" (x) VALUES (%s), …'),
        ('INSERT INTO "a" (%s, %s), (%s, %s)', "INSERT a", 'INSERT INTO "a" (%s, …), …'),
        ("UPDATE \"a\" SET \"b\" = 'it''s Alice'", "UPDATE a", 'UPDATE "a" SET "b" = ?'),
        ("DELETE FROM `a` WHERE `a`.`b` = -1.5", "DELETE a", "DELETE FROM `a` WHERE `a`.`b` = ?"),
        ('SELECT T3."c" FROM "a" T3 WHERE U0."x1" = $1', "SELECT a", None),
        ("SAVEPOINT s1_x2", "SAVEPOINT", None),
        ("COMMIT", "COMMIT", None),
    ],
)
def test_a_shape_names_what_is_done_and_holds_no_values(
    sql: str, name: str, text: str | None
) -> None:
    shape = statements.shape_of(sql)

    assert (shape.name, shape.text) == (name, sql if text is None else text)


@pytest.mark.once
def test_a_long_statement_shows_its_beginning_and_its_end() -> None:
    columns = ", ".join(f'"a"."column_{number}"' for number in range(500))
    parts = ["SELECT", columns, 'FROM "a" WHERE "a"."id" = %s']

    text = statements.shape_of(" ".join(parts)).text

    assert text.startswith('SELECT "a"."column_0", ')
    assert text.endswith(' FROM "a" WHERE "a"."id" = %s')
    assert len(text) < 1300


# --- On which connections -------------------------------------------------------------------------


def test_a_connection_is_watched_once_however_often_it_is_made() -> None:
    class Connection:
        def __init__(self) -> None:
            self.execute_wrappers: list[Any] = [None]
            self.commits = 0

        def _commit(self) -> None:
            self.commits += 1

    made: Any = Connection()
    for _ in range(2):
        statements.watch(made)

    # Who adds one for a while takes away the last.
    assert made.execute_wrappers == [statements._around, None]
    made._commit()
    with requests.working_for(ID):
        made._commit()
    assert made.commits == 2


@pytest.mark.django_db(transaction=True)
def test_a_real_connection_is_watched_from_its_beginning(settings: Any) -> None:
    settings.SLOW_QUERY_MS = 500
    made: BaseDatabaseWrapper = connection.copy()
    try:
        made.connect()
        assert statements._around in made.execute_wrappers
    finally:
        made.close()

    settings.SLOW_QUERY_MS, settings.SQL_COMMENTS, settings.TRACER = 0, False, ""
    left_alone: BaseDatabaseWrapper = connection.copy()
    try:
        left_alone.connect()
        assert left_alone.execute_wrappers == []
    finally:
        left_alone.close()


@pytest.mark.django_db(transaction=True)
def test_commit_is_watched(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    from django.contrib.auth.models import Group
    from django.db import transaction

    noted: list[str] = []
    monkeypatch.setattr(statements, "_note", lambda sql, _: noted.append(sql))
    connection.ensure_connection()
    statements.watch(connection)

    with requests.working_for(ID), transaction.atomic():
        Group.objects.create(name="Watched")

    assert noted[-1] == "COMMIT"
    assert any(sql.startswith("INSERT INTO") for sql in noted)
    Group.objects.all().delete()

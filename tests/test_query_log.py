"""With DEBUG=on each request leaves a line of what it asked, and every statement is in a file."""

import logging
import re
import stat
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from novashop import query_log
from novashop.query_log import AskedForSomething, DebugFile, FullFormatter, QueryLogMiddleware
from shop.catalog.models import Product
from shop.lib import requests
from tests import builders
from tests.queries import one_by_one_forbidden

pytestmark = pytest.mark.once

TIME = re.compile(r"\d+\.\d ms")


def line_of(view: Any, caplog: pytest.LogCaptureFixture, *, path: str = "/a/?b=c") -> str:
    """Answer one request by the view, and return the only line about it."""

    def answer(request: HttpRequest) -> HttpResponse:
        view()
        return HttpResponse(status=202)

    caplog.clear()
    with caplog.at_level(logging.INFO, logger=query_log.__name__):
        QueryLogMiddleware(answer)(RequestFactory().get(path))
    (record,) = caplog.records
    assert record.name == query_log.__name__
    return f"{record.levelname} {TIME.sub('# ms', record.getMessage())}"


def ask(*values: int, of: str = "SELECT %s") -> int:
    """Ask the database so often; return how often."""
    with connection.cursor() as cursor:
        for value in values:
            cursor.execute(of, [value])
    return len(values)


# --- The line -------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("view", "said"),
    [
        (lambda: None, "no queries"),
        (lambda: ask(1), "1 query, # ms"),
        (lambda: (ask(1), ask(1, of="SELECT 2 - %s")), "2 queries, # ms, none twice"),
        (lambda: ask(1, 2, 3), "3 queries, # ms, 3 times SELECT %s"),
        (
            lambda: [list(Product.objects.filter(pk=pk)) for pk in (1, 2)],
            "2 queries, # ms, 2 times SELECT catalog_product",
        ),
        (
            lambda: [ask(1, 2, of=f"SELECT {n} + %s") for n in range(5)],
            "10 queries, # ms, 2 times SELECT 0 + %s, 2 times SELECT 1 + %s, "
            "2 times SELECT 2 + %s, and 2 more that came twice or oftener",
        ),
    ],
)
def test_a_request_leaves_one_line(view: Any, said: str, caplog: pytest.LogCaptureFixture) -> None:
    assert line_of(view, caplog) == f"INFO GET /a/?b=c 202: {said}"


@pytest.mark.django_db
def test_what_opens_and_closes_transactions_is_not_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def view() -> None:
        with transaction.atomic():
            ask(1)

    assert line_of(view, caplog) == "INFO GET /a/?b=c 202: 1 query, # ms"


@pytest.mark.django_db
def test_a_statement_that_fails_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    def view() -> None:
        with pytest.raises(Exception, match="nowhere"), transaction.atomic():
            ask(1, of="SELECT %s FROM nowhere")

    assert line_of(view, caplog) == "INFO GET /a/?b=c 202: 1 query, # ms"


@pytest.mark.parametrize(
    "path", ["/media/a.webp", "/favicon.ico", "/readyz", "/metrics", "/__debug__/render_panel/"]
)
def test_what_is_asked_beside_pages_leaves_none(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger=query_log.__name__):
        QueryLogMiddleware(lambda _: HttpResponse())(RequestFactory().get(path))

    assert caplog.records == []


# --- Row by row -----------------------------------------------------------------------------------


def names_of_categories(products: Any) -> list[str]:
    return [product.category.name for product in products]


@pytest.mark.django_db
@pytest.mark.parametrize("is_detected", [True, False])
def test_asking_row_by_row_is_a_warning_where_the_detector_is_installed(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    is_detected: bool,
) -> None:
    settings.ZEAL_RAISE = False
    monkeypatch.setattr(apps, "is_installed", lambda name: is_detected and name == "zeal")
    for sku in ("a", "b", "c"):
        builders.put_on_sale(sku)

    expected = pytest.warns(UserWarning, match=r"N\+1") if is_detected else nullcontext()
    with one_by_one_forbidden(), expected:
        said = line_of(lambda: names_of_categories(Product.objects.order_by("pk")), caplog)

    alike = "GET /a/?b=c 202: 4 queries, # ms, 3 times SELECT catalog_category"
    found = re.compile(r", N\+1: catalog\.Product\.category at tests/test_query_log\.py:\d+ in .*")
    assert found.sub("", said) == f"{'WARNING' if is_detected else 'INFO'} {alike}"
    assert bool(found.search(said)) is is_detected


# --- The file -------------------------------------------------------------------------------------


def record(message: str, *, name: str = "shop", thread: str = "main") -> logging.LogRecord:
    made = logging.LogRecord(name, logging.DEBUG, "a.py", 1, message, (), None)
    made.threadName = thread
    return made


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "django_debug.log"
    file.write_text("of an older release\n")
    file.chmod(0o644)
    handler = DebugFile(str(file))
    handler.emit(record("a"))
    handler.close()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == "of an older release\na\n"


def test_the_file_is_bounded_and_so_is_the_one_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_log, "FILE_BYTES", 1_000)
    handler = DebugFile(str(tmp_path / "log"))
    for _ in range(100):
        handler.emit(record("x" * 99))
    handler.close()

    sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert sizes == {"log": 100, "log.1": 900}
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_processes_that_share_the_file_follow_each_other_into_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_log, "FILE_BYTES", 100)
    one, other = (DebugFile(str(tmp_path / "log")) for _ in range(2))
    other.emit(record("of the other"))
    for number in range(12):
        one.emit(record(f"number {number}"))
    other.emit(record("still here"))
    for handler in (one, other):
        handler.close()

    assert (tmp_path / "log").read_text().splitlines()[-2:] == ["number 11", "still here"]


def test_the_file_says_all_in_one_line_with_the_request() -> None:
    said = record("(0.001) SELECT 'alice@example.com\n'; args=(1,)", name="django.db.backends")
    with requests.working_for("first"):
        line = FullFormatter().format(said)

    assert line.endswith(
        r" DEBUG django.db.backends: (0.001) SELECT 'alice@example.com\n'; args=(1,) [first]"
    )


@pytest.mark.parametrize(
    ("thread", "name", "request_id", "is_written"),
    [
        ("relay", "django.db.backends", "", False),
        # What it does of an event, and what else it says.
        ("relay", "django.db.backends", "first", True),
        ("relay", "shop.events", "", True),
        ("MainThread", "django.db.backends", "", True),
    ],
)
def test_the_relays_vain_questions_are_left_out(
    thread: str, name: str, request_id: str, is_written: bool
) -> None:
    said = record("SELECT 1", name=name, thread=thread)
    if not request_id:
        assert AskedForSomething().filter(said) is is_written
        return
    with requests.working_for(request_id):
        assert AskedForSomething().filter(said) is is_written

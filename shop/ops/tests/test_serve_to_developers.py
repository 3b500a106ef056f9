"""`DEBUG=on manage.py serve`: the toolbar on every page, and what each of them asked."""

import json
import re
import signal
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from shop.ops.tests.processes import Shop, close

pytestmark = pytest.mark.once

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
REQUEST = "djdt-request-id"
TOOLBAR = 'id="djDebugRoot"'
SQL = re.compile(r"\(\d\.\d{3}\) SELECT .*catalog_product.* \[([0-9a-f]{32})\]$", re.MULTILINE)
LINE = re.compile(r"INFO novashop\.query_log: GET /products/ 200: \d+ queries, \d+\.\d ms, ")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, database: bytes) -> Iterator[Shop]:
    """A shop that is open, with DEBUG=on."""
    shop = Shop(tmp_path_factory.mktemp("debug") / "data")
    shop.data.mkdir()
    shop.database.write_bytes(database)
    shop.environment["DEBUG"] = "on"
    with shop.started(log=shop.data.parent / "window") as process:
        shop.wait_until_open()
        yield shop
        close(process, by=signal.SIGTERM)


def ask(shop: Shop, path: str, **headers: str) -> tuple[str, Any]:
    """Return the body and the headers of an answer, whatever its status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(f"http://127.0.0.1:{shop.port}{path}", headers=named)
    try:
        answer = urllib.request.urlopen(request, timeout=20)  # noqa: S310
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.read().decode(), answer.headers


def panel(shop: Shop, request_id: str, name: str) -> str:
    """Return what a panel of the toolbar shows of a request."""
    asked = urlencode({"request_id": request_id, "panel_id": name})
    body, _ = ask(shop, f"/__debug__/render_panel/?{asked}")
    content: str = json.loads(body)["content"]
    return content


@pytest.mark.parametrize(
    "path", ["/", "/products/", "/admin/login/", "/api/docs/", "/api/products/", "/api/orders/"]
)
def test_every_page_has_a_toolbar_and_so_have_answers_of_the_api(shop: Shop, path: str) -> None:
    body, headers = ask(shop, path, Accept=BROWSER)

    assert body.count(TOOLBAR) == 1
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_programs_and_parts_of_pages_have_none_and_are_remembered(shop: Shop) -> None:
    listed, of_program = ask(shop, "/api/products/?page_size=1")
    part, of_part = ask(shop, "/products/?sort=price", HX_Request="true", Accept="text/html, */*")
    _, page = ask(shop, "/", Accept=BROWSER)

    assert list(json.loads(listed)) == ["next", "previous", "results"]
    assert TOOLBAR not in part
    history = panel(shop, page[REQUEST], "HistoryPanel")
    assert all(answer[REQUEST] in history for answer in (of_program, of_part))
    assert "/api/products/?page_size=1" in history


def test_the_panels_tell_what_a_page_asked_and_from_where(shop: Shop) -> None:
    # Whoever says who they are is answered anew, and not out of what is kept.
    _, page = ask(shop, "/products/", Accept=BROWSER, Authorization="Basic nobody")

    queries = panel(shop, page[REQUEST], "SQLPanel")
    assert "catalog_product" in queries
    assert "/shop/catalog/queries" in queries.replace("</span>", "").replace("\n", "")
    assert "storefront/product_list.html" in panel(shop, page[REQUEST], "TemplatesPanel")


@pytest.mark.parametrize(
    "headers", [{"X_Forwarded_For": "192.0.2.7"}, {"Host": "shop.example.com"}]
)
def test_whoever_comes_through_a_proxy_has_none(shop: Shop, headers: dict[str, str]) -> None:
    body, answer = ask(shop, "/products/", Accept=BROWSER, **headers)
    of_toolbar, _ = ask(shop, "/__debug__/history_refresh/?request_id=1", **headers)

    assert TOOLBAR not in body
    assert REQUEST not in answer
    assert '"requests"' not in of_toolbar


def test_a_line_for_each_request_is_in_the_window_and_its_statements_in_the_file(
    shop: Shop,
) -> None:
    _, headers = ask(shop, "/products/", Accept=BROWSER, Authorization="Basic nobody")

    assert LINE.search((shop.data.parent / "window").read_text())
    file: Path = shop.data / "django_debug.log"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert headers["X-Request-ID"] in SQL.findall(file.read_text())

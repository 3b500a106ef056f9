"""Django Debug Toolbar: for the developer at this machine with DEBUG=on, for nobody else ever."""

import json
import os
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as real_settings
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from novashop import debugging
from novashop.debug_pages import DebugPageMiddleware, is_watched

pytestmark = pytest.mark.once

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
PROBLEM = "application/problem+json"


@pytest.fixture
def debug(settings: Any) -> Any:
    """The shop runs with DEBUG=on."""
    settings.DEBUG = True
    return settings


def request_by(accept: str | None = None, path: str = "/api/", **facts: str) -> HttpRequest:
    """Return a request of somebody at this machine, unless the facts say otherwise."""
    facts = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"} | facts
    if accept is not None:
        facts["HTTP_ACCEPT"] = accept
    return RequestFactory().get(path, **facts)  # type: ignore[arg-type]


def answered(request: HttpRequest, response: Any) -> HttpResponse:
    return DebugPageMiddleware(lambda _: response)(request)


# --- Who sees it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"REMOTE_ADDR": "::1"},
        {"HTTP_HOST": "localhost"},
        {"HTTP_HOST": "[::1]:8000"},
        # The developer's own browser, through the stack's nginx.
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
    ],
)
def test_who_sits_at_this_machine_sees_it(debug: Any, facts: dict[str, str]) -> None:
    assert is_watched(request_by(**facts))


@pytest.mark.parametrize(
    "facts",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        # Through a proxy that is on this machine.
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1, 192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7, 127.0.0.1"},
        {"HTTP_X_FORWARDED_FOR": "unknown"},
        # Through one that does not say for whom.
        {"HTTP_HOST": "shop.example.com"},
        {"HTTP_HOST": "localhost.example.com"},
        {"HTTP_HOST": ""},
        # What would push the pages out of what the toolbar remembers.
        {"path": "/media/a.webp"},
        {"path": "/metrics"},
    ],
)
def test_nobody_else_does(debug: Any, facts: dict[str, str]) -> None:
    assert not is_watched(request_by(**facts))


def test_without_debug_nobody_does(settings: Any) -> None:
    assert not is_watched(request_by())


@pytest.mark.django_db
def test_without_debug_it_is_not_there(client: Client) -> None:
    assert not [name for name in real_settings.INSTALLED_APPS if "debug" in name or "zeal" in name]
    assert not [name for name in real_settings.MIDDLEWARE if "debug" in name or "query" in name]
    with pytest.raises(NoReverseMatch):
        reverse("djdt:render_panel")
    with pytest.raises(Resolver404):
        resolve("/__debug__/render_panel/")
    assert client.get("/__debug__/render_panel/", HTTP_HOST="127.0.0.1").status_code == 404


def test_it_stands_inside_of_the_files_of_pages() -> None:
    middleware, installed = list(real_settings.MIDDLEWARE), ["shop.storefront"]
    debugging.add_debug_tools(installed_apps=installed, middleware=middleware)

    place = middleware.index("whitenoise.middleware.WhiteNoiseMiddleware")
    assert middleware[place + 1 : place + 4] == [
        "debug_toolbar.middleware.DebugToolbarMiddleware",
        "novashop.debug_pages.DebugPageMiddleware",
        "novashop.query_log.QueryLogMiddleware",
    ]
    assert installed == ["shop.storefront", "debug_toolbar", "zeal"]


# --- Answers that are no pages --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/json", PROBLEM, "application/vnd.oai.openapi+json"])
def test_a_browser_that_opens_json_gets_a_page(debug: Any, kind: str) -> None:
    body = {"name": "<b>Müg</b>", "next": "http://127.0.0.1:8000/api/products/?a=1&b=2"}
    response = HttpResponse(json.dumps(body), content_type=kind, status=404)
    response.headers["Retry-After"] = "2"
    response.headers["Content-Length"] = str(len(response.content))

    page = answered(request_by(BROWSER, "/api/?a=<b>"), response)

    text = page.content.decode()
    assert page.status_code == 404
    assert page["Content-Type"] == "text/html; charset=utf-8"
    assert page["Content-Length"] == str(len(page.content))
    assert page["Retry-After"] == "2"
    assert (page["Vary"], page["Cache-Control"]) == ("Accept", "no-store")
    assert "<h1>GET /api/?a=%3Cb%3E: 404</h1>" in text
    assert f"<p>{kind}, shown as a page" in text
    assert "  &quot;name&quot;: &quot;&lt;b&gt;Müg&lt;/b&gt;&quot;,\n" in text
    assert (
        '&quot;<a href="http://127.0.0.1:8000/api/products/?a=1&amp;b=2">'
        "http://127.0.0.1:8000/api/products/?a=1&amp;b=2</a>&quot;\n"
    ) in text
    assert text.count("</body>") == 1


def test_what_only_says_that_it_is_json_is_shown_as_it_is(debug: Any) -> None:
    response = HttpResponse(b"{half </pre>\xff", content_type="application/json")

    page = answered(request_by(BROWSER), response)

    assert "<pre>{half &lt;/pre&gt;\ufffd</pre>" in page.content.decode()


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        "application/json",
        "application/json, text/html;q=0.9",
        "application/json, text/html",
        "text/html, application/json",
        "application/*;q=0.9, text/html;q=0.1",
        PROBLEM,
    ],
)
@pytest.mark.parametrize("kind", ["application/json", PROBLEM])
def test_programs_get_json(debug: Any, accept: str | None, kind: str) -> None:
    response = HttpResponse(b'{"a":1}', content_type=kind)
    before = dict(response.headers)

    after = answered(request_by(accept), response)

    assert (after.content, dict(after.headers)) == (b'{"a":1}', before)


@pytest.mark.parametrize(
    ("is_debug", "facts"),
    [
        (False, {}),
        (True, {"REMOTE_ADDR": "192.0.2.7"}),
        (True, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}),
    ],
)
def test_strangers_browsers_get_json_too(
    settings: Any, is_debug: bool, facts: dict[str, str]
) -> None:
    settings.DEBUG = is_debug

    after = answered(request_by(BROWSER, **facts), JsonResponse({"a": 1}))

    assert after.content == b'{"a": 1}'
    assert dict(after.headers) == {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(status=204, content_type="application/json"),
        HttpResponse("a: 1", content_type="application/yaml"),
        HttpResponse("a", content_type="text/plain"),
        StreamingHttpResponse(["{}"], content_type="application/json"),
    ],
)
def test_what_is_no_json_stays_what_it_is(debug: Any, response: Any) -> None:
    before = dict(response.headers)

    after = answered(request_by(BROWSER), response)

    assert dict(after.headers) == before


# --- Pages ----------------------------------------------------------------------------------------


def test_a_page_with_a_toolbar_is_kept_by_nobody(debug: Any) -> None:
    response = HttpResponse("<body></body>")
    response.headers["Cache-Control"] = "max-age=1"

    assert answered(request_by(BROWSER), response)["Cache-Control"] == "no-store"


def test_a_part_for_an_open_page_gets_no_toolbar_of_its_own(debug: Any) -> None:
    part = answered(request_by(HTTP_HX_REQUEST="true"), HttpResponse("<body></body>"))
    page = answered(request_by(), HttpResponse("<body></body>"))

    # The toolbar keeps out of what is encoded; that it does, its shop of a process shows.
    assert part["Content-Encoding"] == "identity"
    assert not page.has_header("Content-Encoding")


# --- What it remembers ----------------------------------------------------------------------------


@pytest.fixture
def store(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A store that remembers three requests at most."""
    # The toolbar is not installed here, and so has no tables.
    monkeypatch.setitem(sys.modules, "debug_toolbar.models", SimpleNamespace(HistoryEntry=None))
    from novashop import debug_store

    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(debug_store, "get_config", lambda: {"RESULTS_CACHE_SIZE": 3})
    return debug_store.FolderStore


def test_requests_are_remembered_in_files_that_are_the_developers_alone(
    store: Any, tmp_path: Path
) -> None:
    store.set("a" * 32)
    store.save_panel("a" * 32, "SQLPanel", {"queries": ["SELECT 'é'"]})

    assert store.exists("a" * 32)
    assert store.panel("a" * 32, "SQLPanel") == {"queries": ["SELECT 'é'"]}
    assert store.panel("a" * 32, "CachePanel") == {}
    assert dict(store.panels("a" * 32)) == {"SQLPanel": {"queries": ["SELECT 'é'"]}}
    assert stat.S_IMODE((tmp_path / "debug_toolbar").stat().st_mode) == 0o700


def test_the_oldest_are_forgotten(store: Any, tmp_path: Path) -> None:
    ids = [letter * 32 for letter in "edcba"]
    for number, request_id in enumerate(ids):
        store.set(request_id)
        os.utime(tmp_path / "debug_toolbar" / request_id, (number, number))

    assert store.request_ids() == ids[2:]
    store.save_panel(ids[0], "SQLPanel", {})
    assert not store.exists(ids[0])
    store.clear()
    assert store.request_ids() == []


@pytest.mark.parametrize("request_id", ["", "..", "../../etc", "a" * 31, "a" * 32 + "/.."])
def test_nothing_else_is_read_by_way_of_an_id(store: Any, request_id: str) -> None:
    assert not store.exists(request_id)
    assert store.panel(request_id, "SQLPanel") == {}

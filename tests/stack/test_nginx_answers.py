"""What nginx says itself: pages and problems, headers, limits of size, time and number."""

import json
import re
import socket
import time
from http import HTTPStatus
from pathlib import Path

import pytest

from deploy.nginx import error_pages
from deploy.nginx.site import PATIENCE, render
from tests.headers import SECURITY
from tests.stack.front import Asked, Front, fail

pytestmark = pytest.mark.once


# --- What nginx says itself ---


def test_a_shop_that_is_away_says_so_kindly(shop: Front) -> None:
    for app in shop.apps:
        app.close()

    page = shop.ask("/products/")
    assert (page.status, page.value("Content-Type")) == (502, "text/html; charset=utf-8")
    assert page.body.decode() == error_pages.page(HTTPStatus.BAD_GATEWAY)
    assert page.values("Retry-After") == ["2"]

    for method, target in (("GET", "/api/products/"), ("POST", "/api/orders/")):
        said = shop.ask(target, method=method, body=b"x" if method == "POST" else b"")
        assert (said.status, said.value("Content-Type")) == (502, "application/problem+json")
        assert json.loads(said.body)["code"] == "away"


@pytest.mark.parametrize("status", [502, pytest.param(504, marks=pytest.mark.long)])
def test_what_nginx_says_where_the_app_cannot_is_not_kept(front: Front, status: int) -> None:
    for app in front.apps:
        app.answering = fail if status == 502 else _sleep
    with front.started(change=_impatient):
        for target in (
            "/products/",
            "/api/products/",
            "/static/a.css",
            "/static/a.52ccb87eb98a.css",
        ):
            said = front.ask(target)
            assert (said.status, said.values("Cache-Control")) == (status, ["no-store"])
    assert front.asked


def _sleep(_: Asked) -> None:
    time.sleep(0.5)


def _impatient(text: str) -> str:
    """Let nginx wait for an app server for a moment, and ask it again all the same."""
    assert "proxy_read_timeout 40s;" in text
    assert PATIENCE in text
    soon = text.replace("proxy_read_timeout 40s;", "proxy_read_timeout 200ms;")
    return soon.replace(PATIENCE, "max_fails=0")


def test_what_nginx_refuses_in_its_own_words_is_not_kept(front: Front) -> None:
    with front.started(throttle=True, change=_slowly):
        large = front.ask("/cart/", method="POST", body=b"x" * 1_100_000)
        seen = [front.ask("/products/") for _ in range(202)]

    assert (large.status, large.values("Cache-Control")) == (413, ["no-store"])
    assert (seen[-1].status, seen[-1].values("Cache-Control")) == (429, ["no-store"])
    # The app has said nothing of it.
    assert (seen[0].status, seen[0].values("Cache-Control")) == (200, [])


@pytest.mark.parametrize("status", [200, 404, 429, 502, 503, 504])
def test_what_the_app_says_of_keeping_is_said_once(shop: Front, status: int) -> None:
    for app in shop.apps:
        app.answering = lambda _: (status, {"Cache-Control": "private, max-age=7"}, b"own")

    for target in ("/products/", "/static/a.52ccb87eb98a.css"):
        said = shop.ask(target)
        assert (said.status, said.body) == (status, b"own")
        assert said.values("Cache-Control") == ["private, max-age=7"]


def test_the_pages_are_what_the_words_make_of_them(tmp_path: Path) -> None:
    error_pages.write(tmp_path / "pages")
    found = {file.name: file.read_text() for file in (tmp_path / "pages").iterdir()}

    assert found == error_pages.files()
    assert len(found) == 2 * len(error_pages.WORDS)
    # Whole in themselves: nothing else is asked for.
    assert not any(
        re.search(r"(src|href)=.(?!\"|/\")|url\(|@import", text) for text in found.values()
    )


def test_nobody_sees_the_folder_of_the_pages(shop: Front) -> None:
    assert shop.ask("/_novashop/502.html").status == 404


def test_security_headers_are_on_everything_and_never_twice(shop: Front) -> None:
    static = shop.files / "static"
    static.mkdir()
    (static / "a.css").write_text("a{}")
    shop.pages[0].answering = shop.pages[1].answering = lambda asked: (
        404 if "nowhere" in asked.path else 200,
        SECURITY if "own" in asked.path else {},
        b"",
    )
    shop.orders.close()
    seen = [shop.ask(target) for target in ("/cart/", "/own", "/own/nowhere", "/nowhere")]
    seen += [shop.ask("/static/a.css"), shop.ask("/static/nowhere.css")]
    seen += [shop.ask("/static/a.css", method="POST", body=b"x"), shop.ask("/metrics")]
    seen += [shop.ask("/metrics", source="127.0.0.2")]
    seen += [shop.ask("/cart/", method="POST", body=b"x" * 1_100_000)]

    assert [said.status for said in seen] == [200, 200, 404, 404, 200, 404, 405, 200, 403, 413]
    for said in seen:
        assert {name: said.values(name) for name in SECURITY} == {
            name: [value] for name, value in SECURITY.items()
        }
        assert said.value("Server") == "nginx"
        assert said.values("Strict-Transport-Security") == []


def test_what_the_app_says_to_everybody_is_passed_on_as_it_is(shop: Front) -> None:
    """nginx adds nothing to it: to look for each header cost a tenth of what it can answer."""
    for app in shop.pages:
        app.answering = lambda _: (200, SECURITY, b"")

    said = shop.ask("/")

    assert {name: said.values(name) for name in SECURITY} == {
        name: [value] for name, value in SECURITY.items()
    }
    assert len(said.values("X-Request-ID")) == 1


def test_an_answer_may_be_less_strict_on_purpose(shop: Front) -> None:
    for app in shop.pages:
        app.answering = lambda _: (200, {"X-Frame-Options": "SAMEORIGIN"}, b"")

    assert shop.ask("/").values("X-Frame-Options") == ["SAMEORIGIN"]


# --- Sizes and time ---

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("target", "megabytes", "passes"),
    [
        ("/cart/add/7/", 0.9, True),
        ("/cart/add/7/", 1.1, False),
        ("/api/orders/", 1.1, False),
        ("/api/products/7/", 1.1, False),
        ("/api/products/7/pictures/", 31, True),
        ("/api/categories/7/picture/", 31, True),
        ("/admin/catalog/product/7/change/", 31, True),
        ("/admin/catalog/product/7/change/", 33, False),
        ("/api/products/7/pictures/", 33, False),
    ],
)
def test_a_body_may_be_large_only_where_pictures_come(
    shop: Front, target: str, megabytes: float, *, passes: bool
) -> None:
    body = b"x" * int(megabytes * MEGABYTE)
    said = shop.ask(target, method="POST", body=body)

    assert said.status == (200 if passes else 413)
    assert [len(asked.body) for asked in shop.asked] == ([len(body)] if passes else [])
    if not passes:
        is_api = target.startswith("/api/")
        kind = "application/problem+json" if is_api else "text/html; charset=utf-8"
        assert said.value("Content-Type") == kind


def test_a_body_in_pieces_reaches_the_app_in_one(shop: Front) -> None:
    pieces = b"4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", shop.port), timeout=20) as connection:
        connection.sendall(
            b"POST /cart/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + pieces
        )
        assert b" 200 " in connection.recv(100)

    (asked,) = shop.asked
    assert (asked.body, asked.values("Content-Length")) == (b"abcdefg", ["7"])


def test_who_never_finishes_a_request_is_sent_away(front: Front) -> None:
    with (
        front.started(
            change=lambda text: text.replace(
                "client_header_timeout 10s", "client_header_timeout 1s"
            )
        ),
        socket.create_connection(("127.0.0.1", front.port), timeout=20) as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        # It is told in no uncertain manner.
        with pytest.raises(ConnectionResetError):
            connection.recv(100)
    assert "client_header_timeout 10s" in render(front.site())


# --- Numbers ---


def test_numbers_are_for_this_machine_alone(shop: Front) -> None:
    assert shop.ask("/metrics").status == 200
    for target in ("/metrics", "/%6detrics", "//metrics", "/./metrics", "/metrics?a=b"):
        said = shop.ask(target, "X-Forwarded-For: 127.0.0.1", source="127.0.0.2")
        assert said.status == 403
    assert len(shop.asked) == 1


# --- Floods ---


def _slowly(text: str) -> str:
    """Let the limit give way so slowly that a test can count."""
    assert "rate=50r/s" in text
    return text.replace("rate=50r/s", "rate=1r/m")


def test_a_flood_from_one_address_is_held_back(front: Front) -> None:
    with front.started(throttle=True, change=_slowly):
        seen = [front.ask("/api/products/") for _ in range(230)]
        page = front.ask("/products/")
        # Another address notices nothing.
        assert front.ask("/", source="127.0.0.2").status == 200

    # One, and a burst of 200.
    assert [said.status for said in seen] == [200] * 201 + [429] * 29
    assert seen[-1].value("Content-Type") == "application/problem+json"
    assert seen[-1].value("Retry-After") == "2"
    assert json.loads(seen[-1].body)["code"] == "too_many_requests"
    assert page.body.decode() == error_pages.page(HTTPStatus.TOO_MANY_REQUESTS)


def test_throttle_off_lifts_the_limits_of_nginx_too(front: Front) -> None:
    with front.started(change=_slowly):
        assert {front.ask("/").status for _ in range(230)} == {200}


def test_files_are_no_flood(front: Front) -> None:
    (front.files / "static").mkdir()
    (front.files / "static" / "a.css").write_text("a{}")
    with front.started(throttle=True, change=_slowly):
        assert {front.ask("/static/a.css").status for _ in range(230)} == {200}

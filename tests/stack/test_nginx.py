"""nginx in front: what reaches the app, which of its servers, and what it is told."""

import re
import time
from pathlib import Path

import pytest

from deploy.nginx.site import CannotRenderError, main, render
from deploy.stack.front import write_configuration
from tests.stack.front import Front, fail, leave

pytestmark = pytest.mark.once


# --- The configuration itself ---


def test_nginx_has_nothing_to_remark(front: Front) -> None:
    front.write(front.site(throttle=True))

    said = front.test().splitlines()

    assert [line.rpartition(" ")[2] for line in said] == ["ok", "successful"], said


def test_every_name_is_filled_in(front: Front) -> None:
    assert re.findall(r"\$\{[A-Z_]+\}", render(front.site())) == []


@pytest.mark.parametrize("path", ['/srv/a"b', "/srv/$uri", "/srv/a\\b", "/srv/a\nb"])
def test_a_folder_that_nginx_would_misread_is_refused(front: Front, path: str) -> None:
    with pytest.raises(CannotRenderError, match="nginx cannot be told of"):
        render(front.site(access_log=path))


def test_a_shop_without_an_app_server_is_refused(front: Front) -> None:
    with pytest.raises(CannotRenderError, match="at least one app server"):
        render(front.site(browse=[]))


# --- Hosts ---


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "example.org.evil", "_"]
)
def test_a_host_that_is_not_ours_is_refused(shop: Front, host: str) -> None:
    assert shop.ask("/", host=host).status == 421
    assert shop.asked == []


def test_nobody_names_no_host_or_several(shop: Front) -> None:
    assert shop.ask("/", host=None).status == 400
    assert shop.ask("/", host=None, protocol="HTTP/1.0").status == 421
    assert shop.ask("/", "Host: evil.example").status == 400
    assert shop.ask("/", host="").status in {400, 421}
    assert shop.asked == []


def test_a_host_in_the_address_counts_and_the_header_does_not(shop: Front) -> None:
    assert shop.ask("http://evil.example/", host="127.0.0.1").status == 421
    assert shop.asked == []

    assert shop.ask("http://127.0.0.1/", host="evil.example").status == 200
    assert shop.asked[0].values("Host") == [shop.address]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost:4444", "localhost"),
        ("[::1]:443", "[::1]"),
        ("shop.example.org", "shop.example.org"),
        ("example.org:81", "example.org"),
    ],
)
def test_the_app_is_told_the_name_that_was_asked_for_and_the_port_of_the_shop(
    shop: Front, host: str, name: str
) -> None:
    told = [f"{name}:{shop.port}"]

    # In the address it counts more than in the header.
    for target, header in (("/", host), (f"http://{host}/", "127.0.0.1:5555")):
        assert shop.ask(target, host=header).status == 200
        assert shop.asked[-1].values("Host") == told
        assert shop.asked[-1].values("X-Forwarded-Host") == told
    assert len(shop.asked) == 2


@pytest.mark.parametrize(
    ("port", "told"), [(9000, "localhost:9000"), (80, "localhost"), (443, "localhost")]
)
def test_where_visitors_see_another_port_the_app_is_told_that_one(
    front: Front, port: int, told: str
) -> None:
    with front.started(public_port=port):
        assert front.ask("/", host="localhost:4444").status == 200
    assert front.asked[0].values("Host") == [told]
    assert front.asked[0].values("X-Forwarded-Host") == [told]


@pytest.mark.parametrize(
    ("listen", "host"),
    [
        ("80", "$host"),
        ("443 ssl", "$host"),
        ("10.0.0.5", "$host"),
        ("[::1]", "$host"),
        ("unix:/run/novashop.sock", "$host"),
        ("8080", "$host:8080"),
        ("*:8080", "$host:8080"),
        ("[::]:8080", "$host:8080"),
        ("127.0.0.1:8443 ssl", "$host:8443"),
    ],
)
def test_without_another_the_port_is_the_one_nginx_listens_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, listen: str, host: str
) -> None:
    wish = ["--browse", "10.0.0.5:8000", "--files", str(tmp_path), "--listen", listen]

    assert main(wish) == 0

    text = capsys.readouterr().out
    assert f"listen {listen} default_server;" in text
    assert f"proxy_set_header Host {host};" in text
    assert f"proxy_set_header X-Forwarded-Host {host};" in text
    assert main([*wish, "--public-port", "9000"]) == 0
    assert "proxy_set_header Host $host:9000;" in capsys.readouterr().out
    assert (tmp_path / "pages" / "502.html").exists()


@pytest.mark.parametrize(
    ("https", "host"), [("on", "$host"), ("off", "$host:8080"), ("", "$host:8080")]
)
def test_a_stack_behind_https_has_the_port_of_https(
    front: Front, tmp_path: Path, https: str, host: str
) -> None:
    file = front.folder / "nginx.conf"
    environment = {"ALLOWED_HOSTS": "localhost", "DATA_DIR": str(tmp_path), "THROTTLE": "on"}
    facts = {
        "environment": {**environment, "HTTPS": https},
        "apps": [{"name": "browse-1", "port": 8001, "lane": "browse"}],
        "nginx": {
            "program": str(front.program),
            "configuration": str(file),
            "listen": "127.0.0.1:8080",
            "account": "",
        },
    }

    write_configuration(facts, logs=front.folder)

    assert f"proxy_set_header Host {host};" in file.read_text()


def test_a_shop_may_have_any_name(front: Front) -> None:
    with front.started(names=["*"]):
        assert front.ask("/", host="whatever.example").status == 200


# --- What the app believes ---

SPOOFED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Scheme": "https",
    "X-Forwarded-Server": "evil",
    "X-Forwarded-Ssl": "on",
    "Forwarded": "for=203.0.113.9;host=evil.example",
    "X-Real-IP": "203.0.113.9",
    "X-Original-URL": "/admin/",
    "X-Rewrite-URL": "/admin/",
    "X-HTTP-Method-Override": "DELETE",
    "X-Script-Name": "/evil",
    "X-Request-ID": "chosen-by-me",
    "X-Request-Start": "1",
    "X-Retry-Elsewhere": "1",
    "Traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
    "Tracestate": "chosen=by-me",
    "Proxy": "http://evil.example",
    "Upgrade": "websocket",
    "X_Forwarded_For": "203.0.113.9",
    "X_Request_ID": "chosen-by-me",
}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_a_visitor_says_of_the_way_here_is_not_passed_on(shop: Front, method: str) -> None:
    lines = [f"{name}: {value}" for name, value in SPOOFED.items()]
    shop.ask("/cart/", *lines, *lines, method=method, body=b"a=b" if method == "POST" else b"")

    (asked,) = shop.asked
    told = {
        name.lower(): asked.values(name)
        for name in SPOOFED
        if asked.values(name) and name not in {"X-Request-ID", "X-Request-Start"}
    }
    assert told == {
        "x-forwarded-for": ["127.0.0.1"],
        "x-forwarded-proto": ["http"],
        "x-forwarded-host": [shop.address],
        **({"x-retry-elsewhere": ["1"]} if method == "GET" else {}),
    }
    (request_id,) = asked.values("X-Request-ID")
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    (begun,) = asked.values("X-Request-Start")
    assert time.time() - 60 < float(begun) <= time.time()


def test_the_request_id_is_told_to_everybody(shop: Front) -> None:
    shop.pages[0].answering = shop.pages[1].answering = lambda _: (
        200,
        {"X-Request-ID": "of the app"},
        b"",
    )
    said = shop.ask("/")

    assert shop.asked[0].values("X-Request-ID") == [said.value("X-Request-ID")]
    assert shop.log(lines=1)[-1]["request_id"] == said.value("X-Request-ID")


def test_ordinary_headers_arrive_as_they_were(shop: Front) -> None:
    key = "Idempotency-Key: 7a"
    shop.ask(
        "/api/orders/", "Cookie: a=b", "Authorization: Bearer x", key, method="POST", body=b"x"
    )

    (asked,) = shop.asked
    assert asked.values("Cookie") == ["a=b"]
    assert asked.values("Authorization") == ["Bearer x"]
    assert asked.values("Idempotency-Key") == ["7a"]
    assert asked.body == b"x"


def test_large_cookies_pass_and_absurd_ones_do_not(shop: Front) -> None:
    assert shop.ask("/", f"Cookie: a={'x' * 12_000}").status == 200
    assert shop.ask("/", f"Cookie: a={'x' * 40_000}").status == 400
    assert len(shop.asked) == 1


# --- Lanes ---


@pytest.mark.parametrize(
    ("method", "target", "is_order"),
    [
        ("POST", "/api/orders/", True),
        ("POST", "/checkout/", True),
        ("POST", "/api/%6frders/", True),
        ("POST", "/checkout/?next=/cart/", True),
        ("POST", "//checkout//", True),
        ("GET", "/api/orders/", False),
        ("GET", "/checkout/", False),
        ("HEAD", "/checkout/", False),
        ("POST", "/api/orders/7/cancel/", False),
        ("POST", "/api/orders", False),
        ("POST", "/checkout", False),
        ("GET", "/admin", False),
        ("POST", "/cart/add/7/", False),
        ("PATCH", "/api/orders/", False),
    ],
)
def test_orders_have_a_lane_of_their_own(
    shop: Front, method: str, target: str, *, is_order: bool
) -> None:
    shop.ask(target, method=method, body=b"" if method in {"GET", "HEAD"} else b"x")

    assert len(shop.orders.asked) == int(is_order)
    assert sum(len(app.asked) for app in shop.pages) == int(not is_order)
    # The app is asked for exactly what was asked for.
    assert shop.asked[0].path == target


def test_without_a_lane_of_their_own_orders_go_where_pages_go(front: Front) -> None:
    with front.started(order=[]):
        assert front.ask("/api/orders/", method="POST", body=b"x").status == 200
    assert front.orders.asked == []


# --- When an app server fails ---


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("failing", [fail, leave])
def test_what_is_safe_is_asked_of_another(shop: Front, method: str, failing: object) -> None:
    shop.pages[0].answering = failing  # type: ignore[assignment]

    for _ in range(20):
        assert shop.ask("/products/", method=method).status == 200
    # Twice, and it is left alone.
    assert len(shop.pages[0].asked) == 2
    assert len(shop.pages[1].asked) == 20


def test_without_that_a_reader_would_notice(front: Front) -> None:
    front.pages[0].answering = fail
    with front.started(change=_never_elsewhere):
        statuses = [front.ask("/products/").status for _ in range(20)]

    assert statuses.count(502) == 2


def _never_elsewhere(text: str) -> str:
    assert "proxy_next_upstream error timeout http_502;" in text
    return text.replace("proxy_next_upstream error timeout http_502;", "proxy_next_upstream off;")


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_may_have_been_done_is_not_done_again(shop: Front, method: str) -> None:
    for app in shop.pages:
        app.answering = fail

    assert shop.ask("/cart/add/7/", method=method, body=b"x").status == 502
    assert len(shop.asked) == 1


def test_an_order_is_sent_again_since_it_carries_a_key(shop: Front) -> None:
    for failing in (fail, leave):
        shop.orders.answering = failing
        said = shop.ask("/api/orders/", "Idempotency-Key: 7a", method="POST", body=b"x")
        assert said.status == 200

    sent = [asked for app in shop.pages for asked in app.asked]
    assert [asked.values("Idempotency-Key") for asked in sent] == [["7a"], ["7a"]]


def test_what_was_never_sent_goes_elsewhere_whatever_it_is(shop: Front) -> None:
    shop.pages[0].close()

    for _ in range(20):
        assert shop.ask("/cart/add/7/", method="POST", body=b"x").status == 200
    assert len(shop.pages[1].asked) == 20


def test_both_at_once_are_asked_rather_than_none(shop: Front) -> None:
    for app in shop.pages:
        app.answering = leave
    for _ in range(6):
        assert shop.ask("/").status == 502
    # Both are left alone now, and one of them is back.
    shop.pages[1].answering = lambda _: (200, {}, b"here again")

    assert shop.ask("/").body == b"here again"


@pytest.mark.parametrize("status", [400, 404, 409, 429, 500, 503])
def test_what_the_app_answers_is_an_answer(shop: Front, status: int) -> None:
    for app in shop.pages:
        app.answering = lambda _: (status, {"Retry-After": "7"}, b"in its own words")

    said = shop.ask("/api/products/")

    assert (said.status, said.body) == (status, b"in its own words")
    assert said.values("Retry-After") == ["7"]
    assert len(shop.asked) == 1


def test_pages_that_cannot_be_written_are_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("in the way")

    with pytest.raises(SystemExit, match=r"^The pages of errors cannot be written: "):
        main(["--browse", "10.0.0.5:8000", "--files", str(tmp_path)])

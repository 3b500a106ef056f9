"""Pages for everybody in nginx's own cache: what is kept, for whom, under what key, how long."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from deploy.nginx import addresses
from deploy.nginx.site import TEMPLATE
from shop.lib.public.answering import KEEP, KEEP_NOT, moment_of
from tests.stack.front import HERE, Answering, Asked, Front, Said, fail, read_answer
from tests.waiting import wait_until

pytestmark = pytest.mark.once

PUBLIC = [
    "/",
    "/3/",
    "/products/",
    "/products/7/",
    "/search/",
    "/api/products/",
    "/api/products/7/",
    "/api/categories/",
    "/api/categories/3/",
    "/api/reviews/",
    "/api/reviews/5/",
]
# What looks like a file, or like a page for everybody, to somebody who does not look closely.
PERSONAL = [
    "/accounts/x.css",
    "/accounts/",
    "/orders/1/;x.js",
    "/orders/1/",
    "/orders/1/x.png",
    "/cart/",
    "/cart/token/",
    "/cart/add/7/",
    "/checkout/",
    "/admin/products/",
    "/api/orders/",
    "/api/users/me/",
    "/products/7/reviews/add/",
    "/products/7/;x.css",
    "/products/7",
    "/products/7/x.css",
    "/products/7/%2e%2e/%2e%2e/accounts/",
    "/orders/1/%2e%2e%2f",
    "/orders/1/%0aproducts/",
]


_BEGAN = "X-Request-Start"


class Page:
    """What an app server says of an address, the same for everybody until somebody changes it."""

    def __init__(self, **headers: str) -> None:
        self.body, self.status, self.headers = b"first", 200, {"Cache-Control": KEEP, **headers}
        self.seconds = 0.0

    def __call__(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        time.sleep(self.seconds)
        tag = f'W/"{self.body.decode()}"'
        headers = {"ETag": tag, **self.headers}
        if self.headers["Cache-Control"] == KEEP:
            headers["X-Accel-Expires"] = moment_of(*asked.values(_BEGAN))
        if self.status == 200 and asked.values("If-None-Match") == [tag]:
            return 304, headers, b""
        return self.status, headers, self.body


def show(front: Front, answering: Answering) -> None:
    for app in front.apps:
        app.answering = answering


@pytest.fixture
def page(shop: Front) -> Page:
    page = Page()
    show(shop, page)
    return page


def happened(said: Said) -> str:
    return " ".join(said.values("X-Cache"))


def test_the_template_has_the_addresses_and_parameters_of_the_app() -> None:
    template = TEMPLATE.read_text()
    assert addresses.written_into(template) == template
    older = template.replace("/search/", "/find/")
    assert addresses.written_into(older) == template != older


# --- For whom ---


@pytest.mark.parametrize("path", PUBLIC)
def test_a_page_for_everybody_is_asked_for_once(shop: Front, page: Page, path: str) -> None:
    first, second = shop.ask(path), shop.ask(path, "Cookie: sessionid=hers")
    head = shop.ask(path, method="HEAD")
    assert [happened(said) for said in (first, second, head)] == ["MISS", "HIT", "HIT"]
    assert [first.body, second.body, head.body] == [b"first", b"first", b""]
    assert second.value("Cache-Control") == KEEP
    assert len(shop.asked) == 1


@pytest.mark.parametrize("path", PERSONAL)
def test_what_is_somebodys_is_never_kept_whatever_its_address_looks_like(
    shop: Front, page: Page, path: str
) -> None:
    seen = [shop.ask(path, "Cookie: sessionid=hers") for _ in range(2)]
    assert [happened(said) for said in seen] == ["", ""]
    assert len(shop.asked) == 2
    assert [asked.values("Cookie") for asked in shop.asked] == [["sessionid=hers"]] * 2


def test_with_a_token_or_to_write_nothing_is_kept_nor_found(shop: Front, page: Page) -> None:
    shop.ask("/api/products/")
    with_token = shop.ask("/api/products/?x=1", "Authorization: Bearer x", "Cookie: a=b")
    posted = shop.ask("/api/products/", method="POST", body=b"{}")
    assert [happened(said) for said in (with_token, posted)] == ["", ""]
    assert sorted(asked.method for asked in shop.asked) == ["GET", "GET", "POST"]
    assert [asked.body for asked in shop.asked if asked.method == "POST"] == [b"{}"]
    (passed_on,) = (asked for asked in shop.asked if asked.path == "/api/products/?x=1")
    assert passed_on.values("Authorization") == ["Bearer x"]
    assert passed_on.values("Cookie") == ["a=b"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "a=b"},
        {"Vary": "Cookie"},
        {"Vary": "Accept-Encoding, Accept-Language"},
        {"Vary": "*"},
        {"Cache-Control": KEEP_NOT},
        {"Cache-Control": ""},
    ],
)
def test_an_answer_to_one_person_is_kept_by_mistake_neither(
    shop: Front, page: Page, headers: dict[str, str]
) -> None:
    page.headers |= headers
    assert [happened(shop.ask("/")) for _ in range(2)] == ["MISS", "MISS"]
    assert len(shop.asked) == 2


# --- Under what key ---


def test_an_app_is_told_nothing_of_a_visitor(shop: Front, page: Page) -> None:
    names = ("Cookie", "Accept", "Accept-Language", "User-Agent", "Referer", "HX-Request", "X-Mine")
    shop.ask("/products/", *(f"{name}: evil" for name in names), "If-None-Match: evil")
    (asked,) = shop.asked
    assert [asked.values(name) for name in (*names, "If-None-Match")] == [[]] * (len(names) + 1)
    assert asked.values("Host") == [shop.address]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("/?a=1&b=2", "/"),
        ("/products/?utm_source=x&sort=price&fbclid=1", "/products/?sort=price&"),
        ("/products/?sort=price&sort=name", "/products/?sort=price&"),
        ("/products/?sort=price&category=3&sort=price", "/products/?category=3&sort=price&"),
        ("/3/?category=4&in_stock=1", "/3/?in_stock=1&"),
        ("/products/?options=colour:red,size:m", "/products/?options=colour:red,size:m&"),
        ("/search/?q=a+b%26c&page=7", "/search/?q=a+b%26c&"),
        ("/products/7/?sort=price", "/products/7/"),
        ("//products//7/", "/products/7/"),
        ("/%70roducts/", "/products/"),
    ],
)
def test_only_parameters_of_the_page_are_passed_on_and_tell_answers_apart(
    shop: Front, page: Page, asked: str, told: str
) -> None:
    seen = [shop.ask(asked), shop.ask(told), shop.ask(asked)]
    assert [happened(said) for said in seen] == ["MISS", "HIT", "HIT"]
    assert [each.path for each in shop.asked] == [told]


def test_names_and_what_browsers_take_tell_answers_apart(shop: Front, page: Page) -> None:
    assert happened(shop.ask("/", host="localhost")) == "MISS"
    assert happened(shop.ask("/", host="shop.example.org")) == "MISS"
    packed = ["gzip", "br, gzip;q=0.8", "GZIP"]
    plain = ["identity", "gzip;q=0", "gzip;q=0.000, br", "x-gzipped", ""]
    takes = [f"Accept-Encoding: {said}" for said in packed + plain]
    seen = [happened(shop.ask("/", said, host="localhost")) for said in takes]
    assert seen == ["MISS", *["HIT"] * 7]
    told = sorted(asked.values("Accept-Encoding") for asked in shop.asked)
    assert told == [[], [], ["gzip"]]
    assert shop.ask("/", host="evil.example").status == 421


# --- For how long ---


def test_after_a_second_one_asks_anew_and_the_others_do_not_wait(shop: Front, page: Page) -> None:
    shop.ask("/")
    wait_until(lambda: happened(shop.ask("/")) != "HIT")
    # It was the same as before: that was all the app had to say.
    wait_until(lambda: len(shop.asked) == 2)
    assert shop.asked[1].values("If-None-Match") == ['W/"first"']
    assert shop.ask("/").body == b"first"

    page.body = b"second"
    wait_until(lambda: shop.ask("/").body == b"second")


def test_what_is_held_open_is_not_shown_once_something_else_is_there(
    shop: Front, page: Page
) -> None:
    # By each of the two workers.
    assert {shop.ask("/").body for _ in range(40)} == {b"first"}
    page.body = b"second"
    wait_until(lambda: shop.ask("/").body == b"second")
    assert {shop.ask("/").body for _ in range(40)} == {b"second"}


def test_whoever_comes_later_waits_for_what_is_so_now(shop: Front, page: Page) -> None:
    shop.ask("/")
    page.body = b"second"
    # nginx counts whole seconds: one, one more, and what is left of the present one.
    time.sleep(3.2)
    said = shop.ask("/")
    assert (happened(said), said.body) == ("EXPIRED", b"second")


@pytest.mark.parametrize("status", [404, 301])
def test_what_is_gone_is_not_shown_any_longer(shop: Front, page: Page, status: int) -> None:
    shop.ask("/products/7/")
    page.status, page.body = status, b"gone"
    wait_until(lambda: shop.ask("/products/7/").status == status)
    assert shop.ask("/products/7/").status == status


def test_while_nobody_answers_a_page_is_shown_as_it_was(shop: Front, page: Page) -> None:
    shop.ask("/products/7/")
    show(shop, fail)
    time.sleep(2.2)
    for _ in range(3):
        said = shop.ask("/products/7/")
        assert (said.status, said.body, happened(said)) == (200, b"first", "STALE")
    assert shop.ask("/products/8/").status == 502


@pytest.mark.parametrize("status", [500, 503])
def test_what_goes_wrong_is_not_kept(shop: Front, page: Page, status: int) -> None:
    page.status, page.headers = status, {"Cache-Control": KEEP_NOT}
    assert [shop.ask("/").status for _ in range(2)] == [status, status]
    page.status, page.headers = 200, {"Cache-Control": KEEP}
    assert shop.ask("/").body == b"first"


# --- For how many ---


@contextlib.contextmanager
def waiting(front: Front, path: str, *, readers: int) -> Iterator[list[socket.socket]]:
    """Connect so many readers, who ask all at once."""
    lines = [socket.create_connection((HERE, front.port), timeout=60) for _ in range(readers)]
    request = f"GET {path} HTTP/1.1\r\nHost: {HERE}\r\nConnection: close\r\n\r\n".encode()
    together = threading.Barrier(4)

    def ask(some: list[socket.socket]) -> None:
        together.wait()
        for line in some:
            line.sendall(request)

    threads = [threading.Thread(target=ask, args=(lines[begin::4],)) for begin in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        yield lines
    finally:
        for line in lines:
            line.close()


@pytest.mark.parametrize("was_there", [False, True])
def test_of_five_hundred_readers_at_once_one_reaches_the_app(
    shop: Front, page: Page, was_there: bool
) -> None:
    if was_there:
        page.headers["Cache-Control"] = "max-age=1, stale-while-revalidate=60"
        shop.ask("/products/7/")
        # nginx counts whole seconds: a second is over after two.
        time.sleep(2.2)
    # However long it takes to answer five hundred, theirs is the only record that expires.
    page.headers["Cache-Control"] = "max-age=60"
    before, page.seconds = len(shop.asked), 0.3
    with waiting(shop, "/products/7/", readers=500) as lines:
        answers = [read_answer(line) for line in lines]
    assert {(said.status, said.body) for said in answers} == {(200, b"first")}
    # Where it was there, everybody was served before the app had said anything.
    wait_until(lambda: len(shop.asked) > before)
    assert len(shop.asked) - before == 1


def test_without_the_lock_they_all_would(front: Front) -> None:
    page = Page()
    page.seconds = 0.3
    show(front, page)
    change: Callable[[str], str] = lambda text: text.replace("proxy_cache_lock on;", "")  # noqa: E731
    with front.started(change=change), waiting(front, "/products/7/", readers=50) as lines:
        answers = [read_answer(line) for line in lines]
    assert {said.status for said in answers} == {200}
    assert len(front.asked) > 1

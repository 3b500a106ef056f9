"""nginx before the shop itself: what somebody sends to change what others get from its cache."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from shop.catalog.models import Product
from tests.builders import put_on_sale
from tests.stack.front import Front, Said

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

EVIL = "evil.example"
HEADERS = [
    *(f"X-Forwarded-{name}: {EVIL}" for name in ("Host", "Server", "Prefix", "Port", "Scheme")),
    "X-Forwarded-Proto: https",
    "X-Forwarded-For: 203.0.113.9",
    "X-Forwarded-Ssl: on",
    f"X-Host: {EVIL}",
    f"X-HTTP-Host-Override: {EVIL}",
    f"X-Original-Host: {EVIL}",
    f"Forwarded: host={EVIL};proto=https",
    "X-Original-URL: /admin/",
    "X-Rewrite-URL: /accounts/",
    "X-Override-URL: /404/",
    "X-HTTP-Method-Override: POST",
    "X-HTTP-Method: DELETE",
    "X-Method-Override: HEAD",
    "X-Script-Name: /evil",
    "Script-Name: /evil",
    "Accept-Language: ru, *;q=0.1",
    "Accept-Language: \\xff\\xfe;q=-1,,,",
    "Accept: text/html",
    "Accept: application/problem+json",
    "Accept: application/yaml;q=x",
    "Accept-Charset: utf-16",
    "Accept-Encoding: br;q=1, identity;q=0, *;q=0",
    "TE: trailers",
    "HX-Request: true",
    "HX-Boosted: true",
    f"HX-Current-URL: http://{EVIL}/",
    "HX-Target: main",
    "X-Requested-With: XMLHttpRequest",
    "User-Agent: Googlebot-Mobile (iPhone)",
    f"Referer: http://{EVIL}/",
    f"Origin: http://{EVIL}",
    "Cookie: sessionid=x; csrftoken=y; django_language=ru; strip=9.Eve; cart=z",
    "X-CSRFToken: chosen",
    "Range: bytes=0-3",
    'If-None-Match: "x"',
    "If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT",
    "Cache-Control: no-store, max-age=0",
    "Pragma: no-cache",
    "X-Accel-Redirect: /admin/",
    "X-Accel-Expires: 99999",
    "X-Request-ID: chosen",
    "X-Request-Start: 99999999999.000",
    "Content-Type: application/x-www-form-urlencoded",
]


@pytest.fixture
def shop(front: Front, live_server: Any) -> Iterator[Front]:
    """nginx before an app server of this process, with a mug on sale."""
    put_on_sale("mug", name="Stoneware mug", category=("Kitchen", "Cups"))
    where = urlsplit(live_server.url).netloc
    with front.started(browse=[where], order=[where]):
        yield front


def addresses() -> list[str]:
    product = Product.objects.get()
    pages = ["/", f"/{product.category_id}/", "/products/", f"/products/{product.id}/"]
    return [*pages, "/search/?q=mug", "/api/products/", f"/api/products/{product.id}/"]


def shown(said: Said) -> tuple[int, bytes, list[str]]:
    return said.status, said.body, said.values("Set-Cookie")


def test_no_header_changes_what_others_get(shop: Front) -> None:
    assert len(HEADERS) > 40
    for path in addresses():
        clean = shop.ask(path)
        assert (clean.status, clean.values("Set-Cookie")) == (200, [])
        for header in HEADERS:
            first, second = shop.ask(path, header), shop.ask(path)
            assert first.status in {200, 304}, header
            assert shown(second) == shown(clean), header


def test_no_header_gets_into_what_is_made_for_it(shop: Front) -> None:
    """Each header comes with an address of its own, so that the app itself answers it."""
    product = Product.objects.get()
    for number, header in enumerate(HEADERS):
        path = f"/search/?q=stoneware+{'x' * number}"
        evil, clean = shop.ask(path, header), shop.ask(path)
        assert evil.status in {200, 304}, header
        assert (clean.status, clean.values("Set-Cookie")) == (200, []), header
        assert EVIL.encode() not in clean.body, header
        assert clean.values("Content-Encoding") == [], header
        assert clean.body.endswith(b"</html>\n"), header
    assert EVIL.encode() not in shop.ask(f"/api/products/{product.id}/").body


def test_parameters_of_others_neither_change_a_page_nor_fill_the_cache(shop: Front) -> None:
    for path in addresses():
        clean = shop.ask(path)
        before = kept_by(shop)
        more = "&" if "?" in path else "?"
        for said in ("x=1", "x=2&y=3", "utm_source=a", "page=7", "%00=1", "q[]=1", "&&&", "x"):
            assert shown(shop.ask(f"{path}{more}{said}")) == shown(clean), said
        assert kept_by(shop) == before


def test_a_parameter_that_is_repeated_says_what_it_says_first(shop: Front) -> None:
    clean = shop.ask("/products/?sort=price")
    before = kept_by(shop)
    for again in ("sort=price", "sort=newest", "sort="):
        assert shown(shop.ask(f"/products/?sort=price&{again}")) == shown(clean)
    assert kept_by(shop) == before


@pytest.mark.parametrize("path", ["/accounts/x.css", "/orders/1/;x.js", "/orders/1/x.png"])
def test_an_address_that_looks_like_a_file_is_kept_for_nobody(
    shop: Front, client: Client, alice: Any, path: str
) -> None:
    client.force_login(alice)
    cookie = f"Cookie: sessionid={client.cookies['sessionid'].value}"
    seen = [shop.ask(path, cookie), shop.ask(path)]
    assert [said.values("X-Cache") for said in seen] == [[], []]
    assert kept_by(shop) == 0


def test_two_people_behind_nginx_get_the_same_bytes(
    shop: Front, client: Client, alice: Any, bob: Any
) -> None:
    for path in addresses():
        seen = []
        for user in (alice, bob):
            client.force_login(user)
            seen.append(shop.ask(path, f"Cookie: sessionid={client.cookies['sessionid'].value}"))
        assert shown(seen[0]) == shown(seen[1])
        assert b"alice" not in seen[0].body


def test_hosts_that_are_not_ours_are_refused_before_anything_is_kept(shop: Front) -> None:
    for host in (EVIL, f"127.0.0.1.{EVIL}", f"{EVIL}:80", "127.0.0.1@evil.example"):
        assert shop.ask("/", host=host).status in {400, 421}
    assert kept_by(shop) == 0


def kept_by(shop: Front) -> int:
    return sum(file.is_file() for file in (shop.folder / "cache").rglob("*"))

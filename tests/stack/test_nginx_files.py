"""What nginx takes from the disk, and what it writes down."""

import gzip
from pathlib import Path

import pytest

from deploy.nginx.site import Site, render
from tests.stack.front import Front, leave

pytestmark = pytest.mark.once

DIGEST = "ab" + "0123456789" * 3
CART = "209f1330-a75f-4c8c-af3c-8265e01df755"


# --- Files ---

FOR_EVER = "public, max-age=31536000, immutable"


def test_static_files_come_from_the_disk(shop: Front) -> None:
    static = shop.files / "static" / "storefront"
    static.mkdir(parents=True)
    (static / "shop.52ccb87eb98a.css").write_text("a{}")
    (static / "shop.css").write_text("a{}")

    hashed = shop.ask("/static/storefront/shop.52ccb87eb98a.css")
    plain = shop.ask("/static/storefront/shop.css")

    assert (hashed.status, hashed.body) == (200, b"a{}")
    assert hashed.value("Content-Type") == "text/css; charset=utf-8"
    assert hashed.value("Cache-Control") == FOR_EVER
    assert plain.value("Cache-Control") == "public, max-age=60"
    assert shop.asked == []


def test_what_is_not_on_the_disk_the_app_may_have(shop: Front) -> None:
    for app in shop.pages:
        app.answering = lambda _: (200, {"Cache-Control": "max-age=60, public"}, b"found")

    for target in ("/static/a.52ccb87eb98a.css", f"/media/pictures/ab/{DIGEST}.webp"):
        said = shop.ask(target)
        assert (said.status, said.body) == (200, b"found")
        assert said.values("Cache-Control") == ["max-age=60, public"]


def test_a_missing_file_is_not_kept_for_ever(shop: Front) -> None:
    for app in shop.pages:
        app.answering = lambda _: (404, {}, b"")

    assert shop.ask("/static/a.52ccb87eb98a.css").values("Cache-Control") == []


def test_what_nginx_refuses_of_a_file_is_not_kept(shop: Front) -> None:
    static = shop.files / "static"
    static.mkdir()
    picture = shop.files / "media" / "pictures" / "ab" / f"{DIGEST}.webp"
    picture.parent.mkdir(parents=True)
    for file in (static / "a.52ccb87eb98a.css", static / "a.css", picture):
        file.write_bytes(b"0123456789")
        target = f"/{file.relative_to(shop.files)}"
        kept = shop.ask(target).value("Cache-Control")
        etag = shop.ask(target).value("ETag")
        refused = [
            shop.ask(target, method="POST", body=b"x"),
            shop.ask(target, 'If-Match: "another"'),
        ]
        assert [said.status for said in refused] == [405, 412]
        assert [said.values("Cache-Control") for said in refused] == [[], []]
        same = shop.ask(target, f"If-None-Match: {etag}")
        assert (same.status, same.values("Cache-Control")) == (304, [kept])
    assert shop.asked == []


@pytest.mark.parametrize("part", ["bytes=99-", "bytes=2-3", "bytes=0-1,4-5", "bytes=x"])
def test_a_file_is_sent_whole_whatever_part_is_asked_for(shop: Front, part: str) -> None:
    static = shop.files / "static"
    static.mkdir()
    picture = shop.files / "media" / "pictures" / "ab" / f"{DIGEST}.webp"
    picture.parent.mkdir(parents=True)
    for file in (static / "a.52ccb87eb98a.css", picture):
        file.write_bytes(b"0123456789")
        said = shop.ask(f"/{file.relative_to(shop.files)}", f"Range: {part}")
        assert (said.status, said.body) == (200, b"0123456789")
        assert said.values("Cache-Control") == [FOR_EVER]
        assert said.values("X-Content-Type-Options") == ["nosniff"]


def test_text_is_compressed_for_who_understands_it(shop: Front) -> None:
    text = "abc " * 1000
    static = shop.files / "static"
    static.mkdir()
    (static / "a.css").write_text(text)
    for app in shop.pages:
        app.answering = lambda _: (200, {"Content-Type": "application/json"}, text.encode())

    for target in ("/static/a.css", "/api/products/"):
        packed = shop.ask(target, "Accept-Encoding: gzip")
        assert packed.value("Content-Encoding") == "gzip"
        assert gzip.decompress(packed.body).decode() == text
        plain = shop.ask(target)
        assert plain.values("Content-Encoding") == []
        assert plain.body.decode() == text
        assert "Accept-Encoding" in plain.value("Vary")


def test_what_was_compressed_before_is_sent_as_it_is(front: Front) -> None:
    static = front.files / "static"
    static.mkdir()
    (static / "a.css").write_text("a" * 2000)
    (static / "a.css.gz").write_bytes(gzip.compress(b"made before"))
    with front.started():
        sent = gzip.decompress(front.ask("/static/a.css", "Accept-Encoding: gzip").body)
    # The wheel's nginx was built without that, and compresses the file itself.
    assert sent == (b"made before" if front.site().gzip_static else b"a" * 2000)


def test_pictures_come_from_the_disk(shop: Front) -> None:
    folder = shop.files / "media" / "pictures" / "ab"
    folder.mkdir(parents=True)
    for name, kind in ((f"{DIGEST}.webp", "image/webp"), (f"{DIGEST}-480.avif", "image/avif")):
        (folder / name).write_bytes(b"a picture")
        said = shop.ask(f"/media/pictures/ab/{name}")
        assert (said.status, said.body) == (200, b"a picture")
        assert said.value("Content-Type") == kind
        assert said.value("Cache-Control") == FOR_EVER
        assert said.value("X-Content-Type-Options") == "nosniff"
    assert shop.asked == []


def test_nothing_but_picturesleaves_the_folder(shop: Front) -> None:
    folder = shop.files / "media" / "pictures" / "ab"
    folder.mkdir(parents=True)
    (shop.files / "static").mkdir()
    (shop.files / "secret_key").write_text("secret")
    (folder / "evil.html").write_text("secret")
    (folder / f"{DIGEST}.html").write_text("secret")
    (folder / f"{DIGEST}.webp").symlink_to(shop.files / "secret_key")
    targets = [
        "/secret_key",
        "/media/../secret_key",
        "/static/../secret_key",
        "/static/%2e%2e/secret_key",
        "/static../secret_key",
        "/media/pictures/ab/evil.html",
        f"/media/pictures/ab/{DIGEST}.html",
        f"/media/pictures/ab/{DIGEST}.webp",
        "/static/",
        "/media/",
    ]

    assert not [target for target in targets if b"secret" in _content(shop, target)]


def _content(shop: Front, target: str) -> bytes:
    """Return what comes from the disk: the app names the path it was asked for, without any."""
    before = len(shop.asked)
    said = shop.ask(target)
    return b"" if len(shop.asked) > before else said.body


# --- The log ---


@pytest.mark.parametrize(
    ("target", "written"),
    [
        ("/products/7/?q=ada@example.org", "/products/7/"),
        ("/accounts/password/reset/", "/accounts/password/reset/"),
        ("/accounts/password/reset/sent/", "/accounts/password/reset/sent/"),
        ("/accounts/password/reset/done/?a=b", "/accounts/password/reset/done/"),
        ("/accounts/password/reset/MQ/c8x-secret/", "/accounts/password/reset/*"),
        ("/accounts/password/reset/MQ/c8x-secret", "/accounts/password/reset/*"),
        ("//accounts//password//reset//MQ/c8x-secret/", "//accounts//password//reset//*"),
        ("/accounts/password/%72eset/MQ/c8x-secret/", "/accounts/password/%*"),
        ("/accounts/passwor%64/reset/MQ/c8x-secret/", "/accounts/passwor%*"),
        ("/accounts/password/reset/sent-secret/x/", "/accounts/password/reset/*"),
        ("/orders/open/BQPTZHSEF8GE/1v2:secret/", "/orders/open/*"),
        ("//orders//open//BQPTZHSEF8GE/1v2:secret", "//orders//open//*"),
        ("/reminders/stop/NzpzZQ:1v2:secret/", "/reminders/stop/*"),
        ("/orders/12/", "/orders/12/"),
        (f"/api/carts/{CART}/", "/api/carts/*/"),
        (f"/api/carts/{CART.upper()}/lines/7/?a=b", "/api/carts/*/lines/7/"),
        ("/media/pictures/../x", "/media/pictures/../x"),
        ("/?next=/accounts/password/reset/MQ/secret/", "/"),
    ],
)
def test_the_log_knows_no_secrets(shop: Front, target: str, written: str) -> None:
    shop.ask(target, source="127.0.0.2")

    (line,) = shop.log(lines=1)[-1:]
    assert line["path"] == written
    whole = (shop.folder / "access.json").read_text() + (shop.folder / "error.log").read_text()
    assert "secret" not in whole
    assert "127.0.0.2" not in whole


def test_the_log_has_the_address_that_was_asked_for_where_nginx_answers_instead(
    shop: Front,
) -> None:
    for app in shop.apps:
        app.close()

    assert shop.ask("/products/7/?reviews=2").status == 502

    assert shop.log(lines=1)[-1]["path"] == "/products/7/"


def test_the_log_tells_who_answered_and_how_long_it_took(shop: Front) -> None:
    shop.pages[0].answering = leave
    while not shop.pages[0].asked:
        shop.ask("/products/")

    line = next(line for line in shop.log(lines=1) if ", " in line["upstream"])
    assert line["upstream"].split(", ") == [app.address for app in shop.pages]
    assert line["upstream_status"] == "502, 200"
    assert (line["method"], line["status"], line["lane"]) == ("GET", 200, "novashop_browse")
    assert line["seconds"] >= 0


def test_a_request_that_is_none_is_logged_as_json(shop: Front) -> None:
    shop.ask('/"\\\x01\xff"', 'X-Odd: "\\')
    shop.ask("nonsense")

    assert len(shop.log(lines=2)) == 2


def test_a_site_for_production_names_its_servers() -> None:
    text = render(
        Site(browse=["10.0.0.5:8000"], order=["10.0.0.6:8000"], files=Path("/srv"), names=["*"])
    )

    assert "server 10.0.0.5:8000 max_fails=2 fail_timeout=2s;" in text
    assert "server 10.0.0.6:8000 max_fails=2 fail_timeout=2s;" in text
    assert text.count("server 10.0.0.5:8000 max_fails=0 backup;") == 2

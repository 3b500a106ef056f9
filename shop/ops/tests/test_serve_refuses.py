"""`manage.py serve` on a bad day: one sentence, status 1, and nothing has changed."""

import contextlib
import socket
import sqlite3
from collections.abc import Callable

import pytest

from shop.ops.tests.processes import Shop, free_port
from tests.folders import read_only

pytestmark = pytest.mark.once


def test_a_busy_port_is_refused(known_shop: Shop) -> None:
    before = known_shop.files()
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", known_shop.port))
        somebody.listen()
        refusal = known_shop.refusal()

    assert refusal == (
        1,
        "",
        f"NovaShop cannot start: port {known_shop.port} of 127.0.0.1 is in use already; "
        "stop what is there, or name another port: make run PORT=8080\n",
    )
    assert known_shop.files() == before


def test_two_shops_do_not_share_a_port(known_shop: Shop) -> None:
    with known_shop.started():
        known_shop.wait_until_open()
        status, _, err = known_shop.refusal()

    assert status == 1
    assert "is in use already" in err


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "²", ""])
def test_a_port_that_is_none_is_refused(known_shop: Shop, port: str) -> None:
    before = known_shop.files()

    assert known_shop.refusal(f"--port={port}") == (
        1,
        "",
        f"NovaShop cannot start: PORT must be a number from 1 to 65535, and it is {port!r}\n",
    )
    assert known_shop.files() == before


def test_an_address_of_another_machine_is_refused(known_shop: Shop) -> None:
    assert known_shop.refusal("--host=192.0.2.1") == (
        1,
        "",
        f"NovaShop cannot start: it cannot listen on port {known_shop.port} of 192.0.2.1 "
        "(Cannot assign requested address)\n",
    )


def _garbage(_database: bytes) -> bytes:
    return b"This is a letter, and no database at all.\n" * 300


def _half(database: bytes) -> bytes:
    return database[: len(database) // 2]


def _beginning(database: bytes) -> bytes:
    return database[:50]


def _overwritten(database: bytes) -> bytes:
    return database[:8192] + b"\xa5" * 65536 + database[8192 + 65536 :]


@pytest.mark.parametrize("spoil", [_garbage, _half, _beginning, _overwritten])
def test_a_broken_database_is_refused(
    known_shop: Shop, database: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    known_shop.database.write_bytes(spoil(database))
    before = known_shop.files()
    status, out, err = known_shop.refusal()

    assert (status, out) == (1, "")
    assert err.startswith(f"NovaShop cannot start: the database {known_shop.database} is broken (")
    assert err.endswith("); put a good copy there, or move it away to begin with an empty shop\n")
    assert err.count("\n") == 1
    assert known_shop.files() == before


def test_a_folder_in_the_place_of_the_database_is_refused(shop: Shop) -> None:
    shop.database.mkdir(parents=True)

    assert shop.refusal() == (
        1,
        "",
        f"NovaShop cannot start: the database {shop.database} is not a file\n",
    )


def test_the_database_of_another_program_is_refused(shop: Shop) -> None:
    shop.data.mkdir()
    with contextlib.closing(sqlite3.connect(shop.database)) as connection:
        connection.execute("CREATE TABLE diary (day TEXT)")
    before = shop.files()

    assert shop.refusal() == (
        1,
        "",
        f"NovaShop cannot start: the database {shop.database} belongs to another program; "
        "set DATABASE_URL to another file\n",
    )
    assert shop.files() == before


def test_a_shop_in_memory_is_refused(shop: Shop) -> None:
    assert shop.refusal(DATABASE_URL="sqlite://:memory:") == (
        1,
        "",
        "NovaShop cannot start: a shop cannot be served from memory; "
        "DATABASE_URL must name a file\n",
    )


def test_a_data_folder_that_is_read_only_is_refused(known_shop: Shop) -> None:
    before = known_shop.files()
    with read_only(known_shop.data) as through:
        status, out, err = known_shop.refusal(through=through)

    assert (status, out) == (1, "")
    assert err in {
        f"NovaShop cannot start: the data folder {known_shop.data} cannot be written to "
        f"({reason}); make it writable, or set DATA_DIR to another folder\n"
        for reason in ("Read-only file system", "Permission denied")
    }
    assert known_shop.files() == before


def test_a_new_shop_in_a_read_only_folder_is_refused(shop: Shop) -> None:
    shop.data.mkdir()
    del shop.environment["SECRET_KEY"]
    with read_only(shop.data) as through:
        status, out, err = shop.refusal(through=through)

    assert (status, out) == (1, "")
    assert err.startswith(
        f"NovaShop cannot start: the data folder {shop.data} cannot be written to"
    )
    assert err.endswith("make it writable, or set DATA_DIR to another folder\n")
    assert err.count("\n") == 1
    assert shop.files() == {}


def test_a_database_file_that_is_read_only_is_refused(known_shop: Shop) -> None:
    before = known_shop.files()
    with read_only(known_shop.database) as through:
        status, out, err = known_shop.refusal(through=through)

    assert (status, out) == (1, "")
    assert err in {
        f"NovaShop cannot start: the database {known_shop.database} cannot be written to "
        f"({reason})\n"
        for reason in ("Read-only file system", "Permission denied")
    }
    assert known_shop.files() == before


def test_a_data_folder_that_is_a_file_is_refused(shop: Shop) -> None:
    shop.data.write_text("no folder")
    status, out, err = shop.refusal()

    assert (status, out) == (1, "")
    assert err == (
        f"NovaShop cannot start: the data folder {shop.data} cannot be written to (File exists); "
        "make it writable, or set DATA_DIR to another folder\n"
    )
    assert shop.data.read_text() == "no folder"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://anna:secret@127.0.0.1:{port}/shop", "the database shop of PostgreSQL"),
        ("mysql://anna:secret@127.0.0.1:{port}/shop", "the database shop of MySQL"),
    ],
)
def test_a_database_server_that_does_not_answer_is_refused(
    shop: Shop, url: str, words: str
) -> None:
    port = free_port()
    status, out, err = shop.refusal(DATABASE_URL=url.format(port=port))

    assert (status, out) == (1, "")
    assert err.startswith(f"NovaShop cannot start: {words} at 127.0.0.1:{port} cannot be used: ")
    assert "refused" in err
    assert "secret" not in err
    assert err.count("\n") == 1
    assert shop.files() == {}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "DATABASE_URL",
            "nonsense",
            "DATABASE_URL must begin with sqlite://, postgres:// or mysql://",
        ),
        (
            "DATABASE_URL",
            "postgres://127.0.0.1:http/shop",
            "DATABASE_URL cannot be read: Port could not be cast to integer value as 'http'",
        ),
        (
            "DATABASE_URL",
            "sqlite://srv/shop.sqlite3",
            "DATABASE_URL needs a third slash before a path from here, and a fourth before one "
            "from the root: sqlite:////srv/shop.sqlite3",
        ),
        ("LOW_STOCK", "few", "LOW_STOCK must be a whole number of units"),
        ("SITE_URL", "shop.org", "SITE_URL is 'shop.org'; it begins with https:// or http://"),
        ("PAYMENT_WAIT_DAYS", "a week", "PAYMENT_WAIT_DAYS must be a whole number of days"),
        ("RELAY", "no", "RELAY is 'no'; it can be 'server' or 'process'"),
        ("TIME_ZONE", "Narnia", "TIME_ZONE is 'Narnia', which is no time zone here"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    shop: Shop, name: str, value: str, sentence: str
) -> None:
    assert shop.refusal(**{name: value}) == (1, "", f"NovaShop cannot start: {sentence}\n")
    assert shop.files() == {}

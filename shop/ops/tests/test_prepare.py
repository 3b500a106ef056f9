"""`manage.py prepare`, and `serve --prepared`, which trusts that it was done."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest

from shop.ops.tests.processes import MANAGE, SECONDS_TO_OPEN, Shop, close

pytestmark = pytest.mark.once


def _prepare(shop: Shop, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [*MANAGE, "prepare"],
        env=shop.environment | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS_TO_OPEN,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.long
def test_preparing_makes_everything_and_then_nothing(shop: Shop) -> None:
    status, out, err = _prepare(shop)

    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "Making the database …"
    with contextlib.closing(sqlite3.connect(shop.database)) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM catalog_product").fetchone() == (1,)
    # Where files lie is where they are served from, by default.
    assert list((shop.data / "static").iterdir()) == []

    assert _prepare(shop) == (0, "", "")


def test_a_shop_without_the_demo_begins_empty(shop: Shop) -> None:
    assert _prepare(shop, DEMO="off") == (0, "Making the database …\n", "")

    with contextlib.closing(sqlite3.connect(shop.database)) as connection:
        for table in ("catalog_product", "accounts_user", "orders_order", "catalog_category"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
    # Later the same shop is nobody's demo either.
    assert _prepare(shop) == (0, "", "")


def test_a_shop_that_is_prepared_is_served_as_it_is(known_shop: Shop) -> None:
    with known_shop.started("--prepared") as process:
        assert known_shop.wait_until_open() == 404
        status, out, _ = close(process, by=signal.SIGTERM)

    assert status == 0
    assert out == f"This app server is open: http://127.0.0.1:{known_shop.port}/\n"


def test_a_shop_that_was_never_prepared_is_refused(shop: Shop) -> None:
    assert shop.refusal("--prepared") == (1, "", _not_up_to_date(shop))


def test_a_shop_of_before_is_refused_until_it_is_brought_up_to_date(known_shop: Shop) -> None:
    with contextlib.closing(sqlite3.connect(known_shop.database)) as connection:
        # As if the last step of the sessions' tables had come with this release.
        connection.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        connection.execute("DROP TABLE django_session")
        connection.commit()

    assert known_shop.refusal("--prepared") == (1, "", _not_up_to_date(known_shop))
    assert _prepare(known_shop) == (0, "Updating the database …\n", "")
    with known_shop.started("--prepared"):
        assert known_shop.wait_until_open() == 404


def _not_up_to_date(shop: Shop) -> str:
    return (
        f"NovaShop cannot start: the database {shop.database} is not up to date; "
        "bring it up to date first: manage.py prepare\n"
    )


def test_what_cannot_be_prepared_says_why(shop: Shop) -> None:
    shop.database.mkdir(parents=True)

    assert _prepare(shop) == (
        1,
        "",
        f"NovaShop cannot be prepared: the database {shop.database} is not a file\n",
    )


# --- Static files under names that tell what is in them ---


def test_hashed_files_are_collected_once_and_served(known_shop: Shop) -> None:
    known_shop.environment["STATIC"] = "hashed"
    status, out, err = known_shop.refusal("--prepared")
    assert (status, out) == (1, "")
    assert err == (
        f"NovaShop cannot start: the static files are not in {known_shop.data / 'static'} yet; "
        "collect them first: manage.py prepare\n"
    )

    assert _prepare(known_shop) == (0, "Collecting the static files …\n", "")
    folder = known_shop.data / "static"
    names = json.loads((folder / "staticfiles.json").read_text())["paths"]
    hashed = folder / names["storefront/shop.css"]
    assert hashed.name != "shop.css"
    # What is compressed is compressed before anybody asks.
    assert hashed.with_name(f"{hashed.name}.gz").is_file()

    before = hashed.stat().st_mtime_ns
    assert _prepare(known_shop) == (0, "", "")
    assert hashed.stat().st_mtime_ns == before

    # A collection that was broken off is begun again.
    (folder / "collected.txt").unlink()
    assert _prepare(known_shop)[1] == "Collecting the static files …\n"


def test_a_file_that_others_forgot_does_not_stop_the_shop(known_shop: Shop, tmp_path: Path) -> None:
    static = tmp_path / "odd" / "static" / "odd"
    static.mkdir(parents=True)
    (tmp_path / "odd" / "__init__.py").touch()
    (static / "odd.css").write_text("a { background: url(nowhere.png) } b { src: url(here.svg) }")
    (static / "here.svg").write_text("<svg/>")
    (tmp_path / "odd_settings.py").write_text(
        "from novashop.settings import *\n"
        'INSTALLED_APPS = [*INSTALLED_APPS, "odd"]\n'
        f'STATICFILES_FINDERS = ["{FINDER}"]\n'
    )
    known_shop.environment |= {
        "STATIC": "hashed",
        "PYTHONPATH": os.pathsep.join([str(tmp_path), "."]),
        "DJANGO_SETTINGS_MODULE": "odd_settings",
    }

    assert _prepare(known_shop) == (0, "Collecting the static files …\n", "")

    folder = known_shop.data / "static"
    names = json.loads((folder / "staticfiles.json").read_text())["paths"]
    text = (folder / names["odd/odd.css"]).read_text()
    assert text == (
        'a { background: url("nowhere.png") } '
        f'b {{ src: url("{names["odd/here.svg"].removeprefix("odd/")}") }}'
    )


FINDER = "django.contrib.staticfiles.finders.AppDirectoriesFinder"

"""The passwords that containers use among themselves: made once, and read from files."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from deploy.docker.make_secrets import make
from novashop.databases import database_from_url, text_of_file
from tests.docker.composition import services

pytestmark = pytest.mark.once

NAMES = {
    "database_password",
    "database_root_password",
    "grafana_password",
    "mysql_url",
    "postgresql_url",
    "rabbitmq.conf",
    "rabbitmq_password",
    "rabbitmq_url",
}
PRINT_BROKER = (
    "from novashop.settings import BROKER_URL, EVENT_TRANSPORT; print(BROKER_URL, EVENT_TRANSPORT)"
)
PRINT_DATABASE = "from novashop.settings import DATABASES; print(DATABASES['default']['NAME'])"


def _read(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_what_is_made_once_stays(tmp_path: Path) -> None:
    make(tmp_path)
    made = _read(tmp_path)
    make(tmp_path)
    assert set(made) == NAMES
    assert _read(tmp_path) == made


def test_no_two_shops_have_the_same(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        make(tmp_path / name)
    one, other = (_read(tmp_path / name) for name in ("one", "other"))
    assert not set(one.values()) & set(other.values())


def test_only_the_owner_and_the_group_can_read_them(tmp_path: Path) -> None:
    make(tmp_path)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o440}


def test_the_addresses_have_the_password_that_the_database_is_given(tmp_path: Path) -> None:
    make(tmp_path)
    made = _read(tmp_path)
    for name, port in (("postgresql", 5432), ("mysql", 3306)):
        database = database_from_url(made[f"{name}_url"])
        assert database["HOST"] == name
        assert name in services()
        assert database["PORT"] == port
        assert database["PASSWORD"] == made["database_password"]
        assert database["NAME"] == database["USER"] == "novashop"


def test_several_that_make_them_at_once_agree(tmp_path: Path) -> None:
    threads = [threading.Thread(target=make, args=(tmp_path,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = _read(tmp_path)
    assert set(made) == NAMES
    assert made["database_password"] in made["postgresql_url"]
    assert made["database_password"] in made["mysql_url"]


def test_every_secret_that_is_read_is_made() -> None:
    read = {
        Path(str(value)).name
        for service in services().values()
        for value in service.get("environment", {}).values()
        if str(value).startswith("/run/novashop/") and "$" not in str(value)
    }
    assert read == NAMES - {"mysql_url", "postgresql_url", "rabbitmq_url", "rabbitmq_password"}


def test_the_broker_and_the_shop_have_the_same_password(tmp_path: Path) -> None:
    make(tmp_path)
    made = _read(tmp_path)
    url = urlsplit(made["rabbitmq_url"])
    assert (url.scheme, url.username, url.hostname, url.port) == (
        *("amqp", "novashop", "rabbitmq", 5672),
    )
    assert url.hostname in services()
    assert made["rabbitmq.conf"].splitlines() == [
        "default_user = novashop",
        f"default_pass = {url.password}",
    ]


# --- The shop's own side ---


def _database(data: Path, **environment: str) -> str:
    return _printed(PRINT_DATABASE, data, **environment)


def _printed(code: str, data: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(data), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_database_can_be_named_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgres://somebody:secret@nowhere.example:5432/by-file\n")
    named = {"DATABASE_URL_FILE": str(file)}
    assert _database(tmp_path, **named) == "by-file"
    # The variable itself counts more; empty, it is as if it were not there.
    by_name = "postgres://somebody:secret@nowhere.example:5432/by-name"
    assert _database(tmp_path, DATABASE_URL=by_name, **named) == "by-name"
    assert _database(tmp_path, DATABASE_URL="", **named) == "by-file"
    assert _database(tmp_path) == str(tmp_path / "novashop.sqlite3")


def test_a_broker_can_be_named_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("amqp://somebody:secret@by-file:5672//\n")
    named = {"BROKER_URL_FILE": str(file)}
    by_file = "amqp://somebody:secret@by-file:5672// shop.events.actions.transports.rabbitmq"
    assert _printed(PRINT_BROKER, tmp_path, **named) == by_file
    assert _printed(PRINT_BROKER, tmp_path, BROKER_URL="amqp://by-name", **named).startswith(
        "amqp://by-name "
    )
    assert _printed(PRINT_BROKER, tmp_path) == "shop.events.actions.transports.inline"


def test_a_file_that_says_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "noise").write_bytes(b"\xff")
    for name, said in (("empty", "names an empty file"), ("noise", "cannot be read")):
        with pytest.raises(ImproperlyConfigured, match=f"^DATABASE_URL_FILE .*{said}"):
            text_of_file(str(tmp_path / name), name="DATABASE_URL_FILE")
    with pytest.raises(ImproperlyConfigured, match="No such file"):
        text_of_file(str(tmp_path / "missing"), name="DATABASE_URL_FILE")
    assert text_of_file("", name="DATABASE_URL_FILE") == ""

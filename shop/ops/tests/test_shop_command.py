"""Commands on a database that is not a shop's: one sentence, and nothing is changed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

COMMANDS = ["audit", "furnish", "relay", "import_catalogue goods.csv", "replay_orders sales.csv"]


def run(command: str, data_dir: Path) -> tuple[int, str]:
    """Run `manage.py command` on the SQLite shop in a folder; its status and what it says."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "manage.py", *command.split()],
        cwd=settings.BASE_DIR,
        env=environment | {"DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_is_not_made_yet(command: str, tmp_path: Path) -> None:
    assert run(command, tmp_path) == (
        1,
        f"CommandError: The database {tmp_path}/novashop.sqlite3 is still empty; "
        "`make run`, or `manage.py migrate`, mends that.\n",
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_is_broken(command: str, tmp_path: Path) -> None:
    file = tmp_path / "novashop.sqlite3"
    file.write_text("no database at all " * 100)

    assert run(command, tmp_path) == (
        1,
        f"CommandError: The database {file} is broken (file is not a database); put a good copy "
        "there, or move it away to begin with an empty shop.\n",
    )
    assert file.read_text() == "no database at all " * 100


def test_djangos_own_commands_say_it_in_a_sentence_too(tmp_path: Path) -> None:
    (tmp_path / "novashop.sqlite3").write_text("no database at all " * 100)

    assert run("createsuperuser --noinput --username a --email a@example.com", tmp_path) == (
        1,
        "The database cannot be used: file is not a database (--traceback tells more)\n",
    )

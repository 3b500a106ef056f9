"""What `make unit` leaves out, shown with a file of tests of every kind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

OPTIONS = ["-p", "tests.units", "-p", "no:cacheprovider", "-c", "pyproject.toml", "-v", "-r", "fE"]

EVERY_KIND = """
import os
import subprocess

import pytest


def test_that_is_quick():
    pass


def test_that_fails():
    assert 1 == 2


@pytest.mark.long
def test_that_takes_minutes():
    pass


@pytest.mark.django_db
def test_of_the_database():
    pass


def test_of_somebody_in_the_database(alice):
    pass


def test_of_a_program():
    with pytest.raises(FileNotFoundError):
        subprocess.run(["/nowhere/at/all"])


def test_of_a_copy_of_itself():
    try:
        os._exit(0) if os.fork() == 0 else os.wait()
    except Exception:
        pass
"""


def test_only_what_needs_nothing_else_is_run(tmp_path: Path) -> None:
    (file := tmp_path / "test_every_kind.py").write_text(EVERY_KIND)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *OPTIONS, str(file)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    told = [line.split("::")[1].split()[:2] for line in done.stdout.splitlines() if "%]" in line]
    assert told == [
        ["test_that_is_quick", "PASSED"],
        ["test_that_fails", "FAILED"],
        ["test_of_a_program", "SKIPPED"],
        ["test_of_a_copy_of_itself", "SKIPPED"],
    ]
    assert "3 deselected" in done.stdout
    assert done.returncode == 1

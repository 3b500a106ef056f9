"""`make docker-check` says by name what is missing, and reads what Docker says right."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docker.composition import ROOT
from tests.docker.engine import Container, settings_in
from tests.docker.readers import Reading

pytestmark = pytest.mark.once

CHECK = [sys.executable, "-m", "tests.docker.check"]
# Answers as `docker` does; what it says of itself is decided by the environment.
DOCKER = """#!/bin/sh
case "$1 $2" in
    "version --format") echo "$ENGINE"; [ -n "$ENGINE" ] ;;
    "compose version") echo "$COMPOSE"; [ -n "$COMPOSE" ] ;;
    *) echo "the test ends here" >&2; exit 7 ;;
esac
"""


def _check(path: Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        CHECK,
        cwd=ROOT,
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def _give_docker(path: Path) -> None:
    program = path / "docker"
    program.write_text(DOCKER)
    program.chmod(0o755)


def test_without_docker_it_says_so(tmp_path: Path) -> None:
    assert _check(tmp_path) == (
        1,
        "make docker-check: Docker is not installed: there is no program `docker` on the PATH\n",
    )


@pytest.mark.parametrize(
    ("engine", "compose", "said"),
    [
        ("", "", "Docker's engine does not answer"),
        ("28.2.2", "", "Docker has no plugin `compose` here"),
        ("28.2.2", "v2.3.3", "docker compose is 2.3.3, and 2.20 is the oldest that will do"),
        # These are new enough, and the next thing is tried.
        ("28.2.2", "2.20.0", "ended with 7:\nthe test ends here"),
        ("28.2.2", "v2.26.1-4", "ended with 7:\nthe test ends here"),
        ("28.2.2", "5.0.1", "ended with 7:\nthe test ends here"),
    ],
)
def test_what_is_missing_is_one_sentence(
    tmp_path: Path, engine: str, compose: str, said: str
) -> None:
    _give_docker(tmp_path)
    path = f"{tmp_path}{os.pathsep}{os.defpath}"
    status, err = _check(Path(path), ENGINE=engine, COMPOSE=compose)
    assert status == 1
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"Status": "running", "ExitCode": 0, "Health": {"Status": "healthy"}}, "healthy"),
        ({"Status": "running", "ExitCode": 0, "Health": {"Status": "starting"}}, "starting"),
        ({"Status": "running", "ExitCode": 0}, "running"),
        ({"Status": "exited", "ExitCode": 0}, "exited 0"),
        ({"Status": "exited", "ExitCode": 1, "Health": {"Status": "unhealthy"}}, "exited 1"),
    ],
)
def test_the_state_of_a_container_is_told(state: dict[str, object], told: str) -> None:
    assert Container("1", {"State": state}).state == told


def test_every_answer_that_is_no_page_is_lost() -> None:
    reading = Reading()
    for answer in ("200", "200", "502", "ConnectionResetError"):
        reading.note(answer, 0.25)
    assert reading.lost == {"502": 1, "ConnectionResetError": 1}
    assert str(reading) == "4 pages read, 2 lost, the slowest took 0.25 s"


def test_files_of_settings_are_read_as_docker_reads_them() -> None:
    mysql = {"COMPOSE_PROFILES": "mysql", "DB": "mysql", "POSTGRESQL": "0"}
    assert settings_in("mysql.env") == mysql
    assert settings_in("inline.env") == {"RABBITMQ": "0", "WORKERS": "0", "BROKER_URL_FILE": ""}

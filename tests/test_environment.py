"""How `make` finds a Python and sets .venv up, with an installer that only notes its calls."""

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.conf import settings

from deploy.environment import CONTENTS
from tests.folders import read_only

pytestmark = pytest.mark.once

BASE_PYTHON = Path(getattr(sys, "_base_executable", sys.executable)).resolve()

UV = """#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$@" >> "$CALLS"
exit ${UV_STATUS:-0}
"""


class Project:
    """A copy of what `make` sets up with, and a PATH on which nothing is by chance."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.path = folder / "path"
        self.calls = folder / "calls"
        (self.root / "deploy").mkdir(parents=True)
        self.path.mkdir()
        for name in ("environment.sh", "environment.py"):
            shutil.copy(settings.BASE_DIR / "deploy" / name, self.root / "deploy")
        for name in CONTENTS["test"]:
            self.require(name, "django==5.2.19")

    def require(self, name: str, text: str) -> None:
        file = self.root / "deploy" / "requirements" / f"{name}.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def program(self, name: str, script: str) -> None:
        file = self.path / name
        file.write_text(script)
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def give_python(self) -> None:
        (self.path / "python3").symlink_to(BASE_PYTHON)

    def set_up(
        self, purpose: str, *, through: Sequence[str] = (), **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*through, "/bin/sh", "deploy/environment.sh", purpose],
            cwd=self.root,
            env={
                "PATH": str(self.path),
                "HOME": str(self.root),
                "CALLS": str(self.calls),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def installed(self) -> list[str]:
        """Return which lists were installed, in order, and forget them."""
        if not self.calls.exists():
            return []
        lines = self.calls.read_text().splitlines()
        self.calls.unlink()
        return [Path(line.split()[-1]).stem for line in lines]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project on a machine with `sh` and no Python."""
    return Project(tmp_path)


@pytest.fixture
def ready(project: Project) -> Project:
    """A project on a machine with a Python and `uv`."""
    project.give_python()
    project.program("uv", UV)
    return project


def test_the_first_call_makes_the_environment_and_later_ones_do_nothing(ready: Project) -> None:
    first = ready.set_up("run")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Setting up .venv with Python 3.")
    assert ready.installed() == ["run"]
    assert (ready.root / ".venv" / "bin" / "python").exists()

    again = ready.set_up("run")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert ready.installed() == []


def test_packages_are_checked_against_their_hashes(ready: Project) -> None:
    ready.set_up("run")

    assert "--require-hashes" in ready.calls.read_text()


def test_what_is_made_to_test_is_fit_to_run_but_not_the_other_way_round(ready: Project) -> None:
    ready.set_up("run")
    ready.set_up("test")
    assert ready.installed() == ["run", "test"]

    ready.set_up("run")
    ready.set_up("test")
    assert ready.installed() == []


@pytest.mark.parametrize("name", CONTENTS["test"])
def test_a_changed_list_is_installed(ready: Project, name: str) -> None:
    ready.set_up("test")
    ready.installed()
    ready.require(name, "django==5.2.20")

    ready.set_up("test")
    assert ready.installed() == ["test"]


def test_an_interrupted_installation_is_started_anew(ready: Project) -> None:
    failed = ready.set_up("run", UV_STATUS="2")
    assert failed.returncode == 1
    assert failed.stderr == (
        "NovaShop cannot set itself up: uv could not install deploy/requirements/run.txt, for the "
        "reason it gives above; is there a connection to the package index?\n"
    )
    half = ready.root / ".venv" / "half"
    half.touch()
    ready.installed()

    assert ready.set_up("run").returncode == 0
    assert ready.installed() == ["run"]
    assert not half.exists()


def test_an_environment_that_does_not_run_is_made_anew(ready: Project) -> None:
    ready.set_up("run")
    ready.installed()
    (ready.root / ".venv" / "bin" / "python").unlink()
    (ready.root / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")

    assert ready.set_up("run").returncode == 0
    assert ready.installed() == ["run"]


def test_an_environment_that_was_moved_is_made_anew(ready: Project) -> None:
    ready.set_up("run")
    ready.installed()
    ready.root = ready.root.rename(ready.root.with_name("elsewhere"))
    old = ready.root / ".venv" / "old"
    old.touch()

    ready.set_up("run")
    assert ready.installed() == ["run"]
    assert not old.exists()


def test_an_environment_made_by_hand_is_completed(ready: Project) -> None:
    subprocess.run([BASE_PYTHON, "-m", "venv", "--without-pip", ready.root / ".venv"], check=True)
    own = ready.root / ".venv" / "own"
    own.touch()

    ready.set_up("run")
    assert ready.installed() == ["run"]
    assert own.exists()
    assert json.loads((ready.root / ".venv" / "novashop.json").read_text())["run"]


def test_without_uv_pip_installs_and_without_a_network_says_so(project: Project) -> None:
    project.give_python()
    project.require("run", f"django==5.2.19 --hash=sha256:{'0' * 64}")
    done = project.set_up("run", PIP_NO_INDEX="1")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "NovaShop cannot set itself up: pip could not install deploy/requirements/run.txt, for the "
        "reason it gives above; is there a connection to the package index?"
    )
    assert "Traceback" not in done.stderr
    assert (project.root / ".venv" / "bin" / "pip3").exists()


def test_no_python_is_refused(project: Project) -> None:
    done = project.set_up("run")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "NovaShop needs Python 3.11 or newer, and finds none here; "
        "install one, or say where it is: make run PYTHON=/path/to/python3\n"
    )


def test_an_old_python_is_refused(project: Project) -> None:
    project.program("python3", '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 || exit 1\n')
    done = project.set_up("run")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "NovaShop needs Python 3.11 or newer, and finds only Python 3.9.2 here; "
        "install one, or say where it is: make run PYTHON=/path/to/python3\n"
    )
    assert not (project.root / ".venv").exists()


def test_a_newer_python_is_found_behind_an_old_one_and_a_stand_in(ready: Project) -> None:
    (ready.path / "python3").unlink()
    ready.program("python3", "#!/bin/sh\nexit 1\n")
    ready.program("python3.14", "#!/bin/sh\necho not installed >&2\nexit 127\n")
    (ready.path / "python3.12").symlink_to(BASE_PYTHON)

    done = ready.set_up("run")
    assert (done.returncode, done.stderr) == (0, "")
    assert ready.installed() == ["run"]


def test_a_python_that_is_named_is_used_or_refused(ready: Project) -> None:
    ready.program("old", "#!/bin/sh\nexit 1\n")

    assert ready.set_up("run", PYTHON=str(BASE_PYTHON)).returncode == 0
    refused = ready.set_up("run", PYTHON="old")
    assert refused.returncode == 1
    assert refused.stderr == (
        "NovaShop needs Python 3.11 or newer, and old is not; "
        "install one, or say where it is: make run PYTHON=/path/to/python3\n"
    )


def test_a_read_only_folder_is_refused(ready: Project) -> None:
    with read_only(ready.root) as through:
        done = ready.set_up("run", through=through)

    assert (done.returncode, ready.installed()) == (1, [])
    assert done.stderr in {
        f"NovaShop cannot set itself up: the folder {ready.root} cannot be written to ({reason}); "
        "make it writable, or put NovaShop into one that is\n"
        for reason in ("Read-only file system", "Permission denied")
    }


def test_a_read_only_folder_that_is_ready_is_fine(ready: Project) -> None:
    ready.set_up("run")
    with read_only(ready.root) as through:
        done = ready.set_up("run", through=through)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

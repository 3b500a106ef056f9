"""Makes .venv/, the project's own environment; does nothing when it is there and up to date.

    python deploy/environment.py run|stack|load|test

deploy/environment.sh calls it with a Python that is new enough. It uses the standard library alone,
and `uv` where there is one. Both install the same exported list, checked against its hashes: an
older `uv`, or one that was pointed at a mirror, would refuse to read the lock file itself.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
# Says what the environment was made from. It lies there empty while the work is not finished.
STAMP = ENVIRONMENT / "novashop.json"
# The Python that environments are made from, also when this file runs in one of them.
BASE_PYTHON = str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())

# Each installs everything that those before it need as well.
CONTENTS = {
    "run": ("run",),
    "stack": ("run", "stack"),
    "load": ("run", "stack", "load"),
    "test": ("run", "stack", "load", "test"),
}


class CannotSetUpError(Exception):
    """The message says why in one sentence."""


def main(purpose: str) -> None:
    with _one_at_a_time():
        wanted = _description(purpose)
        if not wanted.items() <= _stamp().items() or not PYTHON.exists():
            _set_up(purpose, wanted)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let a second `make` wait until the first one has finished the environment."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _description(purpose: str) -> dict[str, str]:
    """Return what the stamp of an environment that is fit for `purpose` says."""
    lists = {name: _digest(_requirements(name)) for name in CONTENTS[purpose]}
    return _foundations() | lists


def _foundations() -> dict[str, str]:
    """Return what no installer can mend: scripts name the folder, wheels fit one kind of Python."""
    kind = f"{sys.version_info.major}.{sys.version_info.minor} {sysconfig.get_platform()}"
    return {"folder": str(ROOT), "python": f"{BASE_PYTHON} {kind}"}


def _requirements(name: str) -> Path:
    return ROOT / "deploy" / "requirements" / f"{name}.txt"


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _stamp() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp


def _set_up(purpose: str, wanted: dict[str, str]) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    sys.stdout.write(f"Setting up .venv with Python {version}; this takes a minute, once.\n")
    sys.stdout.flush()
    try:
        if not _can_be_kept():
            _clear()
        STAMP.write_text("", encoding="utf-8")
        _install(purpose)
        STAMP.write_text(json.dumps(wanted, indent=2), encoding="utf-8")
    except OSError as error:
        raise CannotSetUpError(
            f"the folder {ROOT} cannot be written to ({error.strerror or error}); "
            "make it writable, or put NovaShop into one that is"
        ) from error


def _can_be_kept() -> bool:
    """Tell whether to install over what is there: finished once, or made by hand, and running.

    What an interrupted installer leaves behind can look installed and not be, so it goes.
    """
    if STAMP.exists() and not _foundations().items() <= _stamp().items():
        return False
    return _succeeds(str(PYTHON), "-c", "")


def _clear() -> None:
    if ENVIRONMENT.exists():
        shutil.rmtree(ENVIRONMENT)
    ENVIRONMENT.mkdir()
    STAMP.write_text("", encoding="utf-8")
    venv.create(ENVIRONMENT, symlinks=True, prompt="novashop")


def _install(purpose: str) -> None:
    name, *installer = _installer()
    requirements = _requirements(purpose)
    options = ["--quiet", "--no-deps", "--require-hashes", "--requirement", str(requirements)]
    if subprocess.run([*installer, *options], check=False).returncode:  # noqa: S603
        raise CannotSetUpError(
            f"{name} could not install deploy/requirements/{purpose}.txt, for the reason it gives "
            "above; is there a connection to the package index?"
        )


def _installer() -> list[str]:
    """Return the name of what installs packages here, and the command line it begins with."""
    if _succeeds("uv", "--version"):
        return ["uv", "uv", "pip", "install", "--python", str(PYTHON)]
    pip = ["install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    if importlib.util.find_spec("ensurepip") and _succeeds(str(PYTHON), "-m", "ensurepip"):
        return ["pip", str(PYTHON), "-m", "pip", *pip]
    # Debian and Ubuntu keep ensurepip in a package of its own; a pip of their own will do as well.
    elsewhere = [BASE_PYTHON, "-m", "pip", "--python", str(PYTHON)]
    if _succeeds(*elsewhere, "--version"):
        return ["pip", *elsewhere, *pip]
    raise CannotSetUpError(
        f"{BASE_PYTHON} has neither ensurepip nor a pip of 22.3 or newer; "
        "install one (on Debian and Ubuntu: apt install python3-venv), or uv"
    )


def _succeeds(*command: str) -> bool:
    try:
        done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603
        return done.returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except CannotSetUpError as error:
        sys.exit(f"NovaShop cannot set itself up: {error}")
    except KeyboardInterrupt:
        sys.exit(130)

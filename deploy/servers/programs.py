"""Where programs are: on the system first, else in the wheels that `make stack` installs.

The wheels' own Python is never asked: some of it would add a user to the system when root calls it.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Where distributions put servers that are not on everybody's PATH.
SYSTEM_PATH = os.pathsep.join(
    [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin"]
)
# `wheels`: what the distribution installed is passed over, where a wheel has the same.
WHEELS_ONLY = os.environ.get("SERVERS") == "wheels"


class ServerError(Exception):
    """The message says which server did not start, and what it wrote."""


class NotInstalledError(ServerError):
    """The server is not on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program file; `package` is what has to be copied where its owner alone can enter it."""

    path: Path
    package: Path | None = None

    def copied_to(self, shelf: Path) -> "Program":
        """Return the same program of a copy of its package below `shelf`."""
        if self.package is None:
            return self
        # The shared libraries lie beside the package and are found from there.
        for part in self.package.parent.glob(f"{self.package.name}*"):
            if part.is_dir():
                shutil.copytree(part, shelf / part.name, dirs_exist_ok=True)
        package = shelf / self.package.name
        return Program(path=package / self.path.relative_to(self.package), package=package)


def on_system(*names: str) -> Program | None:
    """Return the first of the programs that the distribution, or somebody, has installed."""
    for name in names:
        if found := shutil.which(name, path=SYSTEM_PATH):
            return Program(path=Path(found))
    return None


def in_wheel(module: str, pattern: str) -> Program | None:
    """Return the program that matches the pattern in an installed package."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(spec.submodule_search_locations[0])
    found = [path for path in sorted(package.glob(pattern)) if os.access(path, os.X_OK)]
    return Program(path=found[0], package=package) if found else None


def find(*names: str, module: str, pattern: str) -> Program | None:
    """Return the system's program, or the wheel's where there is none."""
    wheel = in_wheel(module, pattern)
    return wheel if wheel and WHEELS_ONLY else on_system(*names) or wheel


def version_of(program: Path, *, option: str = "--version") -> tuple[int, ...]:
    """Return the first version number that the program says; empty when it cannot be run."""
    try:
        done = subprocess.run(  # noqa: S603
            [program, option], check=False, capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"\d+(?:\.\d+)+", done.stdout + done.stderr)
    return tuple(map(int, found[0].split("."))) if found else ()

"""Offering to install MariaDB, the one server that is in no wheel. Nothing is ever forced."""

import os
import shutil
import subprocess
import sys

from deploy.servers import programs
from deploy.stack.wish import Wish

# The server, and what backups take.
PACKAGES = ("mariadb-server-core", "mariadb-client")
ADVICE = (
    "MariaDB is not installed; install it (on Debian and Ubuntu: "
    f"apt-get install {' '.join(PACKAGES)}, or YES=1 make stack DB=mysql), "
    "or let PostgreSQL keep the shop: make stack"
)


def lacks_mariadb(wish: Wish) -> bool:
    return wish.database == "mariadb" and programs.on_system("mariadbd") is None


def install_mariadb() -> bool:
    """Install MariaDB where we know how, and somebody agrees; return whether it was."""
    command = _command()
    return command is not None and _agrees(command) and _install(command)


def _command() -> list[str] | None:
    """Return how to install the packages here, or None where we do not know how."""
    if shutil.which("apt-get") is None:
        return None
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES]
    if os.geteuid() == 0:
        return command
    if shutil.which("sudo") is None:
        return None
    # Without a terminal nobody could answer when it asks for a password.
    return ["sudo", *command] if sys.stdin.isatty() else ["sudo", "--non-interactive", *command]


def _agrees(command: list[str]) -> bool:
    if os.environ.get("YES") == "1":
        return True
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    answer = input(f"MariaDB is not installed. Install it now ({' '.join(command)})? [y/N] ")
    return answer.strip().casefold() in {"y", "yes"}


def _install(command: list[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    update = [*command[: command.index("install")], "--quiet", "update"]
    for step in (update, command):
        if subprocess.run(step, env=environment, check=False).returncode:  # noqa: S603
            return False
    return True

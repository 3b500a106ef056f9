"""Offering to install MariaDB and RabbitMQ, the servers that are in no wheel. Nothing is forced."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

from deploy.servers import programs
from deploy.stack.wish import Wish


@dataclass(frozen=True, slots=True)
class Offer:
    """A server that the distribution has: how it is called, a program of it, its packages."""

    name: str
    program: str
    packages: tuple[str, ...]

    def is_here(self) -> bool:
        """Tell whether it is installed."""
        return programs.on_system(self.program) is not None


# The server, and what backups take.
MARIADB = Offer("MariaDB", "mariadbd", ("mariadb-server-core", "mariadb-client"))
RABBITMQ = Offer("RabbitMQ", "rabbitmq-server", ("rabbitmq-server",))

ADVICE = (
    "MariaDB is not installed; install it (on Debian and Ubuntu: "
    f"apt-get install {' '.join(MARIADB.packages)}, or YES=1 make stack DB=mysql), "
    "or let PostgreSQL keep the shop: make stack"
)
WITHOUT_RABBITMQ = (
    "RabbitMQ is not installed; on Debian and Ubuntu: "
    f"apt-get install {' '.join(RABBITMQ.packages)}, or YES=1 make stack"
)


def lacks_mariadb(wish: Wish) -> bool:
    return wish.database == "mariadb" and not MARIADB.is_here()


def lacks_rabbitmq(wish: Wish) -> bool:
    """Tell whether RabbitMQ is wanted and neither here nor elsewhere."""
    return wish.broker == "rabbitmq" and not os.environ.get("BROKER_URL") and not RABBITMQ.is_here()


def install(offer: Offer) -> bool:
    """Install it where we know how, and somebody agrees; return whether it was."""
    command = _command(offer)
    return command is not None and _agrees(offer, command) and _install(command)


def _command(offer: Offer) -> list[str] | None:
    """Return how to install the packages here, or None where we do not know how."""
    if shutil.which("apt-get") is None:
        return None
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *offer.packages]
    if os.geteuid() == 0:
        return command
    if shutil.which("sudo") is None:
        return None
    # Without a terminal nobody could answer when it asks for a password.
    return ["sudo", *command] if sys.stdin.isatty() else ["sudo", "--non-interactive", *command]


def _agrees(offer: Offer, command: list[str]) -> bool:
    if os.environ.get("YES") == "1":
        return True
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    answer = input(f"{offer.name} is not installed. Install it now ({' '.join(command)})? [y/N] ")
    return answer.strip().casefold() in {"y", "yes"}


def _install(command: list[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    update = [*command[: command.index("install")], "--quiet", "update"]
    for step in (update, command):
        if subprocess.run(step, env=environment, check=False).returncode:  # noqa: S603
            return False
    return True

"""Where a stack keeps what: everything hangs on one folder, and two folders make two stacks."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from deploy.servers.account import Account
from deploy.stack.refusals import CannotStartError

# Paths of sockets are short by law (about 100 characters), so they do not lie below the folder.
_SOCKETS = Path("/tmp")  # noqa: S108  (each in a folder of its owner's)
# Where root's servers keep data whose account cannot enter the folder.
_ELSEWHERE = Path("/var/lib/novashop")
_TRIES = 5
# Everything that a stack and its shop put into the folder. Somebody may have named a folder with
# other things in it.
_OWN = (
    *(
        "postgresql",
        "mariadb",
        "rabbitmq",
        "programs",
        "nginx",
        "supervisor",
        "letters",
        "logs",
        "metrics",
    ),
    *("media", "static", "pages", "secret_key", "furnishing", "stack.json", "stack.lock"),
)


@dataclass(frozen=True, slots=True)
class Folders:
    """The places of the stack in `data`, which is absolute."""

    data: Path

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def supervisor(self) -> Path:
        """The supervisor's configuration and one file for each program, secrets among them."""
        return self.data / "supervisor"

    @property
    def nginx(self) -> Path:
        return self.data / "nginx"

    @property
    def facts(self) -> Path:
        """It is there while the stack is healthy, and says how to reach everything in it."""
        return self.data / "stack.json"

    @property
    def supervisor_pid(self) -> Path:
        """The number of the supervisor's process, while its socket answers."""
        return self.supervisor / "pid"

    @property
    def people(self) -> Path:
        """Who can sign in to the shop as it was prepared."""
        return self.supervisor / "people"

    @property
    def letters(self) -> Path:
        """Where letters go that nobody has named a mail server for: there are links in them."""
        return self.data / "letters"

    @property
    def lock(self) -> Path:
        """It is locked by the process in the foreground, and holds its number."""
        return self.data / "stack.lock"

    @property
    def metrics(self) -> Path:
        return self.data / "metrics"

    @property
    def supervisor_socket(self) -> Path:
        return self.sockets / "supervisor"

    @property
    def sockets(self) -> Path:
        return _SOCKETS / f"novashop-{os.geteuid()}-{self._digest}"

    @property
    def node(self) -> str:
        """What the stack's RabbitMQ is called, whose data belong to that name."""
        return f"novashop-{self._digest}"

    @property
    def _elsewhere(self) -> Path:
        return _ELSEWHERE / self._digest

    @property
    def _digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.data)).hexdigest()[:10]

    def admits(self, account: Account) -> bool:
        """Tell whether the account can come to what is in the folder, or will be."""
        here = next(path for path in (self.data, *self.data.parents) if path.exists())
        return account.name is None or account.can_enter(here)

    def shelf_for(self, account: Account) -> Path:
        """Return where the account's server can keep its data: here, if it can come here."""
        return self.data if self.admits(account) else self._elsewhere

    def homes(self, server: str) -> list[Path]:
        """Return the folders in which this server has kept data."""
        places = (self.data / server, self._elsewhere / server)
        return [place for place in places if (place / "data").exists()]

    def remove(self) -> None:
        """Remove what the stack has made, and the folder itself if nothing else is in it."""
        for name in _OWN:
            path = self.data / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        for path in (self._elsewhere, self.sockets):
            shutil.rmtree(path, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.data.rmdir()


def make_sockets_folder(folder: Path, *, shared: bool) -> None:
    """Make the folder of the sockets, which nobody else owns.

    `shared`: others may pass through it, to a folder of their own in it.
    """
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CannotStartError(f"{folder} belongs to somebody else; remove it")
    folder.chmod(0o711 if shared else 0o700)


@contextlib.contextmanager
def locked(folders: Folders) -> Iterator[None]:
    """Be the one process that runs this stack, or refuse."""
    # Nobody else can open it: who can read a file can lock it, too.
    descriptor = os.open(folders.lock, os.O_RDWR | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    with os.fdopen(descriptor, "r+", encoding="ascii") as file:
        if not _lock(file):
            raise running_already(folders)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


def _lock(file: TextIO) -> bool:
    # Somebody who only looks holds the lock for a moment.
    for _ in range(_TRIES):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.1)
    return False


def running_already(folders: Folders) -> CannotStartError:
    """Return the refusal of a second stack in the same folder."""
    return CannotStartError(
        f"a stack runs in {folders.data} already; end it with make stack-down, "
        "or name another folder: DATA_DIR=/path make stack"
    )


def holder(folders: Folders) -> int | None:
    """Return the number of the process that runs this stack, or None when there is none."""
    try:
        with folders.lock.open("r", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0) or None
            return None
    except (FileNotFoundError, NotADirectoryError):
        return None

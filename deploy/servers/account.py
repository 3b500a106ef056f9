"""Who a server runs as: root's servers as somebody without rights, since none of them need any."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.servers import programs


class Account:
    """An account that is there already; none is ever added.

    An ordinary user's servers are the user's own; root's belong to the first of `names` there is.
    """

    def __init__(self, *names: str) -> None:
        self.name: str | None = None
        # Where its folders go; None is the usual place.
        self.shelf: str | None = None
        self._options: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._become(_first_of(*names, "nobody"))
            # Root's own TMPDIR may be one that only root can enter.
            self.shelf = "/tmp"  # noqa: S108

    @classmethod
    def that_owns(cls, path: Path, *names: str) -> "Account":
        """Return the account whose files these are, or a new one where there are none yet."""
        account = cls(*names)
        if account.name is not None and path.exists() and path.stat().st_uid:
            account._become(pwd.getpwuid(path.stat().st_uid))
        return account

    def _become(self, entry: pwd.struct_passwd) -> None:
        self.name = entry.pw_name
        self._options = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    @property
    def ids(self) -> tuple[int, int] | None:
        """The numbers of the user and the group to become, or None to stay who one is."""
        return (self._options["user"], self._options["group"]) if self._options else None

    def own(self, path: Path) -> None:
        if self._options:
            os.chown(path, self._options["user"], self._options["group"])

    def own_folder(self, path: Path) -> None:
        """Make a folder that nobody else can enter."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.own(path)

    def can_enter(self, folder: Path) -> bool:
        return self._succeeds(["/bin/sh", "-c", 'cd "$0"', str(folder)])

    def can_run(self, program: Path) -> bool:
        return self._succeeds([str(program), "--version"])

    def _succeeds(self, command: Sequence[str]) -> bool:
        try:
            self.run(command, folder=Path("/"))
        except (OSError, subprocess.CalledProcessError):
            return False
        return True

    def run(self, command: Sequence[str], *, folder: Path) -> None:
        subprocess.run(  # noqa: S603
            command,
            cwd=folder,
            env=plain_environment(folder),
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self._options,
        )

    def start(self, command: Sequence[str], *, folder: Path) -> subprocess.Popen[bytes]:
        """Start a server out of reach of this terminal's Ctrl-C, writing to `folder`/log."""
        with (folder / "log").open("wb") as log:
            return subprocess.Popen(  # noqa: S603
                command,
                cwd=folder,
                env=plain_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self._options,
            )


def _first_of(*names: str) -> pwd.struct_passwd:
    for name in names[:-1]:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return pwd.getpwnam(names[-1])


def plain_environment(folder: Path) -> dict[str, str]:
    """Return an environment in which no variable of the user's own moves a server elsewhere.

    A MariaDB that starts clears TMPDIR of all temporary tables, those of its neighbours too.
    """
    return {"PATH": programs.SYSTEM_PATH, "TMPDIR": str(folder), "LC_ALL": "C", "TZ": "UTC"}

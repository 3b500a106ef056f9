"""Numbers for the processes that live at the same time, so that what each one counts has a place.

A number belongs to a process for as long as it lives. However it dies, the kernel gives up its
lock, and the next process takes the number over. So there are never more of them than there were
processes at one time, while the ids of processes grow for ever and come back.
"""

import fcntl
import itertools
import os
from collections.abc import Callable, Mapping
from pathlib import Path

_LOCK = ".lock"


class Slots:
    """The numbers of one folder; `clear` tidies up after whoever had a number before.

    What `note` says of a process stands beside its number, for the others to read. Raises OSError
    where the folder cannot be written to.
    """

    def __init__(
        self, folder: Path, *, clear: Callable[[str], None], note: Callable[[], str] = str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._clear = clear
        self._note = note
        self._owner = 0
        self._number = ""
        self._lock: int | None = None

    def mine(self) -> str:
        """Return the number of this process; a fork gets one of its own."""
        if self._owner != os.getpid():
            self._take()
        return self._number

    def clear_free(self) -> None:
        """Tidy up after all processes that are gone."""
        for path in self._folder.glob(f"*{_LOCK}"):
            lock = _locked(path)
            if lock is not None:
                try:
                    self._clear(path.stem)
                finally:
                    os.close(lock)

    def notes(self) -> Mapping[str, str]:
        """Return what those who have a number now have noted, by number.

        Who took a number this moment may be found with the note of the one before.
        """
        found: dict[str, str] = {}
        for path in sorted(self._folder.glob(f"*{_LOCK}")):
            lock = _locked(path)
            if lock is None:
                found[path.stem] = path.read_text(encoding="utf-8", errors="replace")
            else:
                os.close(lock)
        return found

    def _take(self) -> None:
        if self._lock is not None:
            # The parent's, and it stays the parent's: a fork holds a copy of it.
            os.close(self._lock)
        for number in itertools.count():
            self._lock = _locked(self._folder / f"{number}{_LOCK}")
            if self._lock is not None:
                self._clear(str(number))
                os.truncate(self._lock, 0)
                os.pwrite(self._lock, self._note().encode(), 0)
                self._number, self._owner = str(number), os.getpid()
                return


def _locked(path: Path) -> int | None:
    """Return the open file whose lock is ours now, None where somebody else has it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file

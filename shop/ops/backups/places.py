"""Folders to work in, and files that appear whole or not at all."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from shop.ops.backups.problems import BackupError, write_problem

_PREFIX = ".novashop-backup-"
# Older than anybody needs to lock what was made a moment ago.
_SECONDS_UNTIL_STALE = 60.0


@contextlib.contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """Make a folder in the folder that nobody else can enter, and remove it with all that is in it.

    What processes have left behind that were killed is removed as well. Raises BackupError where
    nothing can be written.
    """
    try:
        place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    except OSError as error:
        raise write_problem(error, place=folder) from error
    lock = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove_stale(folder)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(lock)


def _remove_stale(folder: Path) -> None:
    for path in folder.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _SECONDS_UNTIL_STALE and _is_nobodys(path):
                shutil.rmtree(path)


def _is_nobodys(path: Path) -> bool:
    lock = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True


@contextlib.contextmanager
def new_file(path: Path, *, place: Path) -> Iterator[IO[bytes]]:
    """Write a file in the workplace, and let it appear under `path` when it is whole.

    Its owner alone can read it. Raises BackupError where there is a file already, or no room.
    """
    _check_free(path)
    part = place / "backup.part"
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _publish(part, path)
    except OSError as error:
        raise write_problem(error, place=path.parent) from error


def _check_free(path: Path) -> None:
    if path.exists():
        raise BackupError(f"{path} is there already, and no backup is written over another file")


def _publish(part: Path, path: Path) -> None:
    try:
        # A link is made only where nothing is yet, unlike a rename.
        os.link(part, path)
    except FileExistsError:
        _check_free(path)
        raise
    except OSError:
        # Not every disk knows links.
        _check_free(path)
        part.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in the folder on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_room(folder: Path, *, needed: int) -> None:
    """Refuse a disk on which so many bytes have no room."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(
            f"there is no room in {folder}: it needs about {in_words(needed)}, "
            f"and {in_words(free)} are free"
        )


def own_like(path: Path, *, like: Path) -> None:
    """Give root's new file to whom the other belongs: the shop need not run as root."""
    if os.geteuid() == 0:
        found = like.stat()
        os.chown(path, found.st_uid, found.st_gid)


def in_words(size: int) -> str:
    """Return a size as people read it."""
    for unit, bytes_ in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= bytes_:
            return f"{size / bytes_:,.1f} {unit}"
    return f"{size} bytes"

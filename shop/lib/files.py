"""Files that are whole or not there, however the process that writes them ends."""

import os
import tempfile
from pathlib import Path

# Others may read: a web server in front of the shop does.
_MODE = 0o644


def keep_file(file: Path, data: bytes) -> None:
    """See to it that the file is there, whole and on the disk, and was used just now.

    For files whose name says what is in them: one that is there already is not written again.
    """
    try:
        os.utime(file)
    except FileNotFoundError:
        _write(file, data)


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(data)
            part.flush()
            os.fchmod(part.fileno(), _MODE)
            os.fsync(part.fileno())
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Put the file's name on the disk as well; its bytes alone would not be found again."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

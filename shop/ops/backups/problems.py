"""What goes wrong with backups, in words."""

import errno


class BackupError(Exception):
    """The message says in a sentence or two what is wrong, and what state things are in."""


class HalfwayError(BackupError):
    """Something has been changed already; the message says what, and how to go on."""


def write_problem(error: OSError, *, place: object) -> BackupError:
    """Say why nothing can be written there."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return BackupError(f"there is no room left in {place}")
    return BackupError(f"{place} cannot be written to ({error.strerror or error})")

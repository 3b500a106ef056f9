"""Folders and files that nothing can be written to, for root as well."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

# Mounts the path over itself, read-only.
REMOUNT = '"$1" --bind "$0" "$0" && "$1" -o remount,ro,bind "$0" && shift && exec "$@"'


@contextlib.contextmanager
def read_only(path: Path) -> Iterator[list[str]]:
    """Make the path read-only, and yield what to put before a command that shall see it so.

    Nothing that permissions say stops root, so root's command gets a mount of its own.
    """
    if os.geteuid() == 0:
        yield _through_a_mount_of_its_own(path)
    else:
        mode = path.stat().st_mode
        path.chmod(mode & ~0o222)
        try:
            yield []
        finally:
            path.chmod(mode)


def _through_a_mount_of_its_own(path: Path) -> list[str]:
    unshare, mount = shutil.which("unshare"), shutil.which("mount")
    if unshare and mount:
        through = [unshare, "--mount", "/bin/sh", "-c", REMOUNT, str(path), mount]
        if not subprocess.run([*through, "true"], check=False, capture_output=True).returncode:
            return through
    pytest.skip("root may not mount anything here, and permissions do not stop root")

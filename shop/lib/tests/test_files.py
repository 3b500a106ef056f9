"""A file is there as a whole or not at all, and others can read it."""

import os
import time
from pathlib import Path

import pytest

from shop.lib.files import keep_file

pytestmark = pytest.mark.once


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077], ids=oct)
def test_a_file_is_written_for_everybody_to_read(tmp_path: Path, mask: int) -> None:
    file = tmp_path / "ab" / "abc.webp"
    before = os.umask(mask)
    try:
        keep_file(file, b"picture")
    finally:
        os.umask(before)

    assert file.read_bytes() == b"picture"
    assert file.stat().st_mode & 0o777 == 0o644
    assert list(file.parent.iterdir()) == [file]


def test_what_is_there_is_only_marked_as_used(tmp_path: Path) -> None:
    file = tmp_path / "abc.webp"
    keep_file(file, b"picture")
    node = file.stat().st_ino
    os.utime(file, (0, 0))

    keep_file(file, b"picture")

    assert file.stat().st_ino == node
    assert file.stat().st_mtime == pytest.approx(time.time(), abs=60)


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", no_room)

    with pytest.raises(OSError, match="no space left"):
        keep_file(tmp_path / "abc.webp", b"picture")

    assert list(tmp_path.iterdir()) == []

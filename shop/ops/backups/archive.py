"""The file of a backup: a tar of plain files, written and read as a stream.

Every entry but the last is a line of that last one, `contents.sha256`, in the form that `sha256sum
--check` reads. The reader takes nothing for granted: an entry must look to the byte as the writer
writes it, so that a backup is as it was made, or refused.
"""

import hashlib
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import IO

from shop.ops.backups.problems import BackupError

CONTENTS = "contents.sha256"
# What is in memory of a large entry at one time.
PIECE = 1 << 20
_BLOCK = tarfile.BLOCKSIZE
_NOTHING = bytes(_BLOCK)
_MODE = 0o600
# A list of so many names stays in memory; a longer one goes to the disk.
_IN_MEMORY = 1 << 20


class Writer:
    """Writes entries one after the other to a stream that need not be a file."""

    def __init__(self, stream: IO[bytes], *, taken_at: int) -> None:
        self._stream = stream
        self._taken_at = taken_at
        self._contents = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self._contents.close()

    def add(self, name: str, data: bytes) -> None:
        """Add an entry that is in memory."""
        self.add_pieces(name, [data], size=len(data))

    def add_pieces(self, name: str, pieces: Iterable[bytes], *, size: int) -> None:
        """Add an entry that comes in pieces. Raises BackupError when it is not of that size."""
        self._begin(name, size)
        digest, written = hashlib.sha256(), 0
        for piece in pieces:
            self._stream.write(piece)
            digest.update(piece)
            written += len(piece)
        if written != size:
            raise BackupError(f"{name} has changed its size while it was read")
        self._stream.write(bytes(-size % _BLOCK))
        self._contents.write(_line(digest.hexdigest(), name))

    def finish(self) -> None:
        """Add the list of contents, and the end."""
        size = self._contents.tell()
        self._contents.seek(0)
        self._begin(CONTENTS, size)
        for piece in pieces_of(self._contents):
            self._stream.write(piece)
        self._stream.write(bytes(-size % _BLOCK) + _NOTHING * 2)
        self._stream.flush()

    def _begin(self, name: str, size: int) -> None:
        try:
            self._stream.write(_header(name, size, self._taken_at))
        except ValueError as error:
            raise BackupError(f"{name!r} cannot be put into a backup ({error})") from error


@dataclass(slots=True)
class Entry:
    """One entry while it is read. Its pieces can be read once; what is left is skipped."""

    name: str
    size: int
    _source: "_Source"
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _left: int = -1

    def pieces(self) -> Iterator[bytes]:
        """Yield what is in it, a piece at a time."""
        self._left = self.size if self._left < 0 else self._left
        while self._left:
            piece = self._source.take(min(PIECE, self._left))
            self._left -= len(piece)
            self._digest.update(piece)
            yield piece

    def read(self, *, at_most: int) -> bytes:
        """Return all of it. Raises BackupError when it is larger than that."""
        if self.size > at_most:
            raise BackupError(f"it is no backup of NovaShop: {self.name} is too large")
        return b"".join(self.pieces())

    def line(self) -> bytes:
        """Read to the end, and return its line in the list of contents."""
        for _ in self.pieces():
            pass
        if self._source.take(-self.size % _BLOCK).strip(b"\0"):
            raise self._source.damage()
        return _line(self._digest.hexdigest(), self.name)


def entries(stream: IO[bytes]) -> Iterator[Entry]:
    """Yield the entries of a backup, and check each one after it was looked at.

    Only who has gone to the end of it knows that the backup is whole. Raises BackupError where it
    is damaged, cut short, or something else.
    """
    source = _Source(stream)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as contents:
        while (entry := _next(source)).name != CONTENTS:
            yield entry
            contents.write(entry.line())
        contents.seek(0)
        _compare(contents, entry)
    if source.take(2 * _BLOCK) != _NOTHING * 2 or not source.is_at_end():
        raise source.damage()


def _next(source: "_Source") -> Entry:
    block = source.take(_BLOCK)
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        expected = _header(info.name, info.size, int(info.mtime))
    except (tarfile.HeaderError, ValueError) as error:
        raise source.damage() from error
    if expected != block:
        # A link, a device, somebody's own file: nothing that a backup has.
        raise source.damage()
    return Entry(info.name, info.size, source)


def _compare(contents: IO[bytes], entry: Entry) -> None:
    """Refuse a backup in which something is not as it was when it was listed."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as listed:
        for piece in entry.pieces():
            listed.write(piece)
        entry.line()
        listed.seek(0)
        for found, expected in zip_longest(contents, listed):
            if found != expected:
                name = (found or expected).decode(errors="replace").strip()[66:]
                raise BackupError(f"the backup is damaged: {name} is not what it was")


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what is left in a file, a piece at a time."""
    while piece := file.read(PIECE):
        yield piece


def _header(name: str, size: int, taken_at: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, taken_at, _MODE
    return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")


def _line(digest: str, name: str) -> bytes:
    return f"{digest}  {name}\n".encode()


class _Source:
    """A stream that has what one takes from it, or the backup is cut short."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._taken = 0

    def take(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) != size:
            raise self._not_ours() if not self._taken else BackupError("the backup is cut short")
        self._taken += size
        return data

    def is_at_end(self) -> bool:
        return not self._stream.read(1)

    def damage(self) -> BackupError:
        """Return what to say of bytes that cannot be in a backup."""
        if self._taken <= _BLOCK:
            return self._not_ours()
        return BackupError(f"the backup is damaged before byte {self._taken:,}")

    def _not_ours(self) -> BackupError:
        return BackupError("it is no backup of NovaShop")

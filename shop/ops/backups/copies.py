"""What all databases have in common when a copy is made of one, and put back."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from shop.ops.backups.facts import DatabaseFacts, Stock

# Quick rather than small: buyers need the processors.
_LEVEL = 3
_WITH_GZIP_HEADER = 31
_ENTRY = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One consistent copy of a database, as of the moment when this was made.

    `pieces` is read once, before `pictures` is asked for the files that the copy shows.
    """

    facts: DatabaseFacts
    migrations: tuple[str, ...]
    stock: Stock
    is_exact: bool
    pieces: Iterator[bytes]
    pictures: Callable[[], Iterable[str]]


def kind_of(connection: BaseDatabaseWrapper) -> str:
    """Return "sqlite", "postgresql", "mariadb" or "mysql"."""
    database: Any = connection
    return (
        "mariadb"
        if connection.vendor == "mysql" and database.mysql_is_mariadb
        else str(connection.vendor)
    )


def version_of(connection: BaseDatabaseWrapper) -> str:
    """Return the version of the server, or of SQLite."""
    database: Any = connection
    return ".".join(str(part) for part in database.get_database_version())


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the pieces compressed."""
    machine = zlib.compressobj(_LEVEL, wbits=_WITH_GZIP_HEADER)
    for piece in pieces:
        yield machine.compress(piece)
    yield machine.flush()


class Unzipping:
    """Hands on what was compressed."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._machine = zlib.decompressobj(wbits=_WITH_GZIP_HEADER)
        self._write = write

    def write(self, piece: bytes) -> None:
        """Take a piece, and write what is in it, a bounded part at a time."""
        while piece:
            self._write(self._machine.decompress(piece, _ENTRY))
            piece = self._machine.unconsumed_tail


def in_entries(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of one size: the size of an entry is known beforehand."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= _ENTRY:
            yield bytes(waiting[:_ENTRY])
            del waiting[:_ENTRY]
    if waiting:
        yield bytes(waiting)

"""Reading tables from CSV files that people have made: strict, in a stream, and clear in its words.

A table has a header, whose names are compared without regard to case and order, and cells separated
by commas; a cell in double quotes may hold commas, quotes (doubled) and line ends. A byte order
mark, the line ends of any system, and blank lines do no harm.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

# Whatever has no line end for so long is no table.
_LONGEST_LINE = 1_048_576
_BLOCK = 65_536
_LONGEST_LIST = 200
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


class TableError(Exception):
    """The file as a whole cannot be read; the message says which one, where and why."""


class TableUnavailableError(TableError):
    """There is no such file, or it may not be read."""


class WrongEncodingError(TableError):
    """The file is not written in the encoding it is said to be in."""


class NotATableError(TableError):
    """The file is something else than text in lines and cells."""


class WrongColumnsError(TableError):
    """A column is missing, or there twice."""


class UnclosedQuoteError(TableError):
    """A quote is opened and never closed, so that nobody knows where its cell ends."""


class Row(NamedTuple):
    """The known cells of a line, by the names the caller gave its columns."""

    line_number: int
    values: dict[str, str]


class BrokenLine(NamedTuple):
    """A line that is not a row of its table."""

    line_number: int
    reason: str


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What a checked table has: so many records, and columns nobody asked for."""

    records: int
    unknown_columns: tuple[str, ...]


def check_table(
    path: Path, *, required: Sequence[str], optional: Sequence[str] = (), encoding: str = "utf-8"
) -> TableFacts:
    """Read the whole file once; raise the TableError that `read_table` would raise on the way."""
    with _Table(path, encoding) as table:
        header = table.header(required, optional)
        return TableFacts(sum(1 for _ in table.records()), header.unknown)


def read_table(
    path: Path, *, required: Sequence[str], optional: Sequence[str] = (), encoding: str = "utf-8"
) -> Iterator[Row | BrokenLine]:
    """Yield the rows of a table, in constant memory; a broken line does not stop it.

    A column that is not in the file is not in the values either. Raises TableError where the file
    as a whole cannot be read, which may show only at its end.
    """
    with _Table(path, encoding) as table:
        header = table.header(required, optional)
        for line_number, cells in table.records():
            if isinstance(cells, str):
                yield BrokenLine(line_number, cells)
            elif len(cells) != header.width:
                reason = f"{_cells(len(cells))} where the header has {header.width}"
                yield BrokenLine(line_number, reason)
            else:
                yield Row(line_number, {name: cells[index] for name, index in header.known})


class _Header(NamedTuple):
    known: list[tuple[str, int]]
    unknown: tuple[str, ...]
    width: int


class _Table:
    """An open file, as lines and as records."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._encoding = _known_encoding(encoding)
        self._at_end = False
        self._file = self._open()
        self._reader = csv.reader(self._lines(), strict=True, skipinitialspace=True)

    def __enter__(self) -> "_Table":
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def header(self, required: Sequence[str], optional: Sequence[str]) -> _Header:
        """Read the first record. Raises NotATableError or WrongColumnsError."""
        _, cells = next(self.records(), (1, []))
        if isinstance(cells, str):
            raise NotATableError(f"{self._path} is no CSV file: its header has {cells}.")
        if not cells:
            raise NotATableError(f"{self._path} is empty.")
        names = [cell.strip().casefold() for cell in cells]
        self._check_columns(cells, names, required)
        known = [
            (name, names.index(name.casefold()))
            for name in (*required, *optional)
            if name.casefold() in names
        ]
        indexes = {index for _, index in known}
        unknown = [cell.strip() for index, cell in enumerate(cells) if index not in indexes]
        return _Header(known, tuple(unknown), len(cells))

    def records(self) -> Iterator[tuple[int, list[str] | str]]:
        """Yield the cells of each record that is not blank, or why it has none."""
        while True:
            first = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield first, self._reason(first, error)
            else:
                # `any` alone would do; a full first cell is the usual case, and quicker to see.
                if cells and (cells[0] or any(map(str.strip, cells))):
                    yield first, cells

    def _open(self) -> io.TextIOWrapper:
        if self._path.is_dir():
            raise TableUnavailableError(f"{self._path} is a folder, not a file.")
        if self._path.exists() and not self._path.is_file():
            raise TableUnavailableError(f"{self._path} is not a file that can be read twice.")
        try:
            return self._path.open(encoding=self._encoding, newline="")
        except OSError as error:
            raise TableUnavailableError(f"{self._path} cannot be read: {_plain(error)}.") from error

    def _lines(self) -> Iterator[str]:
        """Yield the lines with their ends."""
        try:
            for line in iter(partial(self._file.readline, _LONGEST_LINE), ""):
                if "\0" in line or len(line) == _LONGEST_LINE:
                    self._refuse_binary(line)
                yield line
        except UnicodeError as error:
            raise self._wrong_encoding() from error
        except OSError as error:
            raise TableUnavailableError(f"{self._path} cannot be read: {_plain(error)}.") from error
        self._at_end = True

    def _refuse_binary(self, line: str) -> None:
        number = self._reader.line_num + 1
        what = (
            "holds a NUL byte" if "\0" in line else f"has no end within {_LONGEST_LINE:,} letters"
        )
        raise NotATableError(f"{self._path} is no CSV file: line {number} {what}.")

    def _reason(self, first: int, error: csv.Error) -> str:
        """Say what is wrong with a record. Raises UnclosedQuoteError."""
        last = self._reader.line_num
        is_too_long = "field limit" in str(error)
        if self._at_end or (is_too_long and last > first):
            raise UnclosedQuoteError(
                f"{self._path}: a quote that is opened on line {first} or soon after it "
                "is never closed."
            )
        if is_too_long:
            return f"a cell of more than {csv.field_size_limit():,} letters"
        reach = f", which reaches to line {last}" if last > first else ""
        return f"text after the closing quote of a cell{reach}"

    def _check_columns(
        self, cells: Sequence[str], names: Sequence[str], required: Sequence[str]
    ) -> None:
        for name, count in Counter(filter(None, names)).items():
            if count > 1:
                raise WrongColumnsError(f"{self._path} has {count} columns named {name!r}.")
        missing = [name for name in required if name.casefold() not in names]
        if not missing:
            return
        words = "column" if len(missing) == 1 else "columns"
        there = _shortened(", ".join(cell.strip() for cell in cells))
        raise WrongColumnsError(
            f"{self._path} lacks the {words} {', '.join(missing)}; its header is: {there}."
            f"{_separator_hint(cells)}"
        )

    def _wrong_encoding(self) -> WrongEncodingError:
        line, byte = _first_bad_byte(self._path, self._encoding)
        with self._path.open("rb") as file:
            is_utf_16 = file.read(2) in _UTF_16_MARKS
        hint = (
            "It seems to be in utf-16."
            if is_utf_16
            else "If it was saved in another encoding, such as cp1252, that has to be named."
        )
        name = self._encoding.removesuffix("-sig")
        return WrongEncodingError(
            f"{self._path} is not in {name}: line {line} cannot be read "
            f"(at byte {byte:,} of the file). {hint}"
        )


def _known_encoding(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        # Some codecs are no encodings of text, which shows only when they are used.
        b"no text".decode(name, errors="replace")
    except (LookupError, UnicodeError, ValueError):
        raise WrongEncodingError(f"{encoding!r} is no encoding of text.") from None
    return "utf-8-sig" if name == "utf-8" else name


def _first_bad_byte(path: Path, encoding: str) -> tuple[int, int]:
    """Return the line and the place in the file, both from 1, of what cannot be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = io.IncrementalNewlineDecoder(decoder, translate=True)
    line, read = 1, 0
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            read += len(block)
            try:
                line += lines.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding, errors="replace")
                line += good.replace("\r\n", "\n").replace("\r", "\n").count("\n")
                return line, read - len(error.object) + error.start + 1
            except UnicodeError:
                # UTF-16 misses its mark at the very beginning.
                return 1, 1
            if not block:
                return line, read


def _separator_hint(cells: Sequence[str]) -> str:
    for separator, name in _SEPARATORS.items():
        if any(separator in cell for cell in cells):
            return f" Cells have to be separated by commas, not by {name}."
    return ""


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_LIST else f"{text[:_LONGEST_LIST]}…"


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _plain(error: OSError) -> str:
    return (error.strerror or str(error)).lower()

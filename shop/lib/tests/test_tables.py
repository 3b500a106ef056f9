"""Reading CSV files as people make them, and refusing what is none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shop.lib import tables
from shop.lib.tables import (
    BrokenLine,
    NotATableError,
    Row,
    TableError,
    TableFacts,
    TableUnavailableError,
    UnclosedQuoteError,
    WrongColumnsError,
    WrongEncodingError,
    check_table,
    read_table,
)

Read = Callable[..., list[Row | BrokenLine]]

REQUIRED = ("sku", "name")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "goods.csv"


@pytest.fixture
def read(file: Path) -> Read:
    """Write bytes into the file and read it as a table."""

    def write_and_read(content: bytes, **options: str) -> list[Row | BrokenLine]:
        file.write_bytes(content)
        return list(read_table(file, required=REQUIRED, optional=("price",), **options))

    return write_and_read


def refusal_of(content: bytes, file: Path, **options: str) -> TableError:
    """Return how reading and checking refuse the content: both in the same words."""
    file.write_bytes(content)
    with pytest.raises(TableError) as reading:
        list(read_table(file, required=REQUIRED, **options))
    with pytest.raises(type(reading.value)) as checking:
        check_table(file, required=REQUIRED, **options)
    assert str(checking.value) == str(reading.value)
    return reading.value


# --- What is read ---------------------------------------------------------------------------------


def test_rows_come_with_their_line_numbers_under_the_callers_names(read: Read) -> None:
    assert read(b"Name,SKU,colour,PRICE\nMug,1,red,2.50\nBowl,2,blue,3\n") == [
        Row(2, {"sku": "1", "name": "Mug", "price": "2.50"}),
        Row(3, {"sku": "2", "name": "Bowl", "price": "3"}),
    ]


def test_a_column_that_is_not_there_is_not_in_the_values(read: Read) -> None:
    assert read(b"sku,name\n1,Mug\n") == [Row(2, {"sku": "1", "name": "Mug"})]


@pytest.mark.parametrize(
    "content",
    [
        b"sku,name\r\n1,Mug\r\n2,Bowl\r\n",
        b"sku,name\r1,Mug\r2,Bowl\r",
        b"sku,name\n1,Mug\n2,Bowl",
        b"\xef\xbb\xbfsku,name\n1,Mug\n2,Bowl\n",
        b" SKU , Name \n1,Mug\n2,Bowl\n",
        b'"sku","name"\n"1","Mug"\n"2", "Bowl"\n',
    ],
    ids=["CRLF", "CR", "no last line end", "byte order mark", "spaces in the header", "quotes"],
)
def test_files_of_any_system_say_the_same(read: Read, content: bytes) -> None:
    assert read(content) == [
        Row(2, {"sku": "1", "name": "Mug"}),
        Row(3, {"sku": "2", "name": "Bowl"}),
    ]


def test_a_quoted_cell_holds_commas_quotes_and_line_ends(read: Read) -> None:
    assert read(b'sku,name\n1,"A ""big"" mug,\r\nand blue"\n2,Bowl\n') == [
        Row(2, {"sku": "1", "name": 'A "big" mug,\r\nand blue'}),
        Row(4, {"sku": "2", "name": "Bowl"}),
    ]


def test_a_quote_inside_a_cell_is_a_letter(read: Read) -> None:
    assert read(b'sku,name\n1,12" plate\n') == [Row(2, {"sku": "1", "name": '12" plate'})]


def test_blank_lines_are_passed_over_but_counted(read: Read) -> None:
    assert read(b"\n\nsku,name\n\n , \n1,Mug\n,\n") == [Row(6, {"sku": "1", "name": "Mug"})]


def test_another_encoding_can_be_named(read: Read) -> None:
    expected = [Row(2, {"sku": "1", "name": "Café"})]
    assert read("sku,name\n1,Café\n".encode("cp1252"), encoding="cp1252") == expected
    assert read("sku,name\n1,Café\n".encode("utf-16"), encoding="utf-16") == expected
    assert read("sku,name\n1,Café\n".encode(), encoding="UTF8") == expected


def test_checking_counts_records_and_names_what_is_unknown(file: Path) -> None:
    file.write_bytes(b'sku,Colour ,name,\n1,red,"Big\nmug",\n\n2,blue\n')
    assert check_table(file, required=REQUIRED) == TableFacts(2, ("Colour", ""))


def test_rows_are_read_one_by_one(file: Path) -> None:
    file.write_bytes(b"sku,name\n1,Mug\n" + b"2,Bowl\n" * 100_000 + b'3,"Plate')
    rows = read_table(file, required=REQUIRED)
    assert next(rows) == Row(2, {"sku": "1", "name": "Mug"})
    with pytest.raises(UnclosedQuoteError):
        list(rows)


# --- Broken lines, which stop nothing -------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1", "1 cell where the header has 2"),
        (b"1,Mug,4", "3 cells where the header has 2"),
        (b"1,Mug,", "3 cells where the header has 2"),
        (b'1,"Mug" blue', "text after the closing quote of a cell"),
        (b'1,"Mug\nblue"s', "text after the closing quote of a cell, which reaches to line 4"),
        (b"1," + b"x" * 131_073, "a cell of more than 131,072 letters"),
    ],
    ids=["half", "too long", "one comma more", "quote", "quote over lines", "endless cell"],
)
def test_a_broken_line_is_told_apart_and_the_next_one_read(
    read: Read, line: bytes, reason: str
) -> None:
    after = 4 + line.count(b"\n")
    assert read(b"sku,name\n0,Jug\n" + line + b"\n2,Bowl\n") == [
        Row(2, {"sku": "0", "name": "Jug"}),
        BrokenLine(3, reason),
        Row(after, {"sku": "2", "name": "Bowl"}),
    ]


def test_a_half_line_at_the_end_is_broken(read: Read) -> None:
    assert read(b"sku,name\n1,Mug\n2") == [
        Row(2, {"sku": "1", "name": "Mug"}),
        BrokenLine(3, "1 cell where the header has 2"),
    ]


# --- Files that are refused as a whole ------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", NotATableError, "{file} is empty."),
        (b"\r\n\n , \n", NotATableError, "{file} is empty."),
        (
            b"sku,name\n1,Mug\n2,Bo\0wl\n",
            NotATableError,
            "{file} is no CSV file: line 3 holds a NUL byte.",
        ),
        (
            b'sku,"name"s\n1,Mug\n',
            NotATableError,
            "{file} is no CSV file: its header has text after the closing quote of a cell.",
        ),
        (
            b"SKU,price\n1,2\n",
            WrongColumnsError,
            "{file} lacks the column name; its header is: SKU, price.",
        ),
        (
            b"price\n1\n",
            WrongColumnsError,
            "{file} lacks the columns sku, name; its header is: price.",
        ),
        (
            b"sku;name\n1;Mug\n",
            WrongColumnsError,
            "{file} lacks the columns sku, name; its header is: sku;name. "
            "Cells have to be separated by commas, not by semicolons.",
        ),
        (
            b"sku,name,Name\n1,Mug,Jug\n",
            WrongColumnsError,
            "{file} has 2 columns named 'name'.",
        ),
        (
            b'sku,name\n1,Mug\n2,"Bowl\n3,Plate\n',
            UnclosedQuoteError,
            "{file}: a quote that is opened on line 3 or soon after it is never closed.",
        ),
        (
            b'sku,name\n1,Mug\n2,"Bowl\n' + b"3,Plate\n" * 20_000,
            UnclosedQuoteError,
            "{file}: a quote that is opened on line 3 or soon after it is never closed.",
        ),
    ],
    ids=[
        "empty",
        "blank",
        "NUL",
        "broken header",
        "a missing column",
        "missing columns",
        "semicolons",
        "a column twice",
        "unclosed quote",
        "unclosed quote in a long file",
    ],
)
def test_a_file_is_refused_in_one_sentence(
    file: Path, content: bytes, error: type[TableError], message: str
) -> None:
    refusal = refusal_of(content, file)
    assert type(refusal) is error
    assert str(refusal) == message.format(file=file)


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_LONGEST_LINE", 1000)
    refusal = refusal_of(b"sku,name\n1,Mug\n" + b"x" * 5000, file)
    assert str(refusal) == f"{file} is no CSV file: line 3 has no end within 1,000 letters."


def test_a_header_of_many_columns_is_shortened(file: Path) -> None:
    refusal = refusal_of(b",".join(b"c%d" % number for number in range(100)) + b"\n", file)
    assert len(str(refusal)) < len(str(file)) + 280
    assert str(refusal).endswith(", c40, c41, ….")


# --- Encodings ------------------------------------------------------------------------------------


def test_a_wrong_encoding_is_named_with_line_and_byte(file: Path) -> None:
    refusal = refusal_of(b"sku,name\r\n1,Mug\r\n2,Caf\xe9\r\n", file)
    assert type(refusal) is WrongEncodingError
    assert str(refusal) == (
        f"{file} is not in utf-8: line 3 cannot be read (at byte 23 of the file). "
        "If it was saved in another encoding, such as cp1252, that has to be named."
    )


def test_a_wrong_byte_far_into_the_file_is_found(file: Path) -> None:
    good = "sku,name\n" + "1,Café\n" * 50_000
    content = b"\xef\xbb\xbf" + good.encode() + b"2,Caf\xe9\n"
    refusal = refusal_of(content, file)
    byte = content.index(b"\xe9\n") + 1
    assert f"line 50002 cannot be read (at byte {byte:,} of the file)" in str(refusal)


def test_a_letter_cut_off_at_the_end_is_refused(file: Path) -> None:
    refusal = refusal_of("sku,name\n1,Café".encode()[:-1], file)
    assert "line 2 cannot be read (at byte 15 of the file)" in str(refusal)


def test_utf_16_is_recognised(file: Path) -> None:
    refusal = refusal_of("sku,name\n1,Mug\n".encode("utf-16"), file)
    assert str(refusal) == (
        f"{file} is not in utf-8: line 1 cannot be read (at byte 1 of the file). "
        "It seems to be in utf-16."
    )


@pytest.mark.parametrize("encoding", ["klingon", "base64", "undefined", "", "utf-8\0"])
def test_what_is_no_encoding_is_refused(file: Path, encoding: str) -> None:
    refusal = refusal_of(b"sku,name\n", file, encoding=encoding)
    assert type(refusal) is WrongEncodingError
    assert str(refusal) == f"{encoding!r} is no encoding of text."


# --- Files that are none --------------------------------------------------------------------------


def test_a_missing_file_is_refused(file: Path) -> None:
    with pytest.raises(TableUnavailableError) as refusal:
        check_table(file, required=REQUIRED)
    assert str(refusal.value) == f"{file} cannot be read: no such file or directory."


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableUnavailableError) as refusal:
        list(read_table(tmp_path, required=REQUIRED))
    assert str(refusal.value) == f"{tmp_path} is a folder, not a file."


def test_what_can_be_read_only_once_is_refused() -> None:
    with pytest.raises(TableUnavailableError) as refusal:
        check_table(Path("/dev/null"), required=REQUIRED)
    assert str(refusal.value) == "/dev/null is not a file that can be read twice."


def test_utf_16_without_its_mark_is_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "goods.csv"
    file.write_text("sku,name\n1,Mug\n")

    with pytest.raises(WrongEncodingError, match=r"is not in utf-16: line 1 cannot be read"):
        list(read_table(file, required=("sku",), encoding="utf-16"))

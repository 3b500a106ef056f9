"""Reading the Online Retail format: what counts, what is skipped, rejected, or refused."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from shop.lib.tables import (
    NotATableError,
    TableError,
    TableUnavailableError,
    UnclosedQuoteError,
    WrongColumnsError,
    WrongEncodingError,
)
from shop.ops.online_retail import Ledger, Sale, read_ledger
from shop.ops.tests.retail import HEADER, line, write

pytestmark = pytest.mark.once


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test puts its one file."""
    return tmp_path / "sales.csv"


def read(file: Path, *lines: str) -> Ledger:
    return read_ledger([write(file, lines)])


def sales_of(ledger: Ledger, number: str = "1001") -> list[tuple[str, int, str]]:
    return [(sale.sku, sale.quantity, str(sale.price)) for sale in ledger.invoices[number].sales]


def broken(ledger: Ledger) -> list[tuple[int, str]]:
    return [(bad.line_number, bad.reason) for _, bad in ledger.broken]


def test_an_invoice_is_all_lines_with_its_number(file: Path) -> None:
    ledger = read(
        file,
        line(1001, "MUG", "Mug", 6, "2010-12-01 08:26:00", "2.55", "17850.0", "France"),
        line(1002, "TEA", "Tea", 1, "2010-12-01 08:28:00", "1.00"),
        line(1001, "JAR", "Jam jar", 3, "2010-12-01 08:26:00", "0.85", "17850.0", "France"),
    )

    invoice = ledger.invoices["1001"]
    assert list(ledger.invoices) == ["1001", "1002"]
    assert invoice.sales == [
        Sale("MUG", "Mug", 6, Decimal("2.55")),
        Sale("JAR", "Jam jar", 3, Decimal("0.85")),
    ]
    assert (invoice.sold_at, invoice.customer, invoice.country) == (
        datetime(2010, 12, 1, 8, 26),  # noqa: DTZ001  (the file knows no time zone)
        "17850.0",
        "France",
    )
    assert (invoice.units, invoice.value) == (9, Decimal("17.85"))
    assert (ledger.rejected, ledger.skipped, ledger.broken) == (0, set(), [])


def test_an_invoice_goes_on_in_the_next_file(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", [line(1001, "MUG")])
    second = write(tmp_path / "b.csv", [line(1001, "TEA")])

    ledger = read_ledger([first, second])

    assert [sale.sku for sale in ledger.invoices["1001"].sales] == ["MUG", "TEA"]


def test_the_same_thing_twice_on_one_invoice_stays_two_lines(file: Path) -> None:
    ledger = read(file, line(quantity=2), line(quantity=2), line(quantity=5, price="1.00"))

    assert sales_of(ledger) == [("MUG", 2, "2.50"), ("MUG", 2, "2.50"), ("MUG", 5, "1.00")]


def test_codes_that_differ_only_in_case_are_two_things(file: Path) -> None:
    ledger = read(file, line(sku="85123a"), line(sku="85123A"))

    assert [sale.sku for sale in ledger.invoices["1001"].sales] == ["85123a", "85123A"]


def test_what_is_no_number_is_skipped_and_counted_once(file: Path) -> None:
    ledger = read(
        file,
        line("C1001", quantity=-1),
        line("C1001", sku="TEA", quantity=-2),
        line("A563185", name="Adjust bad debt", price="11062.06"),
        line("c7"),
        line("10 01"),
        line("-5"),
        line("1001.0"),
        line("١٠٠١"),  # noqa: RUF001  (digits, but not the ones that invoices have)
        # A cancellation is skipped whatever else it says.
        line("C9", quantity="many", at="whenever", price="free"),
    )

    assert ledger.skipped == {"C1001", "A563185", "c7", "10 01", "-5", "1001.0", "١٠٠١", "C9"}  # noqa: RUF001
    assert (ledger.invoices, ledger.rejected, ledger.broken) == ({}, 0, [])


@pytest.mark.parametrize(
    "bad",
    [
        line(quantity=0),
        line(quantity=-1),
        line(quantity="-9600"),
        line(price="0"),
        line(price="0.00"),
        line(price="0.001"),
        line(price="0.004"),
        line(price="0.00499999999999999999999999999999999"),
        line(price="-0.004"),
        line(price="-0.005"),
        line(price="-1"),
        line(price="-11062.06"),
        line(name=""),
        line(name="   "),
        line(name='" "'),
        line(sku=""),
        # A line that counts for nothing need not even say when.
        line(quantity=0, at="whenever"),
    ],
)
def test_a_line_that_sells_nothing_is_rejected(file: Path, bad: str) -> None:
    ledger = read(file, bad, line(1002))

    assert (ledger.rejected, list(ledger.invoices), ledger.broken) == (1, ["1002"], [])


@pytest.mark.parametrize(
    ("written", "price"),
    [
        ("0.005", "0.01"),
        ("2.554", "2.55"),
        ("2.555", "2.56"),
        ("2.565", "2.57"),
        ("2.5549999999999999999", "2.55"),
        ("1.005", "1.01"),
        ("38970.0", "38970.00"),
        ("7", "7.00"),
        ("1e2", "100.00"),
        (" 2.10 ", "2.10"),
        ("999999999999.99", "999999999999.99"),
    ],
)
def test_a_price_is_rounded_half_up(file: Path, written: str, price: str) -> None:
    assert sales_of(read(file, line(price=written))) == [("MUG", 1, price)]


@pytest.mark.parametrize(
    ("written", "quantity"),
    [("6", 6), ("6.0", 6), (" 6 ", 6), ("80995", 80995), ("10000000000", 10**10)],
)
def test_a_quantity_is_a_whole_number(file: Path, written: str, quantity: int) -> None:
    assert sales_of(read(file, line(quantity=written))) == [("MUG", quantity, "2.50")]


@pytest.mark.parametrize("name", ["?", "lower case", 'a "loud" mug', "Tasse, blau", "it's", "Ж 🎁"])
def test_a_name_may_be_anything(file: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'

    ledger = read(file, line(name=f"  {quoted}"), line(name=f'"  {name.replace(chr(34), "")}  "'))

    assert [sale.name for sale in ledger.invoices["1001"].sales] == [name, name.replace('"', "")]


def test_a_name_may_hold_a_line_end(file: Path) -> None:
    ledger = read(file, line(name='"Mug,\nblue"'), line(sku="TEA", name="Tea"))

    assert [sale.name for sale in ledger.invoices["1001"].sales] == ["Mug,\nblue", "Tea"]


@pytest.mark.parametrize("customer", ["17850", "17850.0", ""])
def test_a_customer_is_a_number_or_nobody(file: Path, customer: str) -> None:
    assert read(file, line(customer=customer)).invoices["1001"].customer == customer


@pytest.mark.parametrize(
    "written",
    ["2010-12-01 08:26:00", "2010-12-01 08:26", "2010-12-01T08:26:00", "12/1/2010 8:26"],
)
def test_dates_as_the_data_set_and_spreadsheets_write_them(file: Path, written: str) -> None:
    invoice = read(file, line(at=written)).invoices["1001"]

    assert invoice.sold_at.isoformat() == "2010-12-01T08:26:00"


def test_an_invoice_was_sold_at_its_earliest_line(file: Path) -> None:
    ledger = read(
        file,
        line(sku="MUG", at="2010-12-01 08:27:00"),
        line(sku="TEA", at="2010-12-01 08:26:00"),
        line(sku="JAR", at="2010-12-01 08:28:00"),
    )

    assert ledger.invoices["1001"].sold_at.isoformat() == "2010-12-01T08:26:00"


def test_invoices_are_in_order_of_time_whatever_the_order_of_files(tmp_path: Path) -> None:
    march = write(tmp_path / "a.csv", [line(999, at="2011-03-01 10:00:00")])
    december = write(
        tmp_path / "b.csv",
        [
            line(1003, at="2010-12-01 08:26:00"),
            line(10020, at="2010-12-01 08:25:00"),
            line(1002, at="2010-12-01 08:25:00"),
        ],
    )
    # One that runs over into a file that is read before.
    early = write(tmp_path / "c.csv", [line(999, at="2010-11-30 09:00:00")])

    for files in ([march, december, early], [early, december, march], [december, march, early]):
        ledger = read_ledger(files)
        assert [item.number for item in ledger.in_order_of_time()] == [
            "999",
            "1002",
            "10020",
            "1003",
        ]


def test_the_same_file_twice_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "a.csv", [line(quantity=3), line("C7"), line(quantity=0)])
    (tmp_path / "link.csv").symlink_to(file)
    monkeypatch.chdir(tmp_path)

    ledger = read_ledger([file, Path("a.csv"), tmp_path / "." / "a.csv", Path("link.csv")])

    assert (sales_of(ledger), ledger.rejected) == ([("MUG", 3, "2.50")], 1)


def test_columns_in_any_order_and_case_and_more_of_them(file: Path) -> None:
    write(
        file,
        ["note,United Kingdom,,2.50,2010-12-01 08:26:00,4,Mug,MUG,1001,x"],
        header="Note,COUNTRY,customerid, UnitPrice ,invoiceDATE,quantity,description,stockcode,"
        "INVOICENO,",
    )

    ledger = read_ledger([file])

    assert (sales_of(ledger), ledger.broken) == ([("MUG", 4, "2.50")], [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_marks_and_line_ends_of_any_system(file: Path, mark: bytes, end: str) -> None:
    text = end.join([HEADER, line(quantity=1), "", line(quantity=2), ""])
    file.write_bytes(mark + text.encode())

    ledger = read_ledger([file])

    assert (sales_of(ledger), ledger.broken) == ([("MUG", 1, "2.50"), ("MUG", 2, "2.50")], [])


def test_a_file_without_a_last_line_end(file: Path) -> None:
    file.write_text(f"{HEADER}\n{line()}", encoding="utf-8")

    assert sales_of(read_ledger([file])) == [("MUG", 1, "2.50")]


def test_another_encoding_when_it_is_named(file: Path) -> None:
    file.write_bytes(f"{HEADER}\n{line(name='Café £5')}\n".encode("cp1252"))

    (sale,) = read_ledger([file], encoding="cp1252").invoices["1001"].sales

    assert sale.name == "Café £5"


def test_a_file_with_only_a_header_is_no_sales(file: Path) -> None:
    ledger = read(file)

    assert (ledger.invoices, ledger.skipped, ledger.rejected) == ({}, set(), 0)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(quantity="six"), "the quantity 'six' is no number"),
        (line(quantity=""), "the quantity '' is no number"),
        (line(quantity="1.5"), "the quantity '1.5' is no whole number"),
        (line(quantity="NaN"), "the quantity 'NaN' is no number"),
        (line(quantity="-inf"), "the quantity '-inf' is no number"),
        (line(quantity="1e999999"), "the quantity '1e999999' is none that anybody buys"),
        (line(quantity=10**12 + 1), "the quantity '1000000000001' is none that anybody buys"),
        (
            line(quantity="9" * 5000),
            f"the quantity '{'9' * 40}'… is none that anybody buys",
        ),
        (line(price="free"), "the price 'free' is no number"),
        (line(price=""), "the price '' is no number"),
        (line(price="sNaN"), "the price 'sNaN' is no number"),
        (line(price="1000000000000"), "the price '1000000000000' is none that anybody pays"),
        (line(price="1e999999999"), "the price '1e999999999' is none that anybody pays"),
        (line(at=""), "the date '' is not written like 2010-12-01 08:26:00"),
        (line(at="2010-13-01 08:26:00"), None),
        (line(at="13/12/2010 08:26"), None),
        (line(at="2010-12-01 08:26:00+01:00"), None),
        (line("1" * 81), "the InvoiceNo is longer than 80 letters"),
        (line(customer="x" * 81), "the CustomerID is longer than 80 letters"),
        (line(country="x" * 81), "the Country is longer than 80 letters"),
        ("1001,MUG,Mug", "3 cells where the header has 8"),
        (line() + ",", "9 cells where the header has 8"),
    ],
)
def test_a_line_that_cannot_be_understood_is_named(
    file: Path, bad: str, reason: str | None
) -> None:
    ledger = read(file, line(1), bad, line(2))

    if reason is None:
        reason = f"the date {bad.split(',')[4]!r} is not written like 2010-12-01 08:26:00"
    assert broken(ledger) == [(3, reason)]
    assert [path for path, _ in ledger.broken] == [file]


def test_a_date_is_read_on_every_line(file: Path) -> None:
    ledger = read(file, line(), line(at="soon"))

    assert broken(ledger) == [(3, "the date 'soon' is not written like 2010-12-01 08:26:00")]


def test_half_a_line_at_the_end(file: Path) -> None:
    file.write_text(f"{HEADER}\n{line()}\n1002,TEA,Tea,5,2010-12-0", encoding="utf-8")

    assert broken(read_ledger([file])) == [(3, "5 cells where the header has 8")]


def test_files_that_are_no_tables_of_these_columns(tmp_path: Path) -> None:
    for refusal, content in (
        (NotATableError, b""),
        (NotATableError, b"PK\x03\x04\x14\0\x06\0xl/workbook.xml"),
        (WrongColumnsError, HEADER.replace(",Country", "").encode()),
        (WrongColumnsError, HEADER.replace(",", ";").encode()),
        (WrongColumnsError, f"{HEADER},quantity\n".encode()),
        (WrongEncodingError, f"{HEADER}\n{line(name='Café')}\n".encode("latin-1")),
        (WrongEncodingError, f"{HEADER}\n{line()}\n".encode("utf-16")),
        (UnclosedQuoteError, f"{HEADER}\n{line(name=chr(34) + 'Mug')}\n".encode()),
    ):
        file = tmp_path / "file.csv"
        file.write_bytes(content)
        with pytest.raises(refusal) as caught:
            read_ledger([file])
        assert str(file) in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(TableUnavailableError) as caught:
            read_ledger([path])
        assert str(path) in str(caught.value)


def test_one_bad_file_spoils_the_rest(tmp_path: Path) -> None:
    good = write(tmp_path / "good.csv", [line()])

    with pytest.raises(TableError):
        read_ledger([good, tmp_path / "missing.csv"])

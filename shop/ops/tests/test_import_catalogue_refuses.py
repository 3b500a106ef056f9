"""`manage.py import_catalogue`: what is refused of a merchant's file, and what is left of it."""

from decimal import Decimal
from pathlib import Path

import pytest

from shop.catalog.models import Variant
from shop.checkout.actions import place_order
from shop.ops.tests.imports import Import, Result, everything, loader, prices, run_command
from tests.builders import draft_of, fill_cart, put_on_sale, stock_of

NOTHING = "0 created, 0 updated, 0 unchanged; stock changed for 0; 0 lines bad\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "goods.csv"


@pytest.fixture
def load(file: Path, db: None) -> Import:
    return loader(file)


# --- Bad lines ------------------------------------------------------------------------------------

COLUMNS = "sku,name,price,regular_price,category,options,stock,published,product"
BIG = "9" * 5000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",Mug,1,,,,,,", "the sku is empty"),
        (f"{'x' * 65},Mug,1,,,,,,", "the sku is longer than 64 letters"),
        ("mug\u200b,Mug,1,,,,,,", "the sku has a character that cannot be seen"),
        ("mug, ,1,,,,,,", "the name is empty"),
        (f"mug,{'x' * 256},1,,,,,,", "the name is longer than 255 letters"),
        ("mug,Mug,,,,,,,", "the price is empty"),
        ("mug,Mug,cheap,,,,,,", "the price 'cheap' is no number like 12.50"),
        ("mug,Mug,£12.50,,,,,,", "the price '£12.50' is no number like 12.50"),
        ("mug,Mug,NaN,,,,,,", "the price 'NaN' is no number like 12.50"),
        ("mug,Mug,Infinity,,,,,,", "the price 'Infinity' is no number like 12.50"),
        ("mug,Mug,1e400,,,,,,", "the price '1e400' is no number like 12.50"),
        ("mug,Mug,١٢,,,,,,", "the price '١٢' is no number like 12.50"),
        (
            'mug,Mug,"1,250.00",,,,,,',
            "the price '1,250.00' has a comma: write 1250.00 without one",
        ),
        ('mug,Mug,"12,50",,,,,,', "the price '12,50' has a comma: write 1250.00 without one"),
        ("mug,Mug,-1,,,,,,", "the price '-1' is negative"),
        ("mug,Mug,1.005,,,,,,", "the price has more than two decimal places"),
        ("mug,Mug,1000000000000,,,,,,", "the price is above 999,999,999,999.99"),
        (f"mug,Mug,{BIG},,,,,,", f"the price '{BIG[:40]}…' has too many digits"),
        ("mug,Mug,12.50,12.49,,,,,", "the regular price 12.49 is below the price 12.50"),
        ("mug,Mug,12.50,x,,,,,", "the regular price 'x' is no number like 12.50"),
        ("mug,Mug,1,,Home > ,,,,", "the category 'Home >' is not written like Home > Kitchen"),
        (f"mug,Mug,1,,{'x>' * 10}x,,,,", "the category is more than 10 levels deep"),
        (f"mug,Mug,1,,{'x' * 201},,,,", "the category is longer than 200 letters a level"),
        ("mug,Mug,1,,,Red,,,", "the option 'Red' is not written like colour=Red"),
        ("mug,Mug,1,,,colour=,,,", "the option 'colour=' is not written like colour=Red"),
        ("mug,Mug,1,,,size=M;Size=L,,,", "the options have one option twice"),
        (
            f"mug,Mug,1,,,{'x' * 81}=Red,,,",
            "the options are longer than 80 letters a name, or 200 together",
        ),
        ("mug,Mug,1,,,,-1,,", "the stock '-1' is negative"),
        ("mug,Mug,1,,,,1.5,,", "the stock '1.5' is no whole number like 12"),
        ("mug,Mug,1,,,,many,,", "the stock 'many' is no whole number like 12"),
        ("mug,Mug,1,,,,1000000000001,,", "the stock '1000000000001' is above 1,000,000,000,000"),
        (f"mug,Mug,1,,,,{BIG},,", f"the stock '{BIG[:40]}…' is above 1,000,000,000,000"),
        (
            "mug,Mug,1,,,,,maybe,",
            "published is 'maybe'; it can be yes, true, 1, no, false, 0",
        ),
        (f"mug,Mug,1,,,,,,{'x' * 65}", "the product is longer than 64 letters"),
        ("mug,Mug,1", "3 cells where the header has 9"),
        ("mug,Mug, blue,1,,,,,,", "10 cells where the header has 9"),
        ('mug,"Mug" blue,1,,,,,,', "text after the closing quote of a cell"),
    ],
)
def test_a_bad_line_is_named_and_its_neighbours_imported(
    load: Import, file: Path, line: str, reason: str
) -> None:
    result = load(f"{COLUMNS}\nbowl,Bowl,2.00,,,,,,\n{line}\njug,Jug,3.00,,,,,,\n")

    assert result == Result(
        1,
        "2 created, 0 updated, 0 unchanged; stock changed for 0; 1 line bad\n",
        f"{file}, line 3: {reason}\n",
        "1 line bad. The other lines were imported.",
    )
    assert prices() == {"bowl": Decimal("2.00"), "jug": Decimal("3.00")}


def test_a_half_line_at_the_end_is_bad(load: Import, file: Path) -> None:
    result = load("sku,name,price\nmug,Mug,12.50\nbowl,Bo")
    assert result.err == f"{file}, line 3: 2 cells where the header has 3\n"
    assert (result.status, prices()) == (1, {"mug": Decimal("12.50")})


@pytest.mark.parametrize(
    ("cell", "price"),
    [("12.50", "12.50"), (" 12.5 ", "12.50"), ("12", "12.00"), ("0", "0.00"), ("12.5000", "12.50")],
)
def test_prices_that_are_understood(load: Import, cell: str, price: str) -> None:
    assert load(f"sku,name,price\nmug,Mug,{cell}\n").status == 0
    assert prices() == {"mug": Decimal(price)}


def test_a_repeated_sku_names_its_first_line(load: Import, file: Path) -> None:
    header = "sku,name,price\n"
    result = load(
        f"{header}mug,Mug,bad\nmug,Mug,1.00\nMUG,Other mug,2.00\nmug,Mug,3.00\n",
        f"{header}bowl,Bowl,4.00\nMUG,Other mug,5.00\nbowl,Bowl,6.00\n",
    )
    second = file.with_name("goods2.csv")
    assert result.err.splitlines() == [
        f"{file}, line 2: the price 'bad' is no number like 12.50",
        f"{file}, line 5: the sku 'mug' is that of line 3",
        f"{second}, line 3: the sku 'MUG' is that of line 4 of {file}",
        f"{second}, line 4: the sku 'bowl' is that of line 2",
    ]
    assert result.out == "3 created, 0 updated, 0 unchanged; stock changed for 0; 4 lines bad\n"
    assert prices() == {"mug": Decimal(1), "MUG": Decimal(2), "bowl": Decimal(4)}


def test_only_the_first_bad_lines_are_listed(load: Import, file: Path) -> None:
    bad = "".join(f"sku-{number},Thing,free\n" for number in range(700))
    result = load(f"sku,name,price\nmug,Mug,1.00\n{bad}")
    lines = result.err.splitlines()
    assert lines[0] == f"{file}, line 3: the price 'free' is no number like 12.50"
    assert lines[19].startswith(f"{file}, line 22: ")
    assert lines[20:] == ["and 680 lines more"]
    assert result.sentence == "700 lines bad. The other lines were imported."
    assert prices() == {"mug": Decimal(1)}


def test_what_the_shop_itself_refuses_is_a_bad_line(load: Import, file: Path) -> None:
    load("sku,name,price,regular_price,product\na,Shirt,1,,shirt\nlamp,Lamp,10.00,15.00,\n")
    before = everything()
    result = load("sku,name,price,product\na,Trousers,1,trousers\nlamp,Lamp,15.01,\n")
    assert result.err.splitlines() == [
        f"{file}, line 2: the sku 'a' belongs to the product 'shirt' already and cannot move",
        f"{file}, line 3: the regular price 15.00 is below the price 15.01",
    ]
    assert everything() == before


@pytest.mark.usefixtures("everything_agrees")
def test_stock_below_what_is_promised_stays(load: Import, file: Path) -> None:
    mug = put_on_sale("mug", price="12.50", stock=10)
    jug = put_on_sale("jug", price="12.50", stock=10)
    place_order(draft=draft_of(fill_cart({mug: 4, jug: 4})))

    result = load("sku,name,price,stock\nbowl,Bowl,1,7\nmug,Mug,9.99,3\njug,Jug,12.50,4\n")

    assert result == Result(
        1,
        "1 created, 1 updated, 1 unchanged; stock changed for 2; 1 line bad\n",
        f"{file}, line 3: the stock 3 is less than the 4 promised to buyers; "
        "it stays as it was, the rest of the line is imported\n",
        "1 line bad. The other lines were imported.",
    )
    assert (stock_of(mug), stock_of(jug)) == ((10, 4), (4, 4))
    assert stock_of(Variant.objects.get(sku="bowl").id) == (7, 0)
    assert prices()["mug"] == Decimal("9.99")


# --- Files that are refused as a whole ------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "{file} is empty."),
        (b"sku,name\nmug,Mug\n", "{file} lacks the column price; its header is: sku, name."),
        (b"sku,name,price,Name\nmug,Mug,1,Mug\n", "{file} has 2 columns named 'name'."),
        (
            b"sku,name,price\nmug,Mug,1\njug,Caf\xe9,1\n",
            "{file} is not in utf-8: line 3 cannot be read (at byte 33 of the file). "
            "If it was saved in another encoding, such as cp1252, that has to be named.",
        ),
        (
            b"sku,name,price\nmug,Mug,1\n\0\0\0\0\n",
            "{file} is no CSV file: line 3 holds a NUL byte.",
        ),
        (
            b'sku,name,price\nmug,Mug,1\njug,"Jug,1\nbowl,Bowl,1\n',
            "{file}: a quote that is opened on line 3 or soon after it is never closed.",
        ),
    ],
    ids=["empty", "missing column", "column twice", "wrong encoding", "NUL", "unclosed quote"],
)
def test_a_file_that_is_no_catalogue_refuses_the_whole_run(
    load: Import, file: Path, content: bytes, sentence: str
) -> None:
    good = b"sku,name,price\nbowl,Bowl,1.00\n"
    other = file.with_name("goods2.csv")
    result = load(good, content)
    assert result == Result(1, "", "", f"{sentence.format(file=other)} Nothing was changed.")
    assert everything() == []


def test_a_missing_file_and_a_folder_refuse_the_whole_run(load: Import, file: Path) -> None:
    load("sku,name,price\nmug,Mug,1.00\n")
    before = everything()
    missing = file.with_name("missing.csv")
    assert run_command(file, missing).sentence == (
        f"{missing} cannot be read: no such file or directory. Nothing was changed."
    )
    assert run_command(file, file.parent).sentence == (
        f"{file.parent} is a folder, not a file. Nothing was changed."
    )
    assert everything() == before


def test_a_header_without_lines_is_no_mistake(load: Import) -> None:
    assert load("sku,name,price\n") == Result(0, NOTHING, "", "")


def test_a_file_named_twice_is_read_once(load: Import, file: Path) -> None:
    load("sku,name,price\nmug,Mug,1.00\n")
    again = run_command(file, file.parent / "." / file.name)
    assert again.out == "0 created, 0 updated, 1 unchanged; stock changed for 0; 0 lines bad\n"

"""`manage.py import_catalogue`: what a merchant's file becomes."""

import contextlib
import signal
import sqlite3
import subprocess
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from shop.catalog.actions import put_products
from shop.catalog.models import Option, Product, Variant
from shop.events.actions import deliver_due
from shop.inventory import actions as inventory
from shop.inventory.models import StockLevel, StockMovement
from shop.lib.refusals import Busy
from shop.ops import importing
from shop.ops.tests.imports import Import, Result, everything, loader, prices, run_command
from shop.ops.tests.processes import MANAGE, Shop
from tests.builders import breaches, put_on_sale, stock_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "goods.csv"


@pytest.fixture
def load(file: Path, db: None) -> Import:
    return loader(file)


# --- What is imported -----------------------------------------------------------------------------


@pytest.mark.usefixtures("everything_agrees")
def test_a_file_fills_the_shop(load: Import) -> None:
    result = load(
        "SKU,Name,Price,Category,Description,Regular_Price,Product,Options,Stock,Published\n"
        'mug,Blue  mug,12.50,Home > Kitchen,"Holds a pint,\nor less.",15,,,10,yes\n'
        "shirt-m,Shirt,20.00,Clothes,,,shirt,colour=Red; size=M,5,TRUE\n"
        "shirt-l,Shirt,22.00,,,,shirt,colour=Red;size=L,0,1\n"
        "lamp,Lamp,99,,,,,,,No\n"
    )

    assert result == Result(
        0, "4 created, 0 updated, 0 unchanged; stock changed for 2; 0 lines bad\n", "", ""
    )
    mug = Variant.objects.select_related("product__category").get(sku="mug")
    assert (mug.price, mug.regular_price, mug.title) == (Decimal("12.50"), Decimal(15), "")
    assert (mug.product.name, mug.product.description) == ("Blue mug", "Holds a pint,\nor less.")
    assert (mug.product.category.name, mug.product.category.depth) == ("Kitchen", 2)
    assert mug.product.in_stock is True
    shirts = Variant.objects.filter(product__code="shirt").order_by("position")
    assert list(shirts.values_list("sku", "title")) == [
        ("shirt-m", "Red, M"),
        ("shirt-l", "Red, L"),
    ]
    assert list(Option.objects.order_by("position").values_list("name", flat=True)) == [
        "colour",
        "size",
    ]
    lamp = Product.objects.get(code="lamp")
    assert (lamp.is_published, str(lamp.category)) == (False, "Uncategorised")
    assert stock_of(mug.id) == (10, 0)
    movement = StockMovement.objects.get(level__variant=mug)
    assert (movement.quantity, movement.reason, movement.reference) == (
        10,
        "counted",
        "import goods.csv",
    )
    assert movement.level.location.code == "main"


@pytest.mark.usefixtures("everything_agrees")
def test_a_rerun_changes_nothing(load: Import) -> None:
    content = (
        "sku,name,price,category,product,options,stock,published\n"
        "mug,Mug,12.50,Home,,,10,yes\n"
        "shirt-m,Shirt,20.00,Clothes,shirt,size=M,5,yes\n"
        "shirt-l,Shirt for giants,22.00,Giants,shirt,size=L,5,no\n"
    )
    load(content)
    before = everything()
    result = load(content)
    assert result.out == "0 created, 0 updated, 3 unchanged; stock changed for 0; 0 lines bad\n"
    assert everything() == before


def test_a_rerun_agrees_wherever_the_lines_are_cut(
    load: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (
        "sku,name,price,product,category,description\n"
        "a,Shirt,20.00,shirt,Clothes,Warm\n"
        "b,Jersey,22.00,shirt,Wool,Warmer\n"
        "c,Coat,24.00,shirt,,\n"
        "shirt,Other shirt,5.00,,Cotton,Cold\n"
    )
    load(content)
    before = everything()
    monkeypatch.setattr(importing, "LINES_AT_ONCE", 1)
    assert load(content).out.startswith("0 created, 0 updated, 4 unchanged;")
    assert everything() == before
    product = Product.objects.get()
    assert (product.name, product.description, str(product.category)) == (
        "Shirt",
        "Warm",
        "Clothes",
    )


@pytest.mark.usefixtures("everything_agrees")
def test_a_second_file_changes_what_it_says(load: Import) -> None:
    load(
        "sku,name,price,regular_price,description,category,stock\n"
        "mug,Mug,12.50,15,Holds a pint.,Home,10\n"
        "jug,Jug,20.00,25,Holds more.,Home,10\n"
    )
    result = load("price,name,sku,stock\n9.99,Mug,mug,4\n20,Jug,jug,\n20,Bowl,bowl,3\n")
    assert result.out == "1 created, 1 updated, 1 unchanged; stock changed for 2; 0 lines bad\n"
    assert prices() == {"mug": Decimal("9.99"), "jug": Decimal(20), "bowl": Decimal(20)}
    mug = Variant.objects.select_related("product").get(sku="mug")
    assert (mug.regular_price, mug.product.description) == (Decimal(15), "Holds a pint.")
    assert stock_of(mug.id) == (4, 0)
    assert stock_of(Variant.objects.get(sku="jug").id) == (10, 0)

    load("sku,name,price,regular_price,description,category\nmug,Mug,9.99,,,\n")
    mug = Variant.objects.select_related("product__category").get(sku="mug")
    # Empty: it is not reduced any more. What describes the product stays.
    assert mug.regular_price is None
    assert mug.product.description == "Holds a pint."
    assert str(mug.product.category) == "Home"


@pytest.mark.usefixtures("everything_agrees")
def test_what_is_published_with_stock_can_be_had_as_soon_as_the_news_arrives(load: Import) -> None:
    header = "sku,name,price,product,stock,published\n"
    load(f"{header}a,Shirt,20.00,shirt,5,no\nb,Shirt,22.00,shirt,0,yes\n")
    deliver_due()
    assert Product.objects.get().in_stock is False

    load(f"{header}a,Shirt,20.00,shirt,5,yes\nb,Shirt,22.00,shirt,0,yes\n")
    deliver_due()
    assert (Product.objects.get().in_stock, Product.objects.get().price) == (True, Decimal(20))

    load(f"{header}a,Shirt,20.00,shirt,5,no\nb,Shirt,22.00,shirt,0,yes\n")
    deliver_due()
    assert (Product.objects.get().in_stock, Product.objects.get().price) == (False, Decimal(22))


def test_unknown_columns_are_named_and_ignored(load: Import, file: Path) -> None:
    result = load("sku,colour,name,weight ,price,\nmug,red,Mug,1,12.50,\n")
    assert (result.status, prices()) == (0, {"mug": Decimal("12.50")})
    assert (
        result.err
        == f"{file}: columns that are not known are ignored: colour, weight, (no name).\n"
    )


def test_more_lines_than_are_written_at_once(load: Import) -> None:
    lines = "".join(f"sku-{number},Thing {number},1.00,{number}\n" for number in range(1201))
    result = load("sku,name,price,stock\n" + lines)
    assert result.out == (
        "1,201 created, 0 updated, 0 unchanged; stock changed for 1,200; 0 lines bad\n"
    )
    assert Variant.objects.count() == 1201
    assert stock_of(Variant.objects.get(sku="sku-1200").id) == (1200, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfsku,name,price\r\nmug,Caf\xc3\xa9 mug,12.50\r\n",
        'sku,name,price\r"mug","Café mug","12.50"\r'.encode(),
        "sku,name,price\n\nmug,Café mug,12.50".encode(),
    ],
    ids=["as Excel saves it", "as old Macs did", "without the last line end"],
)
def test_files_of_any_system_are_read(load: Import, content: bytes) -> None:
    assert load(content).status == 0
    assert Product.objects.get().name == "Café mug"


def test_another_encoding_can_be_named(load: Import) -> None:
    assert load("sku,name,price\nmug,Café,1\n".encode("cp1252"), encoding="cp1252").status == 0
    assert Product.objects.get().name == "Café"


# --- Locations ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("everything_agrees")
def test_stock_is_counted_at_the_location_that_is_named(load: Import) -> None:
    mug = put_on_sale("mug", price="1", stock=10, location="main")
    inventory.add_location(code="harbour", name="Harbour")
    result = load("sku,name,price,stock\nmug,Mug,1,4\n", location="harbour")
    assert (result.status, stock_of(mug)) == (0, (14, 0))
    load("sku,name,price,stock\nmug,Mug,1,6\n", location="harbour")
    levels = StockLevel.objects.filter(variant_id=mug).values_list("location__code", "on_hand")
    assert dict(levels) == {"main": 10, "harbour": 6}


def test_an_unknown_location_refuses_everything(load: Import) -> None:
    result = load("sku,name,price\nmug,Mug,1\n", location="moon")
    assert result.sentence == "There is no stock location 'moon'. Nothing was changed."
    assert (result.status, everything()) == (1, [])


# --- What comes in between ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "status", "sentence"),
    [
        (
            KeyboardInterrupt(),
            130,
            "Stopped. What was imported stays: run the same command again to go on.",
        ),
        (
            Busy(),
            1,
            "Stopped: others kept the database busy. Run the same command again to go on.",
        ),
        (
            DatabaseError("the disk is full."),
            1,
            "Stopped: the disk is full. "
            "What was imported stays: run the same command again to go on.",
        ),
    ],
    ids=["Ctrl-C", "busy", "failure"],
)
def test_an_import_that_is_stopped_goes_on_when_it_is_run_again(
    load: Import,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: BaseException,
    status: int,
    sentence: str,
) -> None:
    content = "sku,name,price,stock\n" + "".join(f"sku-{n},Thing,1.00,2\n" for n in range(5))
    monkeypatch.setattr(importing, "LINES_AT_ONCE", 2)
    calls = []

    def stumble(**rows: Any) -> Any:
        calls.append(rows)
        if len(calls) == 2:
            raise trouble
        return put_products(**rows)

    monkeypatch.setattr("shop.catalog.actions.put_products", stumble)

    assert load(content) == Result(
        status,
        "2 created, 0 updated, 0 unchanged; stock changed for 2; 0 lines bad\n",
        "",
        sentence,
    )
    assert sorted(prices()) == ["sku-0", "sku-1"]
    assert run_command(file).out == (
        "3 created, 0 updated, 2 unchanged; stock changed for 3; 0 lines bad\n"
    )
    assert sorted(prices()) == [f"sku-{number}" for number in range(5)]
    assert breaches() == []


# --- As a program ---------------------------------------------------------------------------------


def import_process(shop: Shop, *files: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*MANAGE, "import_catalogue", *map(str, files)],
        env=shop.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def imported_into(shop: Shop) -> list[str]:
    """Return the SKUs that came from a file, not with the shop."""
    with contextlib.closing(sqlite3.connect(f"file:{shop.database}?mode=ro", uri=True)) as database:
        found = database.execute("SELECT sku FROM catalog_variant WHERE sku LIKE 'test-%'")
        return [sku for (sku,) in found]


@pytest.mark.once
def test_as_a_program_it_is_silent_but_for_its_result(known_shop: Shop, file: Path) -> None:
    file.write_text("sku,name,price\ntest-mug,Mug,1.00\ntest-jug,Jug,free\n")
    process = import_process(known_shop, file)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == "1 created, 0 updated, 0 unchanged; stock changed for 0; 1 line bad\n"
    assert err == (
        f"{file}, line 3: the price 'free' is no number like 12.50\n"
        "CommandError: 1 line bad. The other lines were imported.\n"
    )
    assert imported_into(known_shop) == ["test-mug"]


@pytest.mark.long
def test_ctrl_c_keeps_what_was_imported_and_a_rerun_goes_on(known_shop: Shop, file: Path) -> None:
    lines = "".join(f"test-{number},Thing {number},1.00,3\n" for number in range(3000))
    file.write_text("sku,name,price,stock\n" + lines)
    process = import_process(known_shop, file)
    deadline = time.monotonic() + 60
    while not imported_into(known_shop) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert err.endswith("Stopped. What was imported stays: run the same command again to go on.\n")
    before = len(imported_into(known_shop))
    assert 0 < before < 3000
    assert before % 500 == 0
    rerun = import_process(known_shop, file)
    out, err = rerun.communicate(timeout=60)
    assert (rerun.returncode, err) == (0, "")
    assert out.startswith(f"{3000 - before:,} created, 0 updated, {before:,} unchanged;")
    assert len(imported_into(known_shop)) == 3000

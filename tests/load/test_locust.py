"""`make load` for real, in small: it passes where all is well, and fails where something is not."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from load import catalogue, goods
from tests.load.shops import FLASH, ROOT, Shop, opened

# The crowd shops on SQLite, whatever the other tests run on.
pytestmark = pytest.mark.once

# Adding to any cart fails, as with a full disk.
FAILS = "BEFORE INSERT ON cart_cartline BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
FAILED = (": 500 instead of 201 (server_error)", ": 500 instead of 302")
# Whatever is promised to a buyer comes back at once, so that nothing is ever sold out.
BOTTOMLESS = """AFTER UPDATE OF promised ON inventory_stocklevel WHEN NEW.promised > OLD.promised
    BEGIN UPDATE inventory_stocklevel SET on_hand = on_hand + NEW.promised - OLD.promised
    WHERE id = NEW.id; END"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with opened(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


def run(shop: Shop, report: Path, *words: str, flash: str) -> subprocess.CompletedProcess[str]:
    """Send a crowd that wants the product called `flash`."""
    product = next(each for each in catalogue.read(shop.url).products if each.name == flash)
    where = ["--url", shop.url, "--flash", str(product.id), "--report", str(report)]
    return subprocess.run(
        [sys.executable, "-m", "load.running", *where, *words],
        cwd=ROOT,
        env=shop.environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.long
def test_a_crowd_that_is_served_well(shop: Shop, tmp_path: Path) -> None:
    crowd = ["--users", "15", "--time", "11s", "--slack", "40"]
    done = run(shop, tmp_path, *crowd, flash=goods.FLASH_NAME)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.splitlines()[-1] == "passed"
    # What fifteen people come to in so short a time is up to chance; never more than there is.
    assert re.search(r"\b[1-3] of 3 flash units sold", done.stdout)
    assert "The database was audited" in done.stdout
    assert f"report: {tmp_path / 'report.html'}" in done.stdout
    assert "Locust" in (tmp_path / "report.html").read_text(encoding="utf-8")
    entries = json.loads((tmp_path / "stats.json").read_text(encoding="utf-8"))
    groups = {entry["name"].split()[0] for entry in entries}
    assert groups >= {"pages", "files", "order"}
    with (tmp_path / "stats_stats.csv").open(encoding="utf-8", newline="") as file:
        assert {row["Failure Count"] for row in csv.DictReader(file)} == {"0"}


@pytest.mark.long
def test_an_error_fails_it(shop: Shop, tmp_path: Path) -> None:
    crowd = ["--users", "4", "--time", "7s", "--slack", "40", "--only", "FlashBuyer"]
    with shop.broken_by(FAILS):
        done = run(shop, tmp_path, *crowd, flash=FLASH[0])

    assert done.returncode == 1, done.stdout
    said = done.stdout.split("failed:\n")[1].splitlines()
    assert said
    assert all(
        line.strip().endswith(("500 instead of 201 (server_error)", "500 instead of 302"))
        for line in said
    )


@pytest.mark.long
def test_an_oversell_fails_it(shop: Shop, tmp_path: Path) -> None:
    crowd = ["--users", "4", "--time", "7s", "--slack", "40", "--only", "FlashBuyer"]
    with shop.broken_by(BOTTOMLESS):
        done = run(shop, tmp_path, *crowd, flash=FLASH[1])

    assert done.returncode == 1, done.stdout
    said = done.stdout.split("failed:\n")[1]
    assert "  audit: stock-ledger: " in said
    assert "were acknowledged, of 2\n" in said
    assert "are allocated, of 2\n" in said


@pytest.mark.long
def test_a_missed_threshold_fails_it(shop: Shop, tmp_path: Path) -> None:
    crowd = ["--users", "6", "--time", "5s", "--slack", "0.01", "--only", "Browser"]
    done = run(shop, tmp_path, *crowd, flash=FLASH[2])

    assert done.returncode == 1, done.stdout
    said = done.stdout.split("failed:\n")[1].splitlines()
    assert [line for line in said if line.startswith("  missed: files took ")]
    assert said[-1].endswith("at least 96.0 are wanted")
    assert all(line.startswith("  missed: ") for line in said), said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--users", "many"], "USERS is 'many'; it must be a number from 1 to 10,000."),
        (["--users", "0"], "USERS is '0'; it must be a number from 1 to 10,000."),
        (["--time", "soon"], "TIME is 'soon'; it must be like 90, 60s, 5m or 1h."),
        (["--time", "0s"], "TIME is '0s'; it must be like 90, 60s, 5m or 1h."),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(words: list[str], sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "load.running", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == f"The load test cannot run: {sentence}\n"


def test_only_locusts_own_process_is_patched() -> None:
    """Importing Locust changes sockets and threads for everybody; the tests import all of this."""
    modules = "load.running, load.own_shop, load.pages, load.proof, load.proving, load.verdict"
    program = f"import sys, {modules}; print(sorted({{'gevent', 'locust'}} & {{*sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"

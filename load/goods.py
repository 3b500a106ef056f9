"""What a load test sells: plenty of the demo's goods, and one product of which there is little."""

import csv
from pathlib import Path

from load.catalogue import PLENTY

DEMO = Path(__file__).resolve().parent.parent / "shop" / "ops" / "demo" / "catalogue.csv"
FLASH_SKU = "kettle-last-batch"
FLASH_NAME = "Copper kettle, the last batch"
_STOCK = str(PLENTY * 1_000)


def flash_stock(users: int) -> int:
    """Return of how much too little is: one and a half for each of those who want it."""
    return max(3, users * 12 // 100)


def write(path: Path, *, flash_units: int) -> None:
    """Write a catalogue that `manage.py import_catalogue` reads."""
    with DEMO.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        # What the demo has sold out stays so: that is a page, too.
        row["stock"] = _STOCK if row["stock"] not in {"", "0"} else row["stock"]
    flash = dict.fromkeys(rows[0], "") | {
        "sku": FLASH_SKU,
        "name": FLASH_NAME,
        "description": "There is no more copper like this.",
        "category": rows[0]["category"],
        "price": "49.00",
        "stock": str(flash_units),
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows([*rows, flash])

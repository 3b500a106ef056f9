"""What is made and looked up in the measured shop itself.

`python -m load.bench.inside facts --many`, `… buyers FILE --count 100 [--hot]`, and for a flash
sale `… flash-sale FILE --count 5000 --units 1000` and `… sold VARIANT`.
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django

from load.bench import shots


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m load.bench.inside")
    words = parser.add_subparsers(dest="word", required=True)
    facts = words.add_parser("facts")
    facts.add_argument("--many", action="store_true")
    buyers = words.add_parser("buyers")
    buyers.add_argument("file", type=Path)
    buyers.add_argument("--count", type=int, required=True)
    buyers.add_argument("--hot", action="store_true")
    sale = words.add_parser("flash-sale")
    sale.add_argument("file", type=Path)
    sale.add_argument("--count", type=int, required=True)
    sale.add_argument("--units", type=int, required=True)
    orders = words.add_parser("orders")
    orders.add_argument("file", type=Path)
    orders.add_argument("--at", type=float, required=True)
    orders.add_argument("--warm-up", type=float, required=True)
    orders.add_argument("--seconds", type=float, required=True)
    words.add_parser("sold").add_argument("variant", type=int)
    said = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
    django.setup()
    # Models can be imported only from here on.
    filling = importlib.import_module("load.bench.inside.filling")
    if said.word == "facts":
        _say(filling.facts(many=said.many))
    elif said.word == "orders":
        ordering = importlib.import_module("load.bench.inside.ordering")
        pairs = shots.buyers_in(said.file)
        begins_at = said.at + said.warm_up
        _say(ordering.place(pairs, at=said.at, from_=begins_at, until=begins_at + said.seconds))
    elif said.word == "sold":
        _say(filling.sold(said.variant))
    elif said.word == "flash-sale":
        variant_id, pairs = filling.flash_sale(units=said.units, count=said.count)
        _write(said.file, pairs)
        _say({"variant": variant_id})
    else:
        _write(said.file, filling.buyers(count=said.count, hot=said.hot))


def _say(facts: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")


def _write(file: Path, pairs: Sequence[tuple[str, str]]) -> None:
    file.write_text("".join(f"{json.dumps(pair)}\n" for pair in pairs))


if __name__ == "__main__":
    main()

"""`python -m load.bench.inside facts`, or `… buyers FILE --count 100 [--hot]`."""

import argparse
import importlib
import json
import os
import sys
from pathlib import Path

import django


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m load.bench.inside")
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser("facts")
    buyers = words.add_parser("buyers")
    buyers.add_argument("file", type=Path)
    buyers.add_argument("--count", type=int, required=True)
    buyers.add_argument("--hot", action="store_true")
    said = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
    django.setup()
    # Models can be imported only from here on.
    filling = importlib.import_module("load.bench.inside.filling")
    if said.word == "facts":
        sys.stdout.write(json.dumps(filling.facts()) + "\n")
    else:
        pairs = filling.buyers(count=said.count, hot=said.hot)
        said.file.write_text("".join(f"{json.dumps(pair)}\n" for pair in pairs))


if __name__ == "__main__":
    main()

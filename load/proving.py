"""Says which promises the database of the shop does not keep.

    python -m load.proving var/load/journal.jsonl

It prints a line for each, and exits with 1 if there is any. Which database that is, the environment
says, as for `manage.py`.
"""

import os
import sys
from pathlib import Path

import django

from load import journal


def main(path: str) -> int:
    """Look up everything that the journal says."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
    django.setup()
    # There are models to import only now.
    from load.promises import breaches  # noqa: PLC0415

    found = list(breaches(journal.read(Path(path))))
    sys.stdout.writelines(f"{breach}\n" for breach in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))

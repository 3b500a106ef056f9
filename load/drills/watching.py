"""Looking at the shop's news twice a second: how many wait, and how many of them for too long.

`python -m load.drills.watching FILE` writes a line for each look, until it is ended. It goes to the
database itself, and by no way that somebody may cut.
"""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import django

from load.drills.growing import GrowingFile

_BETWEEN_LOOKS = 0.5
# News that is so old, and no older: what waits for a lease of somebody who died is held back.
_LATE, _HELD_BACK = timedelta(seconds=3), timedelta(seconds=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How many events wait: `late` ones of just now, and `held_back` ones of before."""

    at: float
    waiting: int
    late: int
    held_back: int


class Looks:
    """The file in which the watcher writes, read along."""

    def __init__(self, path: Path) -> None:
        self._file = GrowingFile(path)
        self._all: list[Look] = []

    def between(self, begin: float, end: float) -> list[Look]:
        """Return the looks from then until then."""
        self._all += [Look(**facts) for facts in self._file.new()]
        return [look for look in self._all if begin <= look.at < end]


def main(file: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
    django.setup()
    # There are models, and connections, only now.
    from django.db import Error, connection  # noqa: PLC0415

    with Path(file).open("a", encoding="utf-8", buffering=1) as looks:
        while True:
            try:
                looks.write(json.dumps(asdict(_look())) + "\n")
            except Error:
                connection.close()
            time.sleep(_BETWEEN_LOOKS)


def _look() -> Look:
    from django.utils import timezone  # noqa: PLC0415

    from shop.events.queries import MOST_COUNTED, waiting  # noqa: PLC0415

    now = timezone.now()
    young, old = now - _LATE, now - _HELD_BACK
    late = waiting().filter(created_at__lt=young, created_at__gte=old)
    return Look(
        at=time.time(),
        waiting=waiting().count(),
        late=late[:MOST_COUNTED].count(),
        held_back=waiting().filter(created_at__lt=old)[:MOST_COUNTED].count(),
    )


if __name__ == "__main__":
    main(sys.argv[1])

"""Says which news of a drill did not have each of its effects, or had one twice.

`python -m load.drills.proving SPANS LETTERS` reads when each cell began and ended, as JSON, and
looks into the folder of letters. It prints a line of JSON for each breach: of which cell, and what.
Which database that is, the environment says, as for `manage.py`.
"""

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import django

from load.drills.spans import Span


def main(spans: str, letters: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
    django.setup()
    # There are models to import only now.
    from load.drills import effects  # noqa: PLC0415

    cells = [Span(**span) for span in json.loads(Path(spans).read_text(encoding="utf-8"))]
    sent = effects.numbers_of(Path(letters))
    for cell in cells:
        _say(cell, effects.breaches(cell, sent))
    _say(cells[-1], effects.dead_letters())


def _say(cell: Span, breaches: Iterable[str]) -> None:
    for said in breaches:
        sys.stdout.write(json.dumps({"cell": cell.cell, "said": said}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

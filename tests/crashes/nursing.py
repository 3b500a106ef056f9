"""Having work done by processes that may not survive it."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from shop.ops.tests.commands import database_url

PATIENCE_SECONDS = 60


@dataclass(slots=True)
class Ended:
    """How a process ended: by its last line (0) or by force, after what, and at which point."""

    status: int = 0
    answers: list[str] = field(default_factory=list)
    point: str = ""


class Nursery:
    """A process that has a child of its own do each piece of work."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def play(
        self, script: str, *, end_at: int | str = 0, torn: bool = False, **facts: Any
    ) -> Ended:
        """Have a script played up to a point, and say how that ended."""
        assert self._process.stdin is not None
        wish = {"script": script, "facts": facts, "end_at": end_at, "torn": torn}
        self._process.stdin.write(f"{json.dumps(wish)}\n")
        self._process.stdin.flush()
        ended = Ended()
        while "ended" not in (said := self.hear()):
            ended.point = said.get("point", ended.point)
            ended.answers += [said["answer"]] if "answer" in said else []
        ended.status = said["ended"]
        return ended

    def hear(self) -> dict[str, Any]:
        """Return the next thing that is said."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the nursery has ended: see what it wrote"
        said: dict[str, Any] = json.loads(line)
        return said


@contextlib.contextmanager
def opened() -> Iterator[Nursery]:
    """Open one on the database of this test, and close it with whoever is still at work there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crashes.nursery"],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DATABASE_URL": database_url(), "ALLOWED_HOSTS": "testserver", "THROTTLE": "off"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            nursery = Nursery(process)
            assert nursery.hear() == {"ready": True}
            yield nursery
        finally:
            process.kill()

"""A file of JSON lines that somebody else writes, read along as it grows."""

import json
from pathlib import Path
from typing import Any


class GrowingFile:
    """What has been written since it was read last, line by line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0
        # The line that is being written.
        self._rest = b""

    def new(self) -> list[dict[str, Any]]:
        """Return the lines that have become whole since then; none while there is no file."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._place)
            text = file.read()
            self._place = file.tell()
        *lines, self._rest = (self._rest + text).split(b"\n")
        return [json.loads(line) for line in lines]

"""Full carts, from a file that may grow while they are taken out of it."""

import json
from pathlib import Path


class FullCarts:
    """Carts with the tokens of their owners, a line of JSON each."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._place = 0

    def read_from(self, path: Path) -> None:
        """Take carts from there from now on."""
        self._path, self._place = path, 0

    def next(self) -> tuple[str, str] | None:
        """Return a token and a cart that nobody else has got; None while there are none."""
        if self._path is None:
            return None
        with self._path.open("rb") as file:
            file.seek(self._place)
            line = file.readline()
        if not line.endswith(b"\n"):
            # None yet, or one that is being written.
            return None
        self._place += len(line)
        token, cart = json.loads(line)
        return token, cart


full_carts = FullCarts()

"""How values lie in Redis: nothing that runs when it is read, and nothing believed out of its era.

A whole number is a counter and lies there bare, as INCRBY needs it. Everything else is kept with
the era in which it was written, and is believed in that era alone. The word `w` says that the key
was withdrawn: nothing is to be kept under it for a while.
"""

import json
import secrets
from typing import Any, Final

# Django's caches tell a missing key from a None that was kept.
MISSING: Final = object()
WITHDRAWN: Final = b"w"
_ERA_LENGTH = 12
# Before what was kept in an era stands this letter, with which no number begins.
_MARK = b"e"
_JSON, _BYTES = b"j", b"b"


def new_era() -> str:
    """Return a name that no era ever had."""
    return secrets.token_urlsafe(_ERA_LENGTH * 3 // 4)


def is_counter(value: object) -> bool:
    return type(value) is int


def packed(value: Any) -> bytes:
    """Return bytes for a value: bytes themselves, or what JSON can say.

    Tuples come back as lists, and keys of dictionaries as text, as they do from a session. Raises
    TypeError for anything else.
    """
    if isinstance(value, bytes):
        return _BYTES + value
    return _JSON + json.dumps(value, separators=(",", ":")).encode()


def unpacked(raw: bytes | None, *, era: bytes | None) -> Any:
    """Return the value, or MISSING for what is not there, withdrawn, or not of this era."""
    if raw is None or raw == WITHDRAWN:
        return MISSING
    try:
        if raw[:1] != _MARK:
            return int(raw)
        return _of_era(raw[1:], era)
    except ValueError:
        # Somebody else has written it, or half of it.
        return MISSING


def _of_era(raw: bytes, era: bytes | None) -> Any:
    if era is None or raw[:_ERA_LENGTH] != era:
        return MISSING
    kind, body = raw[_ERA_LENGTH : _ERA_LENGTH + 1], raw[_ERA_LENGTH + 1 :]
    if kind == _BYTES:
        return body
    return json.loads(body) if kind == _JSON else MISSING

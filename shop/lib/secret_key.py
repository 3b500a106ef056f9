"""A secret key that is made once and kept in a file only its owner can read."""

import contextlib
import os
import secrets
from pathlib import Path


class SecretKeyUnavailableError(Exception):
    """The file can neither be read nor written; the message says why."""


def read_or_create_secret_key(path: Path) -> str:
    """Return the key kept at `path`, making one on the first call.

    Two processes that start together agree: the file appears whole or not at all, and whoever is
    second reads what the first one wrote. Raises SecretKeyUnavailableError.
    """
    try:
        if not path.exists():
            _create(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretKeyUnavailableError(str(error)) from error
    if not key:
        raise SecretKeyUnavailableError(f"{path} is empty")
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            # A link is made only where nothing is yet, unlike a rename.
            os.link(draft, path)
    finally:
        draft.unlink()

"""Makes the passwords of a composed shop, once, so that nobody has to think of any.

    python -m deploy.docker.make_secrets FOLDER

Each is a file that its owner and its group can read. What is there already stays; it may run as
often as one likes, and several times at once.
"""

import contextlib
import os
import secrets
import sys
from pathlib import Path

# What the containers of databases are called in compose.yaml.
_URLS = {
    "postgresql_url": "postgres://novashop:{password}@postgresql:5432/novashop",
    "mysql_url": "mysql://novashop:{password}@mysql:3306/novashop",
}
_BROKER_URL = "amqp://novashop:{password}@rabbitmq:5672//"
_BROKER_SETTINGS = "default_user = novashop\ndefault_pass = {password}\n"
_FOR_OWNER_AND_GROUP = 0o440


def make(folder: Path) -> None:
    """Make what is missing in the folder. Raises OSError."""
    password = _kept(folder / "database_password", secrets.token_urlsafe(32))
    _kept(folder / "database_root_password", secrets.token_urlsafe(32))
    _kept(folder / "grafana_password", secrets.token_urlsafe(16))
    for name, url in _URLS.items():
        _kept(folder / name, url.format(password=password))
    password = _kept(folder / "rabbitmq_password", secrets.token_urlsafe(32))
    _kept(folder / "rabbitmq.conf", _BROKER_SETTINGS.format(password=password))
    _kept(folder / "rabbitmq_url", _BROKER_URL.format(password=password))


def _kept(path: Path, text: str) -> str:
    """Return what the file says; if there is none, it says `text` from now on."""
    if not path.exists():
        _create(path, text)
    return path.read_text(encoding="ascii")


def _create(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        draft.chmod(_FOR_OWNER_AND_GROUP)
        with contextlib.suppress(FileExistsError):
            # Made whole, and only where nothing is yet, unlike by a rename.
            os.link(draft, path)
    finally:
        draft.unlink()


if __name__ == "__main__":
    try:
        make(Path(sys.argv[1]))
    except OSError as error:
        sys.exit(f"The shop's passwords cannot be made: {error}")

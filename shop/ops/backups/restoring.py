"""Putting a shop back from its backup: all of it is looked at before anything is changed."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import Error as AnyDatabaseError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from shop.lib.patience import unhurried
from shop.ops.backups import facts, kinds, leaping, media
from shop.ops.backups.archive import Entry, entries
from shop.ops.backups.copies import kind_of, version_of
from shop.ops.backups.facts import About, Manifest, Stock
from shop.ops.backups.places import check_room, workplace
from shop.ops.backups.problems import BackupError, HalfwayError, write_problem

# What the descriptions in a backup can be long at most.
_MOST_FACTS = 16 << 20
_UNTIL_MANY = 5

Tell = Callable[[str], None]
Take = Callable[[Entry], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that has been read from its beginning to its end, and is whole."""

    path: Path
    about: About
    manifest: Manifest


def check(path: Path) -> Backup:
    """Read all of a backup, and change nothing. Raises BackupError for one that is not whole."""
    return _read(path, database=_skip, picture=_skip)


def check_fits(backup: Backup) -> None:
    """Refuse a backup of another kind of database, or of a newer release. Raises BackupError."""
    theirs = backup.about.database
    with _database_trouble():
        ours = kind_of(connection)
        if ours != theirs.kind:
            raise BackupError(
                f"it is the backup of a shop on {theirs.kind}, and DATABASE_URL names {ours}"
            )
        version = version_of(connection)
    if ours != "sqlite" and _numbers(version) < _numbers(theirs.version):
        raise BackupError(
            f"it is the backup of {ours} {theirs.version}, and this server is older: {version}"
        )
    _check_migrations(backup.about)


def _numbers(version: str) -> tuple[int, ...]:
    """Return what makes a release of a server: its first number, of MariaDB the first two."""
    numbers = [int(part) for part in version.split(".") if part.isdigit()]
    return tuple(numbers[: 1 if connection.vendor == "postgresql" else 2])


def _check_migrations(about: About) -> None:
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    replaced = {
        f"{app}.{name}"
        for migration in loader.disk_migrations.values()
        for app, name in migration.replaces
    }
    unknown = sorted({*about.migrations} - known - replaced)
    if unknown:
        raise BackupError(
            f"it is the backup of another release, {about.version}, and this one, "
            f"{settings.VERSION}, does not know of its {_list(unknown)}"
        )


def target_has_anything() -> bool:
    """Tell whether there is a shop that a restore would replace."""
    there = _target()
    return there is None or there.has_anything() or media.has_any(Path(settings.MEDIA_ROOT))


def _target() -> Stock | None:
    """Return what is there now; None where that cannot be read any more."""
    with _database_trouble():
        found: Stock | None = kinds.BY_VENDOR[connection.vendor].stock_of(connection)
        return found


def restore(backup: Backup, *, tell: Tell) -> None:
    """Put the shop of a backup in the place of whatever is there.

    Raises BackupError, and until the last piece of it has been read and found right nothing of the
    old shop has changed. What fails later, or on MariaDB in the middle, is a HalfwayError.
    """
    connection.close()
    before = _target()
    _put_in_place(backup, tell=tell)
    with _halfway(), _database_trouble(), unhurried():
        _check_stock(backup)
        _bring_up_to_date()
        stocks = [backup.manifest.stock, facts.stock_of(connection), *([before] if before else [])]
        leaping.leap(connection, beyond=stocks)
        cache.clear()
        _audit(tell)


def _put_in_place(backup: Backup, *, tell: Tell) -> None:
    root = Path(settings.MEDIA_ROOT)
    aside = f"before-{datetime.now(UTC):%Y-%m-%dT%H%M%S.%fZ}"
    vendor = kinds.BY_VENDOR[connection.vendor]
    copied_by = backup.about.database.copied_by
    with _database_trouble(), vendor.alone(connection):
        _make_folder(root)
        with workplace(root) as place:
            check_room(place, needed=backup.manifest.media_bytes)
            new = place / "new"
            new.mkdir()
            with vendor.loading(connection, aside=aside, copied_by=copied_by, tell=tell) as write:
                _put(backup, write=write, folder=new)
            with _halfway():
                _hang(root, new=new, aside=root / f".{aside}", tell=tell)


@contextlib.contextmanager
def _halfway() -> Iterator[None]:
    """From here on, what ends us says that the database is back."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as error:
        raise HalfwayError(
            "it was stopped after the database came back; run the same command again"
        ) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_problem(error, place=folder) from error


def _put(backup: Backup, *, write: Callable[[bytes], object], folder: Path) -> None:
    def database(entry: Entry) -> None:
        for piece in entry.pieces():
            write(piece)

    again = _read(backup.path, database=database, picture=lambda one: media.put(one, folder=folder))
    if again != backup:
        raise BackupError("the backup was changed while it was read")


def _hang(root: Path, *, new: Path, aside: Path, tell: Tell) -> None:
    try:
        had_any = media.swap(root, new=new, aside=aside)
    except OSError as error:
        raise HalfwayError(
            f"the database is back, and the pictures cannot be put into {root} "
            f"({error.strerror}); what was there is in {aside}. Run the same command again"
        ) from error
    if had_any:
        tell(f"The pictures of before are in {aside}; remove them when you are sure.")


def _check_stock(backup: Backup) -> None:
    """Refuse to call it the same shop where rows are missing. Raises BackupError."""
    found, expected = facts.stock_of(connection), backup.manifest.stock
    if backup.manifest.is_exact:
        wrong = [table for table, rows in expected.rows.items() if found.rows.get(table) != rows]
    else:
        # Orders are never removed, so those that were counted before are all there.
        wrong = [facts.ORDERS] * (_orders(found) < _orders(expected))
    if wrong:
        raise HalfwayError(f"the database is back, but rows are missing in {_list(wrong)}")


def _orders(stock: Stock) -> int:
    return stock.rows.get(facts.ORDERS, 0)


def _bring_up_to_date() -> None:
    # Numbers of before, should this process have seen them.
    ContentType.objects.clear_cache()
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except Exception as error:  # a migration may fail in every way there is
        raise HalfwayError(
            f"the shop is back as it was, but its tables cannot be brought up to date: {error}. "
            "`manage.py migrate` tries it again"
        ) from error


def _audit(tell: Tell) -> None:
    try:
        call_command("audit", stdout=_Lines(tell))
    except CommandError as error:
        raise HalfwayError(
            f"the shop is back, and the audit finds that it was not well: {error}"
        ) from error


class _Lines:
    """A stream for what a command says, a line at a time."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def write(self, text: str) -> None:
        if text.strip():
            self._tell(f"Audit: {text.strip()}")

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        """Tell that nobody looks."""
        return False


# --- Reading --------------------------------------------------------------------------------------


def _read(path: Path, *, database: Take, picture: Take) -> Backup:
    """Read a backup from its beginning to its end, and hand on what is in it, in its order."""
    about: About | None = None
    manifest: Manifest | None = None
    with _opened(path) as found:
        for entry in found:
            if about is None:
                about = facts.about_from_json(_named(entry, "about.json"))
            elif manifest is not None:
                raise BackupError(f"it is no backup of NovaShop: it goes on with {entry.name!r}")
            elif entry.name == "manifest.json":
                manifest = facts.manifest_from_json(_named(entry, "manifest.json"))
            elif entry.name.startswith("database/"):
                database(entry)
            else:
                media.check_name(entry.name)
                picture(entry)
    if about is None or manifest is None:
        raise BackupError("it is no backup of NovaShop: it does not say what is in it")
    return Backup(path=path, about=about, manifest=manifest)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Iterator[Entry]]:
    try:
        with path.open("rb") as stream:
            yield entries(stream)
    except OSError as error:
        raise BackupError(f"{path} cannot be read ({error.strerror})") from error


def _named(entry: Entry, name: str) -> bytes:
    if entry.name != name:
        raise BackupError(f"it is no backup of NovaShop: it begins with {entry.name!r}")
    return entry.read(at_most=_MOST_FACTS)


def _skip(_entry: Entry) -> None:
    """Entries are read to their ends by whoever hands them out."""


def _list(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _UNTIL_MANY} more" if len(listed) > _UNTIL_MANY else ""
    return ", ".join(listed[:_UNTIL_MANY]) + more


@contextlib.contextmanager
def _database_trouble() -> Iterator[Any]:
    try:
        yield
    except AnyDatabaseError as error:
        raise BackupError(f"the database failed: {error}") from error

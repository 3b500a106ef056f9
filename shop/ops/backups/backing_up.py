"""Putting the whole shop into one file, while it is open."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import connection

from shop.lib.patience import unhurried
from shop.ops import preflight
from shop.ops.backups import kinds, media
from shop.ops.backups.archive import Writer, pieces_of
from shop.ops.backups.copies import Copy, in_entries
from shop.ops.backups.facts import About, Manifest, as_json
from shop.ops.backups.media import Held
from shop.ops.backups.places import check_room, new_file, workplace
from shop.ops.backups.problems import BackupError

# Missing pictures are named up to here, and counted beyond.
_MOST_MISSING = 1000
_OPEN_TO_NOBODY = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A backup that was made."""

    about: About
    manifest: Manifest


def back_up_to(path: Path) -> Done:
    """Write a backup to a file that is not there yet. Raises BackupError, and leaves nothing."""
    with workplace(path.parent) as place, new_file(path, place=place) as file:
        return _back_up(file, place=place, is_on_disk=True)


def back_up_into(stream: IO[bytes]) -> Done:
    """Write a backup to a stream, which needs no room here but for SQLite's copy.

    Raises BackupError; what was written by then is no backup.
    """
    with workplace(Path(settings.DATA_DIR)) as place:
        return _back_up(stream, place=place, is_on_disk=False)


def path_for(wish: str) -> Path:
    """Return the file that a backup goes to: itself, or one in the folder, named after the time.

    Folders are made, for the owner alone. Raises BackupError.
    """
    path = Path(wish)
    folder = path if path.is_dir() or wish.endswith("/") else path.parent
    try:
        folder.mkdir(mode=_OPEN_TO_NOBODY, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"{folder} cannot be made ({error.strerror})") from error
    return folder / f"novashop-{_now():%Y-%m-%dT%H%M%SZ}.tar" if folder == path else path


def _back_up(stream: IO[bytes], *, place: Path, is_on_disk: bool) -> Done:
    _check_database()
    now = _now()
    with unhurried(), media.holding(Path(settings.MEDIA_ROOT)) as held:
        if is_on_disk:
            check_room(place, needed=held.size())
        with _copying(place) as copy, Writer(stream, taken_at=int(now.timestamp())) as writer:
            # Pictures of the last moment, which the copy shows already.
            held.hold()
            about = _about(copy, now)
            writer.add("about.json", as_json(about))
            for number, piece in enumerate(in_entries(copy.pieces), start=1):
                writer.add(f"database/{number:08}", piece)
            held.hold()
            manifest = _write_media(writer, copy, held)
            writer.add("manifest.json", as_json(manifest))
            writer.finish()
    return Done(about=about, manifest=manifest)


def _about(copy: Copy, now: datetime) -> About:
    return About(
        version=settings.VERSION,
        taken_at=f"{now:%Y-%m-%d %H:%M:%S} UTC",
        database=copy.facts,
        migrations=copy.migrations,
    )


def _check_database() -> None:
    try:
        preflight.check_database(connection)
    except preflight.CannotStartError as error:
        raise BackupError(str(error)) from error
    if "django_migrations" not in connection.introspection.table_names():
        place = preflight.describe_database(connection)
        raise BackupError(f"the database {place} is still empty: there is nothing to back up")


@contextlib.contextmanager
def _copying(place: Path) -> Iterator[Copy]:
    try:
        with kinds.BY_VENDOR[connection.vendor].copying(connection, place) as copy:
            yield copy
    except AnyDatabaseError as error:
        raise BackupError(f"the database failed: {error}") from error


def _write_media(writer: Writer, copy: Copy, held: Held) -> Manifest:
    """Add the files, and find out whether each picture that the copy shows is among them."""
    files = size = 0
    for name, path in held.files():
        try:
            with path.open("rb") as file:
                length = path.stat().st_size
                writer.add_pieces(f"{media.FOLDER}{name}", pieces_of(file), size=length)
        except FileNotFoundError:
            continue
        except PermissionError as error:
            raise BackupError(f"{path} cannot be read ({error.strerror})") from error
        files, size = files + 1, size + length
    missing = sorted({name for name in copy.pictures() if not held.has(name)})
    return Manifest(
        stock=copy.stock,
        is_exact=copy.is_exact,
        media_files=files,
        media_bytes=size,
        missing_pictures=tuple(missing[:_MOST_MISSING]),
    )


def _now() -> datetime:
    return datetime.now(UTC)

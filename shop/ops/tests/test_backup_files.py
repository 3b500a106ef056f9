"""Files that are no backup, or not what they were: refused in a sentence, and nothing changes."""

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from shop.ops.backups import archive, restoring, sqlite
from shop.ops.backups.copies import gzipped
from shop.ops.backups.problems import BackupError
from shop.ops.tests import losing

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

Change = Callable[[str, bytes], tuple[str, bytes]]


@pytest.fixture
def backup(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The backup of a small shop, which is still there."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(sqlite, "SECONDS_TO_LOOK", 0.0)
    losing.furnish(orders=1)
    losing.back_up(tmp_path / "shop.tar")
    return tmp_path / "shop.tar"


def refusal(file: Path) -> str:
    """Try to restore it in place of the shop there is; return the refusal."""
    before = losing.belongings()
    with pytest.raises(CommandError) as caught:
        losing.restore(file, replace=True, yes=True)
    assert losing.belongings() == before
    said = str(caught.value)
    assert said.startswith("Nothing was changed: ")
    return said.removeprefix("Nothing was changed: ")


def test_no_byte_of_it_may_be_missing_or_another(backup: Path) -> None:
    """Padding and the tar's own headers as well: what is not as it was is not believed."""
    whole = backup.read_bytes()

    for cut in [*range(1, 1500, 100), *range(512, len(whole), 512 * 5), len(whole) - 1]:
        with pytest.raises(BackupError, match=r"^the backup is cut short$|^it is no backup"):
            _read_through(whole[:cut])
    for place in [*range(0, 1024, 5), *range(1024, len(whole), 331), *range(len(whole))[-1100::7]]:
        changed = bytearray(whole)
        changed[place] ^= 1 << (place % 8)
        with pytest.raises(BackupError):
            _read_through(bytes(changed))
    with pytest.raises(BackupError):
        _read_through(whole + b"\0")
    _read_through(whole)


def _read_through(data: bytes) -> None:
    for _ in archive.entries(io.BytesIO(data)):
        pass


def test_files_that_are_no_backup_or_not_what_they_were(backup: Path) -> None:
    away = backup.with_name("away.tar")
    assert refusal(away) == f"{away} cannot be read (No such file or directory)."

    whole = backup.read_bytes()
    for data, said in _bad_files(whole):
        backup.write_bytes(data)
        assert refusal(backup).startswith(said)


def _bad_files(whole: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield what a file can be instead of a backup, and what is said of it."""
    none = "it is no backup of NovaShop."
    yield from ((data, none) for data in (b"", b"nothing of the kind", bytes(9000), b"PK" * 9000))
    yield _tar_of_somebody_else(), none
    yield whole[: len(whole) // 2], "the backup is cut short."
    name = next(name for name in losing.pictures() if name.endswith(".webp"))
    picture = bytearray(whole)
    picture[whole.index(f"media/{name}".encode()) + 512 + 20] ^= 1
    yield bytes(picture), f"the backup is damaged: media/{name} is not what it was."
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        info = tarfile.TarInfo("media/evil")
        info.type, info.linkname = kind, "/etc/passwd"
        place = whole.index(b"manifest.json")
        link = whole[:place] + info.tobuf(tarfile.USTAR_FORMAT) + whole[place:]
        yield link, "the backup is damaged before byte "


def _tar_of_somebody_else() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(__file__, arcname="about.json")
    return out.getvalue()


# --- Made by somebody who means harm, or by another release: every hash is right ---------------


def as_it_was(name: str, data: bytes) -> tuple[str, bytes]:
    return name, data


def rewritten(
    whole: bytes, *, change: Change = as_it_was, more: tuple[tuple[str, bytes], ...] = ()
) -> bytes:
    """Return the backup written anew, as the shop would, with other entries."""
    out = io.BytesIO()
    with archive.Writer(out, taken_at=1) as writer:
        for entry in archive.entries(io.BytesIO(whole)):
            data = b"".join(entry.pieces())
            if entry.name == "manifest.json":
                for extra in more:
                    writer.add(*extra)
            writer.add(*change(entry.name, data))
        writer.finish()
    return out.getvalue()


def test_names_that_lead_elsewhere(backup: Path) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(rewritten(whole))
    assert restoring.check(backup).manifest.media_files == 10

    for name in (
        *("media/../../evil", "/etc/evil", "media//etc/evil", "media/./evil", "media/.hidden"),
        *("media/pictures/..", "media/a\\b", "media/a\nb", "media/", "../evil", "secret_key"),
    ):
        backup.write_bytes(rewritten(whole, more=((name, b"evil"),)))
        around = sorted(backup.parent.rglob("*"))
        assert refusal(backup) == f"it is no backup of NovaShop: it has an entry {name!r}."
        assert sorted(backup.parent.rglob("*")) == around

    backup.write_bytes(rewritten(whole, more=(("media/a", b"1"), ("media/a", b"2"))))
    assert refusal(backup) == "the backup has media/a twice."
    backup.write_bytes(rewritten(whole, more=(("manifest.json", b"{}"),)))
    assert refusal(backup).startswith("what the backup says of itself cannot be read")


def test_what_it_says_of_itself(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = backup.read_bytes()
    unreadable = "what the backup says of itself cannot be read"
    for old, new, said in [
        (b'"format": 1', b'"format": 2', "the backup is of format 2, and this release reads 1"),
        (b'"kind": "sqlite"', b'"kind": "mariadb"', "it is the backup of a shop on mariadb, and"),
        (b'"shop": "NovaShop"', b'"shop": "Other"', "it is no backup of NovaShop"),
        (b'"migrations"', b'"Migrations"', unreadable),
        (b'"media_files"', b'"Media_files"', unreadable),
        (b"{", b"", unreadable),
    ]:
        change = _replacing(old, new, in_=".json")
        backup.write_bytes(rewritten(whole, change=change))
        assert refusal(backup).startswith(said)

    backup.write_bytes(whole)
    monkeypatch.setattr(restoring, "_MOST_FACTS", 100)
    assert refusal(backup) == "it is no backup of NovaShop: about.json is too large."


def _replacing(old: bytes, new: bytes, *, in_: str) -> Change:
    def change(name: str, data: bytes) -> tuple[str, bytes]:
        return name, data.replace(old, new) if name.endswith(in_) else data

    return change


def test_a_backup_of_a_newer_release(backup: Path) -> None:
    MigrationRecorder(connection).record_applied("catalog", "9999_from_the_future")
    newer = backup.with_name("newer.tar")
    try:
        losing.back_up(newer)

        assert refusal(newer) == (
            "it is the backup of another release, 0.1.0, and this one, 0.1.0, does not know of "
            "its catalog.9999_from_the_future."
        )
    finally:
        MigrationRecorder(connection).record_unapplied("catalog", "9999_from_the_future")


def test_a_database_that_is_none(backup: Path) -> None:
    no_database = b"".join(gzipped([b"no database" * 1000]))

    def change(name: str, data: bytes) -> tuple[str, bytes]:
        return name, no_database if name.startswith("database/") else data

    backup.write_bytes(rewritten(backup.read_bytes(), change=change))

    assert refusal(backup) == "the database in the backup is broken (file is not a database)."

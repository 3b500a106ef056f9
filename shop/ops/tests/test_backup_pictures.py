"""Pictures that come and go while a backup is made: each one that the copy shows is in it."""

import errno
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from shop.catalog import actions as catalog
from shop.catalog.models import ProductImage
from shop.ops.backups import backing_up, restoring, sqlite
from shop.ops.backups.copies import in_entries
from shop.ops.tests import losing
from tests.pictures import upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_what_dumps")]


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(sqlite, "SECONDS_TO_LOOK", 0.0)


def in_a_thread(work: Callable[[], None]) -> None:
    """Do it on another connection."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def remove_a_picture() -> None:
    """Take a picture away like somebody in the back office, and then the relay."""
    picture = ProductImage.objects.order_by("id")[0]
    catalog.remove_picture(picture_id=picture.id)
    catalog.clear_file(name=str(picture.file))
    assert not (Path(settings.MEDIA_ROOT) / str(picture.file)).exists()


def after_the_copy(monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]) -> None:
    """Let something happen when the database has been copied, and the pictures have not."""

    def then(pieces: Iterable[bytes]) -> Iterator[bytes]:
        yield from in_entries(pieces)
        in_a_thread(work)

    monkeypatch.setattr(backing_up, "in_entries", then)


def test_a_picture_that_is_removed_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losing.furnish(orders=1)
    before = losing.belongings()
    after_the_copy(monkeypatch, remove_a_picture)

    said = losing.back_up(tmp_path / "shop.tar")
    losing.restore(tmp_path / "shop.tar", replace=True, yes=True)

    assert "there is no such file" not in said
    assert losing.belongings() == before


def test_without_holding_it_would_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin of the test above, and what happens where the disk knows no links: it is told."""
    losing.furnish(orders=1)
    name = str(ProductImage.objects.order_by("id")[0].file)
    after_the_copy(monkeypatch, remove_a_picture)
    monkeypatch.setattr(Path, "hardlink_to", _no_links)

    said = losing.back_up(tmp_path / "shop.tar")

    assert f"{name} is shown in the shop, but there is no such file.\n" in said
    manifest = restoring.check(tmp_path / "shop.tar").manifest
    assert (manifest.missing_pictures, manifest.media_files) == ((name,), 5)


def _no_links(*_: Any) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_a_picture_that_comes_at_the_last_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy shows it, and the first look at the pictures has not seen it."""
    [variant_id, _] = losing.furnish(orders=1)
    [product_id] = losing.product_ids([variant_id])

    def come(*_: Any, **__: Any) -> None:
        catalog.add_picture(product_id=product_id, file=upload(losing.picture(7)))

    monkeypatch.setattr(backing_up, "check_room", come)
    said = losing.back_up(tmp_path / "shop.tar")
    monkeypatch.undo()
    before = losing.belongings()
    losing.lose()
    losing.restore(tmp_path / "shop.tar")

    assert "there is no such file" not in said
    assert losing.belongings() == before
    assert ProductImage.objects.count() == 3


@pytest.mark.once
def test_what_is_on_its_way_is_left_out_and_what_was_left_behind_is_removed(
    tmp_path: Path,
) -> None:
    losing.furnish(orders=1)
    media = Path(settings.MEDIA_ROOT)
    before = losing.pictures()
    (media / "pictures" / ".new.part").write_bytes(b"half a picture")
    for folder in (media, tmp_path):
        left_behind = folder / ".novashop-backup-killed"
        left_behind.mkdir()
        (left_behind / "backup.part").write_bytes(b"half a backup")
        os.utime(left_behind, (time.time() - 3600,) * 2)
    somebodys = tmp_path / ".novashop-backup-at-work"
    somebodys.mkdir()

    losing.back_up(tmp_path / "shop.tar")

    assert sorted(path.name for path in tmp_path.iterdir()) == [somebodys.name, "media", "shop.tar"]
    assert sorted(path.name for path in media.iterdir()) == ["pictures"]
    assert restoring.check(tmp_path / "shop.tar").manifest.media_files == len(before)

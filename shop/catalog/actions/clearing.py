"""Files of pictures that nobody shows any more.

Rows share files, and a row may be on its way whose file has been found there already. So no verb
removes a file: it tells that a row has let go of it, and afterwards somebody looks who else has it.
A file that no row ever let go of is never touched.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from django.db.models import QuerySet
from django.utils import timezone

from shop.catalog.actions._files import path_of
from shop.catalog.actions.showing import show_anew
from shop.catalog.models import Category, ProductImage
from shop.events import actions as events
from shop.events.rules import News


def tell_removed(names: Iterable[str]) -> None:
    """Tell that rows have let go of these files. Raises OutsideTransactionError."""
    events.emit_all(
        news=[
            News(name="picture.removed", subject=f"picture:{name}", payload={"file": name})
            for name in dict.fromkeys(names)
        ]
    )


def clear_file(*, name: str) -> None:
    """Remove a file of a picture and its renditions, unless a row shows it."""
    master = path_of(name)
    aside = master.with_name(f".{master.name}.removed")
    if not _is_shown(name):
        _set_aside(master, aside)
    # Asked again, now that nobody can find the file and think that it is there.
    if not _is_shown(name):
        aside.unlink(missing_ok=True)
    elif aside.exists():
        aside.replace(master)
        _render_again(name)


def _set_aside(master: Path, aside: Path) -> None:
    with suppress(FileNotFoundError):
        master.replace(aside)
    for rendition in master.parent.glob(f"{master.stem}-*"):
        rendition.unlink(missing_ok=True)


def _is_shown(name: str) -> bool:
    return _images(name).exists() or _categories(name).exists()


def _render_again(name: str) -> None:
    now = timezone.now()
    show_anew(_images(name).values_list("product_id", flat=True), categories=True)
    _images(name).update(widths=[], renditions_due_at=now)
    _categories(name).update(image_widths=[], renditions_due_at=now)


def _images(name: str) -> "QuerySet[ProductImage]":
    return ProductImage.objects.filter(file=name)


def _categories(name: str) -> "QuerySet[Category]":
    found: QuerySet[Category] = Category.objects.filter(image=name)
    return found

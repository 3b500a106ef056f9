"""What is made of pictures in the background: the same in other widths and formats.

No transaction is open meanwhile: on SQLite nobody else could write.
"""

import logging
import math
import time
from collections.abc import Mapping
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from shop.catalog.actions._files import path_of
from shop.catalog.actions.showing import show_anew
from shop.catalog.models import Category, ProductImage
from shop.catalog.rules import RENDITION_FORMATS, rendition_name, rendition_widths
from shop.lib.files import keep_file
from shop.lib.pictures import encode_rendition, open_master
from shop.lib.transactions import durable

logger = logging.getLogger(__name__)

_TRY_AGAIN_AFTER = timedelta(hours=1)


def make_renditions(*, limit: int = 8, seconds: float = math.inf) -> int:
    """Make the renditions of up to `limit` pictures that wait for them; return of how many.

    None is begun when the seconds have passed: what else the schedule has to do comes in time. May
    run twice, and at once in many processes. Where it fails it tries again in an hour; the other
    pictures do not wait for that.
    """
    ends, made = time.monotonic() + seconds, 0
    for name, width in _waiting(limit).items():
        made += _make(name, width)
        if time.monotonic() >= ends:
            break
    return made


def _waiting(limit: int) -> Mapping[str, int]:
    """Return the files that need renditions, those waiting longest first, with their widths."""
    now = timezone.now()
    images = ProductImage.objects.filter(renditions_due_at__lte=now).order_by("renditions_due_at")
    shelves = Category.objects.filter(renditions_due_at__lte=now).order_by("renditions_due_at")
    waiting = dict(images.values_list("file", "width")[:limit])
    if len(waiting) < limit:
        more = shelves.values_list("image", "image_width")
        waiting.update(more[: limit - len(waiting)])
    return waiting


def _make(name: str, width: int) -> bool:
    widths = rendition_widths(width)
    if not _can_render(name, widths):
        due = timezone.now() + _TRY_AGAIN_AFTER
        _waiting_images(name).update(renditions_due_at=due)
        _waiting_categories(name).update(renditions_due_at=due)
        return False
    _show(name, widths)
    return True


@durable
def _show(name: str, widths: list[int]) -> None:
    product_ids = set(_waiting_images(name).values_list("product_id", flat=True))
    _waiting_images(name).update(widths=widths, renditions_due_at=None)
    _waiting_categories(name).update(image_widths=widths, renditions_due_at=None)
    show_anew(product_ids, categories=True)


def _can_render(name: str, widths: list[int]) -> bool:
    """Make the renditions of a file; tell whether they are there now."""
    try:
        _render(name, widths)
    except FileNotFoundError:
        # A database was brought back without its pictures: nothing a trace would explain.
        logger.warning("Renditions of %s cannot be made: there is no such file", name)
        return False
    except Exception:  # whatever is wrong with one picture must not stop the others
        logger.exception("Renditions of %s cannot be made", name)
        return False
    return True


def _render(name: str, widths: list[int]) -> None:
    """Write the renditions of a file beside it, but those that are there already."""
    wanted = {
        path_of(rendition_name(name, width, format_)): (width, format_)
        for width in widths
        for format_ in RENDITION_FORMATS
    }
    missing = {file: how for file, how in wanted.items() if not file.exists()}
    if not missing:
        return
    master = open_master(path_of(name).read_bytes())
    for file, (width, format_) in missing.items():
        keep_file(file, encode_rendition(master, width=width, format_=format_))


def _waiting_images(name: str) -> "QuerySet[ProductImage]":
    return ProductImage.objects.filter(renditions_due_at__isnull=False, file=name)


def _waiting_categories(name: str) -> "QuerySet[Category]":
    found: QuerySet[Category] = Category.objects.filter(renditions_due_at__isnull=False, image=name)
    return found

"""A small shop worth backing up, losing all of it, and what there must be afterwards."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from shop.catalog import actions as catalog
from shop.catalog.models import Variant
from shop.orders.models import Order, OrderLine
from tests import builders
from tests.pictures import file_of, flag, upload


@dataclass(frozen=True)
class Belongings:
    """Everything a merchant would miss."""

    orders: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    stock: list[tuple[int, int]]
    pictures: dict[str, bytes]


def furnish(*, orders: int = 3) -> list[int]:
    """Put two products with pictures on sale and take orders; return the variants' ids."""
    variant_ids = [builders.put_on_sale("mug", stock=500), builders.put_on_sale("jug", stock=500)]
    for number, product_id in enumerate(product_ids(variant_ids)):
        catalog.add_picture(product_id=product_id, file=upload(picture(number)))
    catalog.make_renditions()
    for number in range(orders):
        builders.place({variant_ids[0]: 1 + number % 3, variant_ids[1]: 1})
    return variant_ids


def picture(number: int) -> bytes:
    """Return the file of a picture like no other."""
    return file_of(flag(400 + number, 200))


def product_ids(variant_ids: list[int]) -> list[int]:
    found = dict(Variant.objects.filter(id__in=variant_ids).values_list("id", "product_id"))
    return [found[variant_id] for variant_id in variant_ids]


def belongings() -> Belongings:
    variant_ids = list(Variant.objects.order_by("id").values_list("id", flat=True))
    return Belongings(
        orders=[dict(row) for row in Order.objects.order_by("id").values()],
        lines=[dict(row) for row in OrderLine.objects.order_by("id").values()],
        stock=[builders.stock_of(variant_id) for variant_id in variant_ids],
        pictures=pictures(),
    )


def pictures() -> dict[str, bytes]:
    """Return the files of the media folder; what begins with a dot is on its way in or out."""
    return dict(_files(Path(settings.MEDIA_ROOT)))


def _files(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in root.rglob("*"):
        name = path.relative_to(root)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            yield str(name), path.read_bytes()


def lose() -> None:
    """Lose the database itself, not only what is in it, and all pictures."""
    name = str(connection.settings_dict["NAME"])
    connection.close()
    shutil.rmtree(settings.MEDIA_ROOT)
    if connection.vendor == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(name + end).unlink(missing_ok=True)
        return
    quoted = connection.ops.quote_name(name)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {quoted}")
        cursor.execute(f"CREATE DATABASE {quoted}")


def back_up(to: Path) -> str:
    """Run `manage.py backup` in this process; return what it said."""
    out = StringIO()
    call_command("backup", to=str(to), stdout=out, stderr=out)
    return out.getvalue()


def restore(file: Path, **options: Any) -> str:
    """Run `manage.py restore` in this process; return what it said."""
    out = StringIO()
    connection.close()
    call_command("restore", str(file), stdout=out, stderr=out, **options)
    ContentType.objects.clear_cache()
    return out.getvalue()

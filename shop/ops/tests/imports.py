"""Importing catalogues in tests."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from shop.catalog.models import Category, Option, Product, Variant
from shop.inventory.models import StockLevel, StockMovement


@dataclass(frozen=True)
class Result:
    """What an import wrote, and its exit status with the sentence that goes with it."""

    status: int
    out: str
    err: str
    sentence: str


Import = Callable[..., Result]


def loader(file: Path) -> Import:
    """Return what imports texts, each as a file: the first as this one, the next as `…2.csv`."""

    def load(*contents: str | bytes, **options: Any) -> Result:
        paths = []
        for number, content in enumerate(contents, start=1):
            path = file if number == 1 else file.with_stem(f"{file.stem}{number}")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            paths.append(path)
        return run_command(*paths, **options)

    return load


def run_command(*paths: Path, **options: Any) -> Result:
    out, err = io.StringIO(), io.StringIO()
    status, sentence = 0, ""
    try:
        call_command("import_catalogue", *map(str, paths), stdout=out, stderr=err, **options)
    except CommandError as error:
        status, sentence = error.returncode, str(error)
    return Result(status, out.getvalue(), err.getvalue(), sentence)


def everything() -> list[tuple[Any, ...]]:
    """Return all there is, to see that nothing has changed."""
    models = (Category, Product, Option, Variant, StockLevel, StockMovement)
    return [row for model in models for row in model.objects.order_by("pk").values_list()]


def prices() -> dict[str, Decimal]:
    return dict(Variant.objects.values_list("sku", "price"))

"""Whatever happens to the catalogue is told, and what is refused is not."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shop.catalog import actions
from shop.catalog.rules import PriceChange
from shop.catalog.tests.desk import add, variant_id
from shop.events.models import Event
from tests.pictures import upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]


def told_by(verb: Callable[[], Any]) -> list[tuple[str, str]]:
    """Return the news of a verb: name and subject."""
    last = Event.objects.count() and Event.objects.latest("id").id
    verb()
    news = Event.objects.filter(id__gt=last).order_by("id")
    return list(news.values_list("name", "subject"))


@pytest.fixture
def shelf() -> int:
    return actions.add_category(name="Clothes")


def test_a_category(shelf: int) -> None:
    other = f"category:{shelf + 1}"

    def change() -> None:
        actions.change_category(category_id=shelf + 1, changes={"name": "Hats"})

    assert told_by(lambda: actions.add_category(name="Caps")) == [("category.added", other)]
    assert told_by(change) == [("category.changed", other)]
    removed = told_by(lambda: actions.remove_category(category_id=shelf + 1))
    assert removed == [("category.removed", other)]


def test_a_product(shelf: int) -> None:
    product_id = add(shelf)
    subject = f"product:{product_id}"

    def rename() -> None:
        actions.change_product(product_id=product_id, changes={"name": "Shirt, blue"})

    def hide() -> None:
        actions.set_published(product_ids=[product_id], is_published=False)

    def reprice() -> None:
        actions.set_prices(prices=[PriceChange(variant_id(), Decimal("9.00"))])

    assert told_by(rename) == [("product.changed", subject)]
    assert told_by(hide) == [("product.changed", subject)]
    assert told_by(reprice) == [("product.changed", subject), ("product.price_changed", subject)]
    assert told_by(reprice) == [("product.changed", subject)]
    removed = told_by(lambda: actions.remove_product(product_id=product_id))
    assert removed == [("product.removed", subject)]


def test_its_pictures(shelf: int, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    product_id = add(shelf)
    subject = f"product:{product_id}"

    assert told_by(lambda: actions.add_picture(product_id=product_id, file=upload())) == [
        ("product.changed", subject)
    ]
    assert told_by(lambda: actions.set_category_picture(category_id=shelf, file=upload())) == [
        ("category.changed", f"category:{shelf}")
    ]

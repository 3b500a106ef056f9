"""`manage.py furnish` makes an empty shop the demo's, once, and finishes what was interrupted."""

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.core.management import call_command

from shop.accounts.models import User
from shop.catalog.actions import picturing
from shop.catalog.models import Category, Product, ProductImage
from shop.inventory.models import StockMovement
from shop.lib.pictures import Master, read_picture
from shop.ops import demo_people, furnishing
from shop.orders.models import Order
from shop.reviews.models import Review
from tests.builders import breaches, put_on_sale

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

MODELS = (User, Category, Product, ProductImage, Review, Order, StockMovement)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's pictures are read and encoded by the first of these tests alone."""

    def read_again(file: BinaryIO) -> Master:
        data = file.read()
        if data not in _MADE:
            _MADE[data] = read_picture(BytesIO(data))
        return _MADE[data]

    monkeypatch.setattr(picturing, "read_picture", read_again)


_MADE: dict[bytes, Master] = {}


def furnish(**options: Any) -> str:
    out = StringIO()
    call_command("furnish", stdout=out, stderr=out, **options)
    return out.getvalue()


def counts() -> list[int]:
    return [model._default_manager.count() for model in MODELS]


def test_the_demo_is_a_filled_shop() -> None:
    furnish()

    assert Product.objects.count() == 72
    assert Category.objects.filter(depth=2).count() == 8
    assert not Category.objects.filter(description="").exists()
    assert not Category.objects.filter(image="").exists()
    assert not Product.objects.filter(images__isnull=True).exists()
    assert Product.objects.filter(in_stock=False).count() >= 4
    assert {2 <= product.review_count <= 30 for product in Product.objects.all()} == {True}
    assert set(Order.objects.values_list("status", flat=True)) == {
        "Pending",
        "Completed",
        "Canceled",
    }
    assert breaches() == []


def test_a_second_time_changes_nothing() -> None:
    furnish()
    before = counts()

    assert furnish() == "The shop has products already: nothing was changed.\n"
    assert counts() == before


def test_a_shop_with_products_of_its_own_is_left_alone() -> None:
    put_on_sale()
    before = counts()

    assert furnish() == "The shop has products already: nothing was changed.\n"
    assert counts() == before


def test_what_was_interrupted_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(furnishing, "bring_reviews", interrupted)
        with pytest.raises(KeyboardInterrupt):
            furnish()
    assert Review.objects.count() == 0
    pictures = ProductImage.objects.count()

    furnish()

    assert Review.objects.count() > 0
    assert Order.objects.count() > 0
    assert ProductImage.objects.count() == pictures
    assert not furnishing.is_unfinished()
    assert breaches() == []


def test_everybody_knows_the_password_of_the_demos_people(client: Any) -> None:
    furnish()

    for account in demo_people.ACCOUNTS:
        assert client.login(username=account.username, password=demo_people.PASSWORD)
        user = User.objects.get(username=account.username)
        assert (user.is_staff, user.is_superuser) == (account.is_staff, account.is_superuser)
        assert {group.name for group in user.groups.all()} == set(account.groups)


def test_a_shop_for_strangers_gets_no_demo_accounts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["shop.example"]

    furnish()

    assert demo_people.open_accounts() == []
    assert not User.objects.filter(is_staff=True).exists()


def test_locked_accounts_open_to_nobody(client: Any) -> None:
    furnish()

    assert furnish(lock_accounts=True) == "4 demo accounts were locked.\n"
    assert demo_people.open_accounts() == []
    assert not client.login(username="owner", password=demo_people.PASSWORD)

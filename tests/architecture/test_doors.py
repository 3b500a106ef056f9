"""Packages come in by doors, and their files carry the six names."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import pytest

from tests.architecture.doors import (
    closed_doors,
    furnished_halls,
    reached_by_name,
    uses_of_tests,
    wrong_place,
)
from tests.architecture.house import ROOT, Source, Violation, shop_sources

pytestmark = pytest.mark.once

Check = Callable[[Source], Iterator[Violation]]

CART = "shop/cart/actions.py"
FACE = "shop/storefront/views.py"
OFFICE = "shop/backoffice/orders.py"
FOR_TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "


@pytest.mark.parametrize("check", [closed_doors, reached_by_name, uses_of_tests, furnished_halls])
def test_the_shop_keeps_to_its_doors(check: Check) -> None:
    sources = shop_sources()
    assert "shop/catalog/models.py" in {source.path for source in sources}
    assert not [str(violation) for source in sources for violation in check(source)]


def test_files_of_the_shop_are_in_their_place() -> None:
    paths = [path.relative_to(ROOT) for path in (ROOT / "shop").rglob("*") if path.is_file()]
    ours = [PurePosixPath(path) for path in paths if "__pycache__" not in path.parts]
    assert PurePosixPath("shop/catalog/models.py") in ours
    assert not [f"{path}: {wrong}" for path in ours if (wrong := wrong_place(path))]


def test_no_folder_of_the_shop_escapes_notice() -> None:
    """Without an `__init__.py` a folder can be imported, but import-linter does not see it."""
    parents = {parent for source in shop_sources() for parent in PurePosixPath(source.path).parents}
    folders = parents - {PurePosixPath(".")}
    assert PurePosixPath("shop/catalog") in folders
    assert not [str(folder) for folder in folders if not (ROOT / folder / "__init__.py").exists()]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (CART, "from shop.catalog.models import Variant"),
        (CART, "from shop.catalog import models"),
        (CART, "from shop.catalog import models as catalog"),
        (CART, "import shop.catalog.models"),
        (CART, "from shop import catalog"),
        (CART, "import shop.catalog"),
        (CART, "import shop"),
        (CART, "from shop.catalog import *"),
        (CART, "from shop.catalog.actions.pricing import reprice"),
        (CART, "import shop.catalog.actions.pricing"),
        (CART, "from shop.events.tasks import purge"),
        (CART, "def later():\n    from shop.catalog.models import Variant"),
        (CART, "from ..catalog.models import Variant"),
        ("shop/cart/actions/__init__.py", "from ...catalog import models"),
        (FACE, "from shop.orders.models import Order"),
        (FACE, "from shop.ops.audit import audit"),
        (OFFICE, "from shop.orders.tasks import expire"),
        (OFFICE, "from shop.orders.models.order import Order"),
        (CART, f"{FOR_TYPES}from shop.catalog.tasks import expire"),
        (CART, f"{FOR_TYPES}pass\nelse:\n    from shop.catalog.models import Variant"),
    ],
)
def test_what_is_no_door_is_closed(path: str, text: str) -> None:
    (violation,) = closed_doors(Source.parse(path, text))
    assert str(violation).startswith(f"{path}:")
    assert "goes past the doors" in violation.rule


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (CART, "from shop.catalog.queries import variants"),
        (CART, "from shop.catalog import actions as catalog, queries, rules, errors"),
        (CART, "import shop.catalog.rules"),
        (CART, "from shop.cart.models import Cart"),
        (CART, "from .models import Cart"),
        ("shop/cart/actions/filling.py", "from ..models import Cart"),
        (CART, "from shop.lib.fields import ExactCharField"),
        (CART, "from shop.lib import fields"),
        (CART, "from django.db import models"),
        (CART, f"{FOR_TYPES}from shop.catalog.models import Variant"),
        (OFFICE, "from shop.orders.models import Order"),
        (OFFICE, "from shop.orders import models"),
        ("shop/cart/tests/test_actions.py", "from shop.catalog.models import Variant"),
    ],
)
def test_doors_are_open(path: str, text: str) -> None:
    assert not list(closed_doors(Source.parse(path, text)))


def test_a_violation_names_its_line() -> None:
    text = "import uuid\n\nfrom shop.catalog.models import Variant\n"
    (violation,) = closed_doors(Source.parse(CART, text))
    assert str(violation) == (
        "shop/cart/actions.py:3: shop.catalog.models.Variant goes past the doors of shop/: "
        "actions, errors, queries, rules"
    )


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (CART, "apps.get_model('catalog', 'Variant')", True),
        (CART, "get_model('catalog.Variant')", True),
        (CART, "importlib.import_module('shop.catalog.models')", True),
        (CART, "import_string('shop.catalog.actions.reprice')", True),
        (CART, "apps.get_model('cart', 'Cart')", False),
        (CART, "import_string('shop.lib.fields.ExactCharField')", False),
        (CART, "import_string(settings.STOCK_ORDER)", False),
        (CART, "autodiscover_modules('tasks')", False),
        ("shop/cart/tests/test_models.py", "apps.get_model('catalog', 'Variant')", False),
    ],
)
def test_names_in_strings_are_no_way_round(path: str, text: str, found: bool) -> None:
    assert bool(list(reached_by_name(Source.parse(path, text)))) is found


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (CART, "from tests.people import alice", True),
        (CART, "import tests.fixtures", True),
        (CART, "from shop.cart.tests.helpers import cart", True),
        (CART, "from shop.cart import tests", True),
        (CART, "from shop.cart.rules import tests", True),
        (CART, "from shop.cart.rules import protests", False),
        ("shop/cart/tests/test_rules.py", "from tests.people import alice", False),
    ],
)
def test_the_shop_does_not_need_its_tests(path: str, text: str, found: bool) -> None:
    assert bool(list(uses_of_tests(Source.parse(path, text)))) is found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("shop/cart/__init__.py", True),
        ("shop/__init__.py", True),
        ("shop/cart/actions/__init__.py", False),
        ("shop/cart/apps.py", False),
    ],
)
def test_halls_are_empty(path: str, found: bool) -> None:
    source = Source.parse(path, "from shop.cart.models import Cart")
    assert bool(list(furnished_halls(source))) is found


@pytest.mark.parametrize(
    "path",
    [
        "shop/helpers.py",
        "shop/cart/services.py",
        "shop/cart/utils/lines.py",
        "shop/cart/signals.py",
        "shop/cart/urls.py",
        "shop/cart/conftest.py",
        "shop/orders/management/commands/expire.py",
        "shop/storefront/management/commands/warm.py",
        "shop/lib/management/__init__.py",
        "shop/extra/views.py",
    ],
)
def test_other_names_are_refused(path: str) -> None:
    assert wrong_place(PurePosixPath(path))


@pytest.mark.parametrize(
    "path",
    [
        "shop/__init__.py",
        "shop/cart/__init__.py",
        "shop/cart/apps.py",
        "shop/cart/actions.py",
        "shop/cart/actions/__init__.py",
        "shop/cart/actions/filling.py",
        "shop/cart/migrations/0001_initial.py",
        "shop/cart/tests/test_actions.py",
        "shop/cart/templates/cart/line.html",
        "shop/lib/money.py",
        "shop/storefront/static/storefront/site.css",
        "shop/ops/management/commands/audit.py",
    ],
)
def test_the_six_names_are_fine(path: str) -> None:
    assert wrong_place(PurePosixPath(path)) is None

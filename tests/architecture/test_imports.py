"""Imports point down, rules stay pure and public pages reach nobody: `.importlinter`, and that it
refuses what it is there to refuse.
"""

import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.architecture.house import LINTER_FILE, ROOT, rows

pytestmark = pytest.mark.once

ROWS = "Imports point down the rows, never up, never sideways"
PURE = "Rules decide and errors refuse: no Django, settings, clock, chance, input or output"
PUBLIC = "What everybody sees reaches nobody: no accounts, no cart, no checkout"
PROJECT = "The shop never imports the project that configures it"

# Packages that a later release brings; the contract has a place for them.
OPTIONAL = {"search", "payments", "shipping"}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the packages in `folder` against our contracts."""
    command = [sys.executable, "-c", "from importlinter.cli import import_linter; import_linter()"]
    options = ["lint", "--config", str(LINTER_FILE), "--no-cache", "--no-logo"]
    return subprocess.run(
        [*command, *options],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def contracts(output: str) -> dict[str, bool]:
    """Return the contracts that were checked, and whether each was kept."""
    results = re.findall(r"^(.+) (KEPT|BROKEN)$", output, flags=re.MULTILINE)
    return {name: result == "KEPT" for name, result in results}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A made-up house: every package of ours, and nothing in it."""
    packages = [f"shop/{package}" for row in rows() for package in row - OPTIONAL]
    for package in ["novashop", "shop", *packages, "shop/storefront/pages"]:
        write(tmp_path, f"{package}/__init__.py", "")
    return tmp_path


def write(house: Path, path: str, text: str) -> None:
    """Put a file into the house."""
    file = house / path
    file.parent.mkdir(parents=True, exist_ok=True)
    (file.parent / "__init__.py").touch()
    file.write_text(text, encoding="utf-8")


def test_the_house_keeps_its_contracts() -> None:
    done = lint(ROOT)
    assert contracts(done.stdout) == dict.fromkeys([ROWS, PURE, PUBLIC, PROJECT], True), (
        done.stdout + done.stderr
    )
    assert done.returncode == 0


def test_the_rows_are_eight_and_hold_twenty_one_packages() -> None:
    assert [len(row) for row in rows()] == [1, 2, 2, 3, 2, 4, 2, 5]


def test_contracts_are_about_modules_that_exist() -> None:
    """A pattern that matches nothing would be kept for ever."""
    config = ConfigParser()
    config.read(LINTER_FILE, encoding="utf-8")
    sources = " ".join(config.get(name, "source_modules", fallback="") for name in config).split()
    paths = [source.replace(".", "/") for source in sources]
    assert "shop/*/rules" in paths
    assert not [
        path for path in paths if not [*ROOT.glob(f"{path}.py"), *ROOT.glob(f"{path}/*.py")]
    ]


def test_all_of_this_is_allowed(house: Path) -> None:
    write(house, "shop/orders/rules.py", "from decimal import Decimal\nimport shop.lib.text")
    write(house, "shop/lib/text.py", "import re")
    write(house, "shop/orders/errors.py", "import dataclasses")
    write(house, "shop/orders/actions.py", "import django, time, shop.accounts, shop.gate")
    write(house, "shop/gate/__init__.py", "import shop.lib")
    write(house, "shop/api/views.py", "import shop.checkout, shop.showcase, shop.cart")
    write(house, "shop/storefront/pages/__init__.py", "import shop.showcase")
    write(house, "shop/storefront/cart.py", "import shop.cart, shop.accounts")
    write(house, "shop/showcase/queries.py", "import shop.catalog, shop.reviews, shop.inventory")
    for_types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "
    write(house, "shop/cart/queries.py", f"{for_types}import shop.checkout")
    write(house, "novashop/urls.py", "import shop.storefront")
    done = lint(house)
    assert contracts(done.stdout) == dict.fromkeys([ROWS, PURE, PUBLIC, PROJECT], True), done.stdout


@pytest.mark.parametrize(
    ("files", "contract"),
    [
        ({"shop/cart/actions.py": "import shop.checkout"}, ROWS),
        ({"shop/cart/actions.py": "from shop.orders import actions"}, ROWS),
        ({"shop/lib/text.py": "def f():\n    import shop.events"}, ROWS),
        ({"shop/storefront/views.py": "import shop.ops"}, ROWS),
        ({"shop/gate/rules.py": "import shop.events"}, ROWS),
        ({"shop/mail/orders.py": "import shop.backoffice.x", "shop/backoffice/x.py": ""}, ROWS),
        ({"shop/extra/__init__.py": ""}, ROWS),
        ({"shop/orders/rules.py": "from django.utils import timezone"}, PURE),
        ({"shop/orders/rules/paying.py": "import time"}, PURE),
        (
            {
                "shop/orders/rules.py": "from shop.lib import text",
                "shop/lib/text.py": "from shop.lib.files import read",
                "shop/lib/files.py": "import os.path",
            },
            PURE,
        ),
        ({"shop/cart/errors.py": "from rest_framework.exceptions import APIException"}, PURE),
        ({"shop/showcase/queries.py": "import shop.cart"}, PUBLIC),
        ({"shop/storefront/pages/__init__.py": "import shop.checkout"}, PUBLIC),
        ({"shop/storefront/pages/home.py": "import shop.accounts"}, PUBLIC),
        (
            {
                "shop/storefront/pages/__init__.py": "from shop.storefront import parts",
                "shop/storefront/parts.py": "from shop.reviews import queries",
                "shop/reviews/queries.py": "from shop.orders import queries",
                "shop/orders/queries.py": "from shop.accounts.models import User",
                "shop/accounts/models.py": "",
            },
            PUBLIC,
        ),
        ({"shop/lib/text.py": "import novashop.settings", "novashop/settings.py": ""}, PROJECT),
    ],
)
def test_each_contract_can_break(house: Path, files: dict[str, str], contract: str) -> None:
    if "shop/storefront/pages/home.py" in files:
        (house / "shop/storefront/pages/__init__.py").rename(house / "shop/storefront/unused.py")
        write(house, "shop/storefront/pages/__init__.py", "")
    for path, text in files.items():
        write(house, path, text)
    done = lint(house)
    kept = dict.fromkeys([ROWS, PURE, PUBLIC, PROJECT], True)
    assert contracts(done.stdout) == kept | {contract: False}, done.stdout + done.stderr
    assert done.returncode != 0

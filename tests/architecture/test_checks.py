"""Production settings pass Django's own checks, and no migration is missing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house import ROOT

pytestmark = pytest.mark.once

# What a merchant sets: see `.env.example`.
PRODUCTION = {
    "ALLOWED_HOSTS": "shop.example",
    "HTTPS": "on",
    "SECRET_KEY": "q7#Vn2!mZx9$Lk4@Tb8%Rw1^Yc6&Hd3*Jf5(Gs0)Pa-Ue_Oi=Eq",
}
CHECK = ["check", "--deploy", "--fail-level", "WARNING"]
MIGRATIONS = ["makemigrations", "--check", "--dry-run"]

# The command line of a shop whose orders have a column that no migration makes.
MANAGE_CHANGED = """
import sys
import django
django.setup()
from django.core.management import execute_from_command_line
from django.db import models
from shop.orders.models import Order
Order.add_to_class("surprise", models.IntegerField(default=0))
execute_from_command_line(sys.argv)
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a shop in production, its database an empty SQLite file."""
    return PRODUCTION | {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "novashop.settings",
    }


def manage(
    *words: str, environment: dict[str, str], script: tuple[str, ...] = ("manage.py",)
) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` with this environment and nothing of ours."""
    return subprocess.run(
        [sys.executable, "-W", "error", *script, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("threads", ["1", "64"])
def test_production_settings_pass_the_checks(environment: dict[str, str], threads: str) -> None:
    done = manage(*CHECK, environment=environment | {"THREADS": threads})
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_weak_settings_do_not(environment: dict[str, str]) -> None:
    weak = {"HTTPS": "off", "SECRET_KEY": "short", "DEBUG": "on", "ALLOWED_HOSTS": ""}
    done = manage(*CHECK, environment=environment | weak)
    assert done.returncode == 1
    found = set(re.findall(r"security\.W\d+", done.stderr))
    assert {f"security.W{number}" for number in ("008", "009", "018", "020")} <= found


def test_no_migration_is_missing(environment: dict[str, str]) -> None:
    done = manage(*MIGRATIONS, environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No changes detected" in done.stdout


def test_a_missing_migration_is_seen(environment: dict[str, str]) -> None:
    done = manage(*MIGRATIONS, environment=environment, script=("-c", MANAGE_CHANGED))
    assert done.returncode == 1
    assert "surprise" in done.stdout

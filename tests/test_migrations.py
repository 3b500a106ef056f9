"""Migrations that a shop can make while it is open, with the release before it still serving.

A merchant's tables are large and somebody is always buying: a migration neither closes a table
while it reads all of it, nor takes away, or demands, what the release before does not know of.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django_migration_linter.migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements

pytestmark = pytest.mark.django_db

# Made before there was a shop that could not be closed for it, and never rewritten. Nothing is
# added here: a migration that is found is divided over two releases, or asks more gently.
LANDED = {
    "accounts.0002_token_families",
    "accounts.0003_usernames_in_any_case",
    "catalog.0002_rating_rank",
    "catalog.0003_pictures",
    "orders.0002_orders_of_email",
    "orders.0003_refunded",
    "reviews.0002_author",
}
# How a data migration calls its variables is ours to choose.
NAMES = {"RUNPYTHON_MODEL_VARIABLE_NAME"}


@pytest.fixture(autouse=True)
def _a_server(db: None) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the linter reads what PostgreSQL and MySQL are told; SQLite makes tables anew")


def faults_of(*labels: str) -> dict[str, set[str]]:
    """Return what is wrong with the migrations of these apps: codes, by migration."""
    linter = MigrationLinter(no_cache=True, no_output=True)
    loader = MigrationLoader(connection)
    found = {}
    for migration, statements in _told(loader, labels):
        schema = analyse_sql_statements(linter.sql_analyser_class, statements)
        data = linter.analyse_data_migration(migration)
        codes = {issue.code for group in (*schema, *data) for issue in group}
        if migration.app_label in labels:
            found[str(migration)] = codes - NAMES
    return found


def _told(
    loader: MigrationLoader, labels: Sequence[str]
) -> Iterator[tuple[migrations.Migration, list[str]]]:
    """Yield each migration with what it tells the database, line by line, as `sqlmigrate` does.

    That would begin with all migrations anew for each of them.
    """
    ends = [node for node in loader.graph.leaf_nodes() if node[0] in labels]
    state = ProjectState()
    for key in dict.fromkeys(key for end in ends for key in loader.graph.forwards_plan(end)):
        migration = loader.graph.nodes[key]
        is_one = migration.atomic and connection.features.can_rollback_ddl
        with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
            state = migration.apply(state, editor, collect_sql=True)
        yield migration, ["BEGIN;"] * is_one + "\n".join(editor.collected_sql).splitlines()


def test_no_new_migration_closes_the_shop() -> None:
    labels = [app.label for app in apps.get_app_configs() if app.name.startswith("shop.")]

    found = faults_of(*labels)

    assert {"catalog.0001_initial", "orders.0001_initial"} <= found.keys()
    assert {name: faults for name, faults in found.items() if faults and name not in LANDED} == {}


def test_what_has_landed_is_there() -> None:
    known = {f"{label}.{name}" for label, name in MigrationLoader(None).disk_migrations}

    assert known >= LANDED


@pytest.fixture
def furniture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Path]:
    """An app of its own with one table; its folder of migrations."""
    folder = tmp_path / "furniture" / "migrations"
    folder.mkdir(parents=True)
    for package in (folder.parent, folder):
        (package / "__init__.py").touch()
    (folder / "0001_initial.py").write_text(FIRST)
    monkeypatch.syspath_prepend(tmp_path)
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "furniture"]
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "furniture"]:
        del sys.modules[name]


FIRST = """
from django.db import migrations, models
class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Table",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=20, db_index=True)),
                ("legs", models.IntegerField(default=4)),
                ("width", models.IntegerField(default=1)),
            ],
            options={"indexes": [models.Index(fields=["legs"], name="tables_by_legs")]},
        ),
    ]
"""
SECOND = """
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("furniture", "0001_initial")]
    operations = [migrations.{}]
"""

BAD = {
    "AddField('table', 'height', models.IntegerField(default=70))": {"NOT_NULL"},
    "RemoveField('table', 'legs')": {"DROP_COLUMN"},
    "RenameField('table', 'legs', 'feet')": {"RENAME_COLUMN"},
    "AlterField('table', 'width', models.BigIntegerField(default=1))": {"ALTER_COLUMN", "NOT_NULL"},
    "RenameModel('Table', 'Desk')": {"RENAME_TABLE"},
    "DeleteModel('Table')": {"DROP_TABLE"},
    "AddConstraint('table', models.UniqueConstraint(fields=['name'], name='u'))": {"ADD_UNIQUE"},
    "RunPython(lambda apps, schema_editor: None)": {"RUNPYTHON_REVERSIBLE"},
}
BAD_ON_POSTGRESQL = {
    "AddIndex('table', models.Index(fields=['name'], name='tables_by_name'))": {"CREATE_INDEX"},
    "RemoveIndex('table', 'tables_by_legs')": {"DROP_INDEX"},
}
GOOD = [
    "AddField('table', 'height', models.IntegerField(null=True))",
    "AddField('table', 'height', models.IntegerField(db_default=70))",
    "CreateModel('Chair', [('id', models.BigAutoField(primary_key=True))])",
]


@pytest.mark.parametrize(("operation", "codes"), [*BAD.items(), *BAD_ON_POSTGRESQL.items()])
def test_a_migration_that_would_close_the_shop_is_found(
    furniture: Path, operation: str, codes: set[str]
) -> None:
    if operation in BAD_ON_POSTGRESQL and connection.vendor != "postgresql":
        pytest.skip("InnoDB makes indexes while others write")
    (furniture / "0002_worse.py").write_text(SECOND.format(operation))

    found = faults_of("furniture")

    assert found["furniture.0001_initial"] == set()
    assert codes & found["furniture.0002_worse"]


@pytest.mark.parametrize("operation", GOOD)
def test_one_that_leaves_it_open_is_not(furniture: Path, operation: str) -> None:
    (furniture / "0002_better.py").write_text(SECOND.format(operation))

    assert faults_of("furniture")["furniture.0002_better"] == set()

"""What has to be there before the shop is served: folders, tables, a filled shop, static files."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from shop.lib.static_files import HashedFiles
from shop.ops import furnishing, preflight, strangers, turns

# Where it is noted which static files have been collected.
COLLECTED = "collected.txt"

Tell = Callable[[str], None]


def prepare(tell: Tell) -> None:
    """Make the data folder, the database and the static files ready to be served from.

    May be told to many at once: they take turns. Raises preflight.CannotStartError, and leaves
    everything as it was, where that cannot be.
    """
    preflight.check_data_folder(settings.DATA_DIR)
    preflight.check_database(connection)
    with turns.our_turn(connection, tell=tell):
        _prepare(tell)


def _prepare(tell: Tell) -> None:
    with preflight.database_trouble(connection):
        is_new = _migrate(tell)
    if settings.DEMO and (is_new or furnishing.is_unfinished()):
        call_command("furnish")
    strangers.check(settings)
    _collect_static_files(tell)


def check_prepared() -> None:
    """Raise preflight.CannotStartError where `prepare` has something left to do."""
    preflight.check_data_folder(settings.DATA_DIR)
    preflight.check_database(connection)
    with preflight.database_trouble(connection):
        executor = MigrationExecutor(connection)
        if _missing_migrations(executor):
            place = preflight.describe_database(connection)
            raise preflight.CannotStartError(
                f"the database {place} is not up to date; bring it up to date first: "
                "manage.py prepare"
            )
    strangers.check(settings)
    if isinstance(staticfiles_storage, HashedFiles) and not staticfiles_storage.hashed_files:
        raise preflight.CannotStartError(
            f"the static files are not in {settings.STATIC_ROOT} yet; collect them first: "
            "manage.py prepare"
        )


def _missing_migrations(executor: MigrationExecutor) -> bool:
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _migrate(tell: Tell) -> bool:
    """Apply the migrations that the database lacks, and tell whether it lacked them all."""
    executor = MigrationExecutor(connection)
    is_new = not executor.loader.applied_migrations
    if _missing_migrations(executor):
        tell("Making the database …" if is_new else "Updating the database …")
        call_command("migrate", interactive=False, verbosity=0)
    return is_new


def _collect_static_files(tell: Tell) -> None:
    """Give the static files their hashed names, if that is how they are served.

    It takes long, so it is done only where a file has changed. Files that a page from before still
    asks for stay.
    """
    if not isinstance(staticfiles_storage, HashedFiles):
        return
    note = Path(settings.STATIC_ROOT) / COLLECTED
    found = _fingerprint()
    if note.exists() and note.read_text() == found:
        return
    tell("Collecting the static files …")
    note.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    note.write_text(found)


def _fingerprint() -> str:
    """Return what changes whenever a static file does, or how it is served."""
    lines = [f"{settings.STORAGES['staticfiles']['BACKEND']} {settings.STATIC_URL}"]
    lines += sorted(_describe_files())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _describe_files() -> Iterator[str]:
    for finder in get_finders():
        for name, storage in finder.list([]):
            file = Path(storage.path(name))
            state = file.stat()
            yield f"{name} {file} {state.st_size} {state.st_mtime_ns}"

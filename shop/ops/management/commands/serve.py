"""`manage.py serve`, which is `make run`: checks, migrates, fills a new shop and serves it."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from shop.ops import demo_people, furnishing, preflight, serving, strangers

# The command that gives a shop which has just been made something to look at.
FURNISH = "furnish"


class Command(BaseCommand):
    """Serve the embedded shop in the foreground."""

    help = "Brings the database up to date and serves the shop until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
        parser.add_argument("--port", default="8000", help="default: %(default)s")

    def handle(self, *, host: str, port: str, **options: Any) -> None:
        try:
            address = preflight.check_address(host=host, port=port)
            self._prepare()
        except preflight.CannotStartError as error:
            raise SystemExit(f"NovaShop cannot start: {error}") from error
        # The worker is a fork, and two processes cannot share a connection.
        connections.close_all()
        serving.serve(
            application=settings.WSGI_APPLICATION,
            address=address,
            port=int(port),
            announce=lambda: self._tell(_places(host=host, port=port)),
        )

    def _prepare(self) -> None:
        """Make the data folder and the database ready, or raise and leave them as they were."""
        preflight.check_data_folder(settings.DATA_DIR)
        preflight.check_database(connection)
        with preflight.database_trouble(connection):
            is_new = self._migrate()
        if (is_new or furnishing.is_unfinished()) and FURNISH in get_commands():
            call_command(FURNISH)
        strangers.check(settings)

    def _migrate(self) -> bool:
        """Apply the migrations that the database lacks, and tell whether it lacked them all."""
        executor = MigrationExecutor(connection)
        is_new = not executor.loader.applied_migrations
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._tell("Making the database …" if is_new else "Updating the database …")
            call_command("migrate", interactive=False, verbosity=0)
        return is_new

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _places(*, host: str, port: str) -> str:
    """Say where everything is, line by line."""
    manage = f"{os.path.relpath(sys.executable)} {sys.argv[0]}"
    rows = {
        "shop": f"http://{_browsable(host)}:{port}/",
        "data folder": settings.DATA_DIR,
        "database": preflight.describe_database(connection),
        "log": ", ".join(_log_files()) or "this window (DEBUG=on keeps a file as well)",
        "back office": f"http://{_browsable(host)}:{port}/admin/",
        "API": f"http://{_browsable(host)}:{port}/api/docs/",
        **_accounts(f"{manage} createsuperuser"),
        "to stop": "Ctrl-C",
    }
    return "\n".join(
        ["NovaShop is open.", *(f"  {name:<15}{where}" for name, where in rows.items())]
    )


def _accounts(otherwise: str) -> dict[str, str]:
    """Return who can sign in: the demo's people, or how to become the first of one's own."""
    people = demo_people.open_accounts()
    if not people:
        return {"staff account": otherwise}
    return {
        "sign in as": f"(each with the password {demo_people.PASSWORD})",
        **{f"  {person.username}": person.what for person in people},
    }


def _browsable(host: str) -> str:
    """Return what to type into a browser on this machine to reach a server at `host`."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104  (compared, not listened on)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _log_files() -> list[str]:
    handlers = settings.LOGGING["handlers"].values()
    return [str(handler["filename"]) for handler in handlers if "filename" in handler]

"""`manage.py serve`, which is `make run`: checks, migrates, fills a new shop and serves it."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, connections

from shop.ops import demo_people, preflight, preparing, serving

MOST_WORKERS = 256
LONGEST_DRAIN = 600


class Command(BaseCommand):
    """Serve the shop in the foreground."""

    help = "Brings the database up to date and serves the shop until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
        parser.add_argument("--port", default="8000", help="default: %(default)s")
        parser.add_argument(
            "--workers", type=int, default=1, help="processes that answer (default: %(default)s)"
        )
        parser.add_argument(
            "--prepared",
            action="store_true",
            help="change nothing, and refuse to start where `prepare` has something left to do",
        )
        parser.add_argument(
            "--drain",
            type=float,
            default=0,
            metavar="SECONDS",
            help="go on for so long at most, behind a proxy that asks other servers meanwhile",
        )

    def handle(self, *, host: str, port: str, prepared: bool, **options: Any) -> None:
        try:
            address = preflight.check_address(host=host, port=port)
            check_amounts(workers=options["workers"], drain=options["drain"])
            if prepared:
                preparing.check_prepared()
            else:
                preparing.prepare(self._tell)
        except preflight.CannotStartError as error:
            raise SystemExit(f"NovaShop cannot start: {error}") from error
        # The workers are forks, and two processes cannot share a connection.
        connections.close_all()
        serving.serve(
            application=settings.WSGI_APPLICATION,
            address=address,
            port=int(port),
            announce=lambda: self._tell(_news(host=host, port=port, prepared=prepared)),
            workers=options["workers"],
            threads=settings.THREADS,
            drain=options["drain"],
        )

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def check_amounts(*, workers: int, drain: float) -> None:
    """Refuse numbers of processes and seconds that make no sense."""
    if not 1 <= workers <= MOST_WORKERS:
        raise preflight.CannotStartError(
            f"--workers must be a number from 1 to {MOST_WORKERS}, and it is {workers}"
        )
    if not 0 <= drain <= LONGEST_DRAIN:
        raise preflight.CannotStartError(
            f"--drain must be a number of seconds from 0 to {LONGEST_DRAIN}, and it is {drain:g}"
        )


def _news(*, host: str, port: str, prepared: bool) -> str:
    """Say that the shop is open: one of many app servers in a line, the only one with addresses."""
    if prepared:
        return f"This app server is open: http://{_browsable(host)}:{port}/"
    return _places(host=host, port=port)


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

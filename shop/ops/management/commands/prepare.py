"""`manage.py prepare`: everything that `serve` does before it serves, once for many servers."""

from typing import Any

from django.core.management.base import BaseCommand

from shop.ops import preparing
from shop.ops.preflight import CannotStartError


class Command(BaseCommand):
    """Make the data folder, the database and the static files ready."""

    help = "Makes the data folder, the database and the static files ready for `serve --prepared`."

    def handle(self, **options: Any) -> None:
        try:
            preparing.prepare(self._tell)
        except CannotStartError as error:
            raise SystemExit(f"NovaShop cannot be prepared: {error}") from error

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

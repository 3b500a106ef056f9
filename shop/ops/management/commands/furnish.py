"""`manage.py furnish`: give a new shop something to look at."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from shop.catalog import queries as catalog
from shop.ops import demo_people, furnishing, strangers
from shop.ops.demo_orders import trade
from shop.ops.shop_command import ShopCommand


class Command(ShopCommand):
    """Imports the demo as a merchant imports a catalogue, unless there are products."""

    help = "Fill a shop without products with the demo: products, people, reviews, orders."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--lock-accounts",
            action="store_true",
            help="instead, lock the demo's accounts, so that the shop can be opened to strangers",
        )

    def handle(self, *, lock_accounts: bool = False, **_options: Any) -> None:
        """Run the command."""
        if lock_accounts:
            locked = furnishing.lock_demo_accounts()
            self.stdout.write(f"{locked} demo accounts were locked.")
        elif catalog.has_products() and not furnishing.is_unfinished():
            self.stdout.write("The shop has products already: nothing was changed.")
        else:
            self._furnish()

    def _furnish(self) -> None:
        with furnishing.unfinished():
            call_command(
                "import_catalogue",
                str(furnishing.CATALOGUE),
                stdout=self.stdout,
                stderr=self.stderr,
            )
            for name, step in self._steps():
                self.stdout.write(f"{name} …")
                self.stdout.flush()
                step()

    def _steps(self) -> list[tuple[str, Callable[[], None]]]:
        steps: list[tuple[str, Callable[[], None]]] = [
            ("Hanging the pictures", furnishing.hang_pictures),
            ("Describing the categories", furnishing.describe_categories),
            ("Collecting the reviews", furnishing.bring_reviews),
        ]
        if not strangers.can_come(settings):
            steps.append(("Opening the demo's accounts", furnishing.open_demo_accounts))
        return [*steps, ("Taking the first orders", _take_orders)]


def _take_orders() -> None:
    trade(
        usernames=[
            demo_people.ACCOUNTS[0].username,
            *(row["username"] for row in furnishing.rows_of("reviewers.csv")),
        ],
        skus=[row["sku"] for row in furnishing.rows_of("catalogue.csv")],
    )

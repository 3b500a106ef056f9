"""`manage.py audit`: find out whether everything is true that must be true."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser

from shop.catalog import queries as catalog
from shop.checkout import queries as checkout
from shop.events import queries as events
from shop.inventory import queries as inventory
from shop.letters import queries as letters
from shop.lib.breaches import Breach
from shop.ops.shop_command import ShopCommand
from shop.orders import actions
from shop.orders import queries as orders
from shop.reviews import queries as reviews

AUDITS: tuple[Callable[[], Iterator[Breach]], ...] = (
    catalog.breaches,
    inventory.breaches,
    orders.breaches,
    reviews.breaches,
    letters.breaches,
    checkout.breaches,
    events.breaches,
)


class Command(ShopCommand):
    """Names every row that breaks an invariant; exits with 0 only if there is none."""

    help = "Check the invariants of the shop over the whole database (docs/consistency.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what the command is asked."""
        parser.add_argument(
            "--repair",
            action="store_true",
            help="first set stock to what its ledger and its promises add up to",
        )

    def handle(self, *, repair: bool, **_options: Any) -> None:
        """Run the command. Raises CommandError when something is wrong."""
        if repair:
            self._repair()
        found = 0
        for audit in AUDITS:
            for breach in audit():
                found += 1
                self.stdout.write(f"{breach.invariant}: {breach.row}: {breach.detail}")
        if found:
            count = "1 row is" if found == 1 else f"{found:,} rows are"
            raise CommandError(f"{count} wrong.")
        self.stdout.write("Everything agrees.")

    def _repair(self) -> None:
        for name, level in actions.rebuild_stock():
            before = level.before
            self.stdout.write(
                f"repaired: {name}: {level.on_hand} on hand, {level.promised} promised "
                f"(it said {before.on_hand} and {before.promised})"
            )

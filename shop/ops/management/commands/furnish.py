"""`manage.py furnish`: give a new shop something to look at."""

from pathlib import Path
from typing import Any

from django.core.management import call_command

from shop.catalog import queries as catalog
from shop.ops.shop_command import ShopCommand

CATALOGUE = Path(__file__).resolve().parents[2] / "demo" / "catalogue.csv"


class Command(ShopCommand):
    """Imports the demo as a merchant imports a catalogue, unless there are products."""

    help = "Fill a shop without products with the demo's catalogue."

    def handle(self, **_options: Any) -> None:
        """Run the command."""
        if catalog.has_products():
            self.stdout.write("The shop has products already: nothing was changed.")
            return
        call_command("import_catalogue", str(CATALOGUE), stdout=self.stdout, stderr=self.stderr)

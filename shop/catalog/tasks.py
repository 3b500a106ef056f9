"""What the catalogue does later: what is kept of it, renditions, and files that nobody shows."""

from datetime import timedelta

from shop.catalog import actions
from shop.events import actions as events
from shop.events.rules import Notice
from shop.lib.public.generations import renew_surely


@events.every(timedelta(seconds=2))
def make_renditions() -> None:
    """Make new pictures quick to load.

    By the schedule, for a handler of an event runs in a transaction, and this takes its time; a
    little of it, so that what else is due comes in time.
    """
    actions.make_renditions(seconds=2)


# Let nothing that is kept be older than the news, whatever became of who told them. Raises
# CacheAwayError where the cache cannot be told, and is then tried again.
@events.on("product.added", "product.changed", "product.removed")
def show_products_anew(notice: Notice) -> None:
    """Let what is kept of these products hold no longer."""
    renew_surely(actions.generations_of(notice.payload["product_ids"]))


@events.on("category.added", "category.changed", "category.removed")
def show_categories_anew(_notice: Notice) -> None:
    """Let nothing that names categories hold any longer."""
    renew_surely(actions.generations_of(categories=True))


@events.on("catalogue.changed")
def show_anew(notice: Notice) -> None:
    """Let what is kept of these hold no longer."""
    renew_surely(notice.payload["generations"])


@events.on("picture.removed")
def clear_file(notice: Notice) -> None:
    """Remove what no product and no category shows any more."""
    actions.clear_file(name=notice.payload["file"])

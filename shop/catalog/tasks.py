"""What the catalogue does later: renditions of new pictures, and files that nobody shows."""

from datetime import timedelta

from shop.catalog import actions
from shop.events import actions as events
from shop.events.rules import Notice


@events.every(timedelta(seconds=2))
def make_renditions() -> None:
    """Make new pictures quick to load.

    By the schedule, for a handler of an event runs in a transaction, and this takes its time; a
    little of it, so that what else is due comes in time.
    """
    actions.make_renditions(seconds=2)


@events.on("picture.removed")
def clear_file(notice: Notice) -> None:
    """Remove what no product and no category shows any more."""
    actions.clear_file(name=notice.payload["file"])

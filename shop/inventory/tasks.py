"""What inventory does when others change: keep what products say of their stock."""

from shop.events import actions as events
from shop.events.rules import Notice
from shop.inventory import actions


@events.on("product.visibility_changed")
def refresh_in_stock(notice: Notice) -> None:
    """A variant that nobody sees does not make its product available."""
    actions.refresh_in_stock(notice.payload["variant_ids"])

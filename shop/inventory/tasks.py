"""What inventory does by itself, and when others change."""

from datetime import timedelta

from django.utils import timezone

from shop.events import actions as events
from shop.events.rules import Notice
from shop.inventory import actions

# A cart can hold a thing once in so long.
TERMS_KEPT_FOR = timedelta(hours=24)


@events.on("product.visibility_changed")
def refresh_in_stock(notice: Notice) -> None:
    """A variant that nobody sees does not make its product available."""
    actions.refresh_in_stock(notice.payload["variant_ids"])


@events.every(timedelta(seconds=2), lease=timedelta(seconds=30))
def end_expired_holds() -> None:
    """Give back what carts have held for long enough."""
    actions.end_expired_holds(now=timezone.now())


@events.every(timedelta(hours=1))
def forget_hold_terms() -> None:
    """Let a cart hold again what it held a day ago."""
    actions.forget_terms(before=timezone.now() - TERMS_KEPT_FOR)

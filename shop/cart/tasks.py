"""What carts do by themselves: tell that nobody comes back to them."""

from datetime import timedelta

from django.utils import timezone

from shop.cart import actions
from shop.events import actions as events

ABANDONED_AFTER = timedelta(days=1)


@events.every(timedelta(minutes=5))
def tell_abandoned_carts() -> None:
    """Tell of carts that nobody has touched for a day."""
    actions.tell_abandoned(idle_since=timezone.now() - ABANDONED_AFTER)

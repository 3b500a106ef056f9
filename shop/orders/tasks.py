"""What orders do by themselves: give back the stock that nobody paid for."""

from datetime import timedelta

from django.utils import timezone

from shop.events import actions as events
from shop.orders import actions


@events.every(timedelta(seconds=2), lease=timedelta(seconds=30))
def expire_unpaid_orders() -> None:
    """Cancel orders whose time to pay has passed."""
    actions.expire_unpaid(now=timezone.now())

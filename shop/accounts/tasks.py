"""What accounts do by themselves: forget sign-ins that have run out."""

from datetime import timedelta

from django.utils import timezone

from shop.accounts import actions
from shop.events import actions as events


@events.every(timedelta(hours=1), lease=timedelta(minutes=5))
def forget_token_families() -> None:
    """Drop the families of refresh tokens that have all expired."""
    actions.forget_families(before=timezone.now())

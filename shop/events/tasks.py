"""What events do for themselves: forget what everybody has heard."""

from datetime import timedelta

from django.utils import timezone

from shop.events import actions

KEPT_FOR = timedelta(days=30)


@actions.every(timedelta(hours=1))
def forget_delivered_events() -> None:
    """Keep a month of news."""
    actions.forget_delivered(before=timezone.now() - KEPT_FOR)

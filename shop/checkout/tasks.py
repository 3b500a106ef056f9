"""What checkout does by itself: forget keys that nobody will send again."""

from datetime import timedelta

from django.utils import timezone

from shop.checkout import actions
from shop.events import actions as events

KEPT_FOR = timedelta(hours=24)


@events.every(timedelta(hours=1))
def forget_old_attempts() -> None:
    """Keep keys and answers for a day."""
    actions.forget_attempts(before=timezone.now() - KEPT_FOR)

"""What checkout does later: keep addresses that were used, forget keys nobody will send again."""

from datetime import timedelta

from django.utils import timezone

from shop.checkout import actions
from shop.events import actions as events
from shop.events.rules import Notice

KEPT_FOR = timedelta(hours=24)


@events.on("order.placed")
def keep_address(notice: Notice) -> None:
    """Keep the address for the next order, where its buyer wants that."""
    if notice.payload.get("keeps_address"):
        actions.keep_address_of(order_id=notice.payload["order_id"])


@events.every(timedelta(hours=1))
def forget_old_attempts() -> None:
    """Keep keys and answers for a day."""
    actions.forget_attempts(before=timezone.now() - KEPT_FOR)

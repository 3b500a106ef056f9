"""What events do for themselves: tell webhooks, and forget what everybody has heard."""

from datetime import timedelta

from django.utils import timezone

from shop.events import actions, queries
from shop.events.actions.registering import kinds
from shop.events.rules import Notice

KEPT_FOR = timedelta(days=30)


@actions.every(timedelta(hours=1))
def forget_delivered_events() -> None:
    """Keep a month of news."""
    actions.forget_delivered(before=timezone.now() - KEPT_FOR)


@actions.on(*kinds, is_quick=True, wanted=queries.names_wanted_by_webhooks)
def tell_webhooks(notice: Notice) -> None:
    """Whatever is told, somebody outside may want to hear of it."""
    actions.tell_webhooks(event_id=notice.id)


@actions.every(timedelta(hours=1))
def forget_old_deliveries() -> None:
    """Keep a month of what was sent to webhooks."""
    actions.forget_deliveries(before=timezone.now() - KEPT_FOR)

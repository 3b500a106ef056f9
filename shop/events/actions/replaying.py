"""Having events handled once more: those that were set aside, and those whose work is to be redone.

What is handled anew has its effect anew. That is what it is for, and why nobody does it but people.
"""

from collections.abc import Sequence

from django.utils import timezone

from shop.events.models import Event, Receipt
from shop.lib.transactions import durable


@durable
def replay(*, event_ids: Sequence[int], handlers: Sequence[str] | None = ()) -> int:
    """Let events be delivered once more, to handlers that have no receipt yet; return how many.

    The receipts of these `handlers` are taken away first, so that they do their work again; None:
    of all.
    """
    events = Event.objects.select_for_update().filter(id__in=event_ids).order_by("id")
    found = [event.id for event in events]
    receipts = Receipt.objects.filter(event_id__in=found)
    if handlers is not None:
        receipts = receipts.filter(handler__in=handlers)
    receipts.delete()
    Event.objects.filter(id__in=found).update(
        due_at=timezone.now(), delivered_at=None, failures=0, last_error=""
    )
    return len(found)

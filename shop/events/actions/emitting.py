"""Writing news down in the transaction that makes it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from shop.events.models import Event
from shop.events.rules import News
from shop.lib import requests
from shop.lib.transactions import require_transaction


def emit(*, name: str, subject: str, payload: Mapping[str, Any]) -> None:
    """Write one piece of news. Raises OutsideTransactionError outside a transaction."""
    emit_all(news=[News(name=name, subject=subject, payload=payload)])


def emit_all(*, news: Sequence[News]) -> None:
    """Write many pieces of news in one query. Raises OutsideTransactionError."""
    require_transaction()
    if not news:
        return
    now = timezone.now()
    Event.objects.bulk_create(
        Event(
            name=item.name,
            subject=item.subject,
            payload=dict(item.payload),
            request_id=requests.current_id(),
            created_at=now,
            due_at=now,
        )
        for item in news
    )

"""Writing news down in the transaction that makes it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.utils import timezone

from shop.events.actions.registering import kinds
from shop.events.models import Event
from shop.events.rules import Kind, News, UndeclaredNewsError
from shop.lib import requests
from shop.lib.transactions import require_transaction

_gathered: ContextVar[list[News] | None] = ContextVar("gathered", default=None)


def emit(*, name: str, subject: str, payload: Mapping[str, Any]) -> None:
    """Write one piece of news, as `emit_all` does."""
    emit_all(news=[News(name=name, subject=subject, payload=payload)])


def emit_all(*, news: Sequence[News]) -> None:
    """Write many pieces of news in one query.

    Raises OutsideTransactionError, UndeclaredNewsError, and PayloadMisfitError for a payload that
    is not what its name has declared.
    """
    require_transaction()
    for item in news:
        _kind_of(item).check(item.payload)
    gathered = _gathered.get()
    if gathered is None:
        _write(news)
    else:
        gathered.extend(news)


@contextmanager
def told_together() -> Iterator[None]:
    """Write all that is told within the block at its end, in one query."""
    if _gathered.get() is not None:
        yield
        return
    news: list[News] = []
    token = _gathered.set(news)
    try:
        yield
    finally:
        _gathered.reset(token)
    _write(news)


def _kind_of(item: News) -> Kind:
    try:
        return kinds[item.name]
    except KeyError:
        raise UndeclaredNewsError(f"{item.name!r}: nobody has declared such news") from None


def _write(news: Sequence[News]) -> None:
    if not news:
        return
    now = timezone.now()
    for_others = now if settings.EVENTS_BESIDE else None
    Event.objects.bulk_create(
        Event(
            name=item.name,
            subject=item.subject,
            payload=dict(item.payload),
            version=_kind_of(item).version,
            request_id=item.request_id or requests.current_id(),
            created_at=now,
            due_at=now,
            tell_others_at=for_others,
        )
        for item in news
    )

"""Staff are told of what needs them: once an hour at most of what gathers, and then all of it."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from shop.accounts import queries as accounts
from shop.letters.actions.writing import write
from shop.letters.models import Gathering, Letter
from shop.letters.rules import LetterKind, gathered, may_tell
from shop.lib.transactions import durable, require_transaction


def gather(*, kind: LetterKind, facts: Sequence[str]) -> None:
    """Keep for the next letter to staff what it has to tell. Raises OutsideTransactionError."""
    require_transaction()
    Gathering.objects.bulk_create([Gathering(kind=kind.value)], ignore_conflicts=True)
    row = Gathering.objects.select_for_update().get(kind=kind.value)
    row.facts = gathered(row.facts, facts)
    row.save(update_fields=["facts"])


def tell_staff_who_may(*, right: str, facts: Sequence[str]) -> None:
    """Write at once to those who have this right, and to everybody in STAFF_MAIL.

    Raises OutsideTransactionError.
    """
    require_transaction()
    addresses = dict.fromkeys([*settings.STAFF_MAIL, *accounts.emails_of_staff_who_may(right)])
    kind = LetterKind.TROUBLE.value
    write([Letter(kind=kind, recipient=address, facts=list(facts)) for address in addresses])


def tell_staff(*, now: datetime) -> int:
    """Write what was gathered to everybody in STAFF_MAIL; return how many letters that were."""
    # The usual case costs no transaction: on SQLite that would take the write lock.
    rows = [row for row in Gathering.objects.all() if row.facts and may_tell(row.told_at, now=now)]
    return sum(_tell(row.id, now=now) for row in rows)


@durable
def _tell(gathering_id: int, *, now: datetime) -> int:
    row = Gathering.objects.select_for_update().get(id=gathering_id)
    if not row.facts or not may_tell(row.told_at, now=now):
        return 0
    letters = [
        Letter(kind=row.kind, recipient=address, facts=row.facts) for address in settings.STAFF_MAIL
    ]
    write(letters)
    row.facts, row.told_at = [], now
    row.save(update_fields=["facts", "told_at"])
    return len(letters)

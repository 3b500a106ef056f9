"""Sign-ins of API clients: each is a family of refresh tokens of which only the newest counts.

A refresh token is used once and replaced. One that is used a second time was copied, and since
nobody can tell the copy from the original, the whole family ends (RFC 9700, section 4.14.2).
"""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from shop.accounts.errors import SessionEnded
from shop.accounts.models import TokenFamily
from shop.lib.transactions import durable


@durable
def open_family(*, user_id: int, jti: str, expires_at: datetime) -> UUID:
    """Begin a sign-in whose first refresh token has this id; return the family's."""
    family = TokenFamily.objects.create(user_id=user_id, newest=jti, expires_at=expires_at)
    return family.id


def rotate_family(
    *, family_id: UUID, user_id: int, old_jti: str, new_jti: str, expires_at: datetime
) -> None:
    """Replace the newest refresh token of a family. Raises SessionEnded.

    Where the old one was replaced before, the family ends: it has been copied. One conditional
    UPDATE decides, so that of two who use a token at the same moment one is a thief.
    """
    family = TokenFamily.objects.filter(id=family_id, user_id=user_id)
    # Raised out here: a refusal takes back what its transaction wrote, and the end must stay.
    if not _replace_or_end(family, old_jti, newest=new_jti, expires_at=expires_at):
        raise SessionEnded


@durable
def _replace_or_end(
    family: "QuerySet[TokenFamily]", old_jti: str, *, newest: str, expires_at: datetime
) -> bool:
    if family.filter(newest=old_jti).update(newest=newest, expires_at=expires_at):
        return True
    family.delete()
    return False


@durable
def close_family(*, family_id: UUID, user_id: int) -> None:
    """End a sign-in; one that has ended already stays so."""
    TokenFamily.objects.filter(id=family_id, user_id=user_id).delete()


def forget_families(*, before: datetime, at_once: int = 500) -> int:
    """Drop sign-ins that nobody can renew any more, so many in a transaction; return how many."""
    expired = TokenFamily.objects.filter(expires_at__lt=before)
    by_age = expired.order_by("expires_at").values_list("id", flat=True)
    forgotten = 0
    while ids := list(by_age[:at_once]):
        forgotten += expired.filter(id__in=ids).delete()[0]
    return forgotten

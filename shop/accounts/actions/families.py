"""Sign-ins of API clients: each is a family of refresh tokens of which only the newest counts.

A refresh token is used once and replaced. One that is used a second time was copied, and since
nobody can tell the copy from the original, the whole family ends (RFC 9700, section 4.14.2).
"""

from datetime import datetime
from uuid import UUID

from shop.accounts.errors import SessionEnded
from shop.accounts.models import TokenFamily
from shop.lib.transactions import durable


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
    if family.filter(newest=old_jti).update(newest=new_jti, expires_at=expires_at):
        return
    family.delete()
    raise SessionEnded


def close_family(*, family_id: UUID, user_id: int) -> None:
    """End a sign-in; one that has ended already stays so."""
    TokenFamily.objects.filter(id=family_id, user_id=user_id).delete()


@durable
def forget_families(*, before: datetime, limit: int = 1_000) -> int:
    """Drop sign-ins that nobody can renew any more; return how many."""
    expired = TokenFamily.objects.filter(expires_at__lt=before).order_by("expires_at")
    ids = list(expired.values_list("id", flat=True)[:limit])
    TokenFamily.objects.filter(id__in=ids).delete()
    return len(ids)

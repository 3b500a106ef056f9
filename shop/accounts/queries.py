"""Reads about people."""

from collections.abc import Collection

from shop.accounts.models import User
from shop.accounts.rules import Standing


def standings(user_ids: Collection[int]) -> dict[int, Standing]:
    """Return how the accounts stand, by id, in one query; unknown ids are left out."""
    rows = User.objects.filter(id__in=user_ids).values_list("id", "is_active", "token_version")
    return {
        user_id: Standing(is_active=is_active, token_version=token_version)
        for user_id, is_active, token_version in rows
    }

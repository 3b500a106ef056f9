"""Reads about people."""

from collections.abc import Collection

from shop.accounts.errors import UnknownAddress, UnknownUser
from shop.accounts.models import Address, User, email_key
from shop.accounts.rules import Standing, username_key
from shop.lib.keyset import Page, page

PAGE_SIZE = 24


def standings(user_ids: Collection[int]) -> dict[int, Standing]:
    """Return how the accounts stand, by id, in one query; unknown ids are left out."""
    rows = User.objects.filter(id__in=user_ids).values_list("id", "is_active", "token_version")
    return {
        user_id: Standing(is_active=is_active, token_version=token_version)
        for user_id, is_active, token_version in rows
    }


def find(user_id: int) -> User:
    """Return an account, in one query. Raises UnknownUser."""
    user = User.objects.filter(id=user_id).first()
    if user is None:
        raise UnknownUser(user_id=user_id)
    return user


def ids_by_username(usernames: Collection[str]) -> dict[str, int]:
    """Return the ids of the accounts with these usernames, in whatever spelling, in one query.

    Unknown ones are left out.
    """
    keys = {username: username_key(username) for username in usernames}
    rows = User.objects.filter(username_key__in=keys.values()).values_list("username_key", "id")
    ids = dict(rows)
    return {username: ids[key] for username, key in keys.items() if key in ids}


def with_password(usernames: Collection[str], password: str) -> list[str]:
    """Return those of these accounts that this password opens, in one query."""
    users = User.objects.filter(username__in=usernames, is_active=True).order_by("username")
    return [user.username for user in users if user.check_password(password)]


def by_email(email: str) -> User | None:
    """Return the account with this e-mail address, in whatever spelling, in one query."""
    key = email_key(email)
    return None if key is None else User.objects.filter(email_key=key).first()


def page_of_all(*, cursor: str | None = None, size: int = PAGE_SIZE) -> Page[User]:
    """Return a page of all accounts, the oldest first, in one query. Raises InvalidCursor."""
    return page(User.objects.all(), ordering=("id",), size=size, cursor=cursor)


def addresses_of(user_id: int) -> list[Address]:
    """Return somebody's address book, the last used first, in one query."""
    return list(Address.objects.filter(user_id=user_id).order_by("-used_at", "-id"))


def address(*, user_id: int, address_id: int) -> Address:
    """Return an address of somebody's own, in one query. Raises UnknownAddress."""
    found = Address.objects.filter(user_id=user_id, id=address_id).first()
    if found is None:
        raise UnknownAddress(address_id=address_id)
    return found

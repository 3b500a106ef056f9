"""Reads about people."""

from collections.abc import Collection
from itertools import groupby
from operator import itemgetter
from typing import Any

from shop.accounts.errors import UnknownAddress, UnknownUser
from shop.accounts.models import Address, User
from shop.accounts.rules import (
    Account,
    AddressFields,
    KeptAddress,
    Standing,
    email_key,
    username_key,
)
from shop.lib.keyset import Page, page

PAGE_SIZE = 24
_ACCOUNT = (
    "id",
    "is_active",
    "token_version",
    "email",
    "username",
    "first_name",
    "last_name",
    "city",
    "address",
)
_ADDRESS = ("name", "line1", "line2", "postcode", "city", "country")
_BOOK = ("addresses__id", *(f"addresses__{field}" for field in _ADDRESS))


def standings(user_ids: Collection[int]) -> dict[int, Standing]:
    """Return how the accounts stand, by id, in one query; unknown ids are left out."""
    rows = User.objects.filter(id__in=user_ids).values_list("id", "is_active", "token_version")
    return {
        user_id: Standing(is_active=is_active, token_version=token_version)
        for user_id, is_active, token_version in rows
    }


def accounts(user_ids: Collection[int], *, with_books: bool) -> dict[int, Account]:
    """Return the accounts by id, in one query; unknown ids are left out.

    Address books are looked into only where somebody needs one.
    """
    columns = (*_ACCOUNT, *_BOOK) if with_books else _ACCOUNT
    order = ("id", "-addresses__used_at", "-addresses__id") if with_books else ("id",)
    rows = User.objects.filter(id__in=user_ids).order_by(*order).values_list(*columns)
    return {user_id: _account(list(own)) for user_id, own in groupby(rows, itemgetter(0))}


def _account(rows: list[tuple[Any, ...]]) -> Account:
    _, is_active, version, email, username, first, last, city, address = rows[0][: len(_ACCOUNT)]
    book = [row[len(_ACCOUNT) :] for row in rows if len(row) > len(_ACCOUNT)]
    return Account(
        standing=Standing(is_active=is_active, token_version=version),
        email=email,
        name=f"{first} {last}".strip() or username,
        city=city,
        address=address,
        book=tuple(
            KeptAddress(id=id_, fields=AddressFields(**dict(zip(_ADDRESS, fields, strict=True))))
            for id_, *fields in book
            if id_ is not None
        ),
    )


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


def emails_of_staff_who_may(right: str) -> list[str]:
    """Return the addresses of those of the staff who have this right: `events.change_webhook`."""
    able = User.objects.with_perm(right, backend="django.contrib.auth.backends.ModelBackend")
    staff = able.filter(is_staff=True).exclude(email="").order_by("id")
    return list(staff.values_list("email", flat=True))

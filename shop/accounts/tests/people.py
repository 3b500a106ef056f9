"""Everything that is written down of people, to see what a verb changed and what it left alone."""

from typing import Any

from shop.accounts.models import Address, TokenFamily, User
from shop.accounts.rules import NewPerson

GOOD_PASSWORD = "correct horse battery staple"


def everything() -> list[tuple[Any, ...]]:
    """Return every row of accounts, address books and sign-ins."""
    models = (User, Address, TokenFamily)
    return [row for model in models for row in model._default_manager.order_by("pk").values_list()]


def person(username: str = "maya", **facts: str) -> NewPerson:
    """Return somebody who wants an account."""
    return NewPerson(username=username, **{"email": f"{username}@example.com"} | facts)

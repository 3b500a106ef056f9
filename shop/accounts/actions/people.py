"""Opening an account, and changing what it says."""

from collections.abc import Collection, Mapping
from dataclasses import asdict

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from shop.accounts import queries as accounts
from shop.accounts.errors import EmailTaken, UnknownUser, UsernameTaken, WeakPassword
from shop.accounts.models import User
from shop.accounts.rules import NewPerson, email_key, username_key
from shop.events import actions as events
from shop.events.rules import subject_of
from shop.lib.texts import check_lines
from shop.lib.transactions import durable

# What people change themselves; anything else of an account is the shop's.
DETAILS = frozenset({"email", "first_name", "last_name", "city", "address"})


def register(*, person: NewPerson, password: str | None) -> int:
    """Open an account; return its id. It can be used at once, without a password by nobody.

    Raises UnprintableText, UsernameTaken, EmailTaken or WeakPassword.
    """
    check_lines(**asdict(person))
    user = User(**asdict(person))
    # As forms that sign people in do it: letters that look alike are one.
    user.username = User.normalize_username(person.username)
    if password is not None:
        _check_password(password, user)
    # Takes its time by design, so it is done before there is a transaction others wait for.
    user.set_password(password)
    _open_account(user)
    return user.id


@durable
def _open_account(user: User) -> None:
    _save(user)
    _tell("registered", user.id)


@durable
def change_details(*, user_id: int, details: Mapping[str, str]) -> None:
    """Change what somebody says of themselves, some of DETAILS.

    Raises UnprintableText, UnknownUser or EmailTaken.
    """
    unknown = details.keys() - DETAILS
    if unknown:
        raise ValueError(f"not a person's own to change: {', '.join(sorted(unknown))}")
    check_lines(**details)
    user = _lock(user_id)
    for name, value in details.items():
        setattr(user, name, value)
    _save(user, fields=details.keys())
    tell_changed(user_id=user_id, fields=details.keys())


def tell_changed(*, user_id: int, fields: Collection[str]) -> None:
    """Tell that these fields of an account were written, for those who do it by hand.

    Raises OutsideTransactionError.
    """
    if fields:
        _tell("changed", user_id, fields=sorted(fields))


def change_password(*, user_id: int, password: str) -> None:
    """Set a password; every token given out so far stops working.

    Raises UnknownUser or WeakPassword.
    """
    _check_password(password, accounts.find(user_id))
    # Takes its time by design, so it is done before there is a transaction others wait for.
    _write_password(user_id, make_password(password))


@durable
def _write_password(user_id: int, hashed: str) -> None:
    user = _lock(user_id)
    user.password = hashed
    user.token_version += 1
    user.save(update_fields=["password", "token_version"])
    _tell("password_changed", user_id)


@durable
def appoint(*, user_id: int, groups: Collection[str] = (), is_superuser: bool = False) -> None:
    """Let somebody into the back office, with the rights of these groups or with all of them.

    Raises UnknownUser, and ValueError for a group that does not exist.
    """
    user = _lock(user_id)
    found = list(Group.objects.filter(name__in=groups))
    if len(found) != len(set(groups)):
        raise ValueError(f"no such groups: {set(groups) - {group.name for group in found}}")
    user.is_staff = True
    user.is_superuser = is_superuser
    user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.add(*found)
    _tell("appointed", user_id)


@durable
def set_active(*, user_ids: Collection[int], is_active: bool) -> None:
    """Let accounts in again, or lock them out with all their tokens, all or none.

    Raises UnknownUser.
    """
    users = {user.id: user for user in _locked(user_ids)}
    for user_id in user_ids:
        if user_id not in users:
            raise UnknownUser(user_id=user_id)
    changed = [user for user in users.values() if user.is_active != is_active]
    for user in changed:
        user.is_active = is_active
        if not is_active:
            user.token_version += 1
        # One by one, so that whoever follows what happens to accounts sees each of them.
        user.save(update_fields=["is_active", "token_version"])
    if changed:
        ids = [user.id for user in changed]
        events.emit(
            name="user.enabled" if is_active else "user.disabled",
            subject=subject_of("user", ids),
            payload={"user_ids": ids},
        )


def _tell(what: str, user_id: int, **more: list[str]) -> None:
    events.emit(
        name=f"user.{what}", subject=f"user:{user_id}", payload={"user_id": user_id, **more}
    )


def _lock(user_id: int) -> User:
    for user in _locked([user_id]):
        return user
    raise UnknownUser(user_id=user_id)


def _locked(user_ids: Collection[int]) -> list[User]:
    return list(User.objects.select_for_update().filter(id__in=user_ids).order_by("id"))


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(problems=tuple(error.messages)) from error


def _save(user: User, *, fields: Collection[str] | None = None) -> None:
    """Write an account; where the database refuses it, say whose name or address it is."""
    try:
        # A savepoint, so that the question below can still be asked.
        with transaction.atomic():
            user.save(update_fields=fields)
    except IntegrityError as error:
        others = User.objects.exclude(id=user.id)
        if others.filter(username_key=username_key(user.username)).exists():
            raise UsernameTaken(username=user.username) from error
        key = email_key(user.email)
        if key is not None and others.filter(email_key=key).exists():
            raise EmailTaken from error
        raise

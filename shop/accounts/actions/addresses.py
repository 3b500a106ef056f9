"""The address book."""

from contextlib import suppress
from dataclasses import asdict

from django.utils import timezone

from shop.accounts.errors import AddressBookIsFull, UnknownAddress, UnknownUser
from shop.accounts.models import Address, User
from shop.accounts.rules import MOST_ADDRESSES, AddressFields
from shop.lib.texts import check_lines
from shop.lib.transactions import durable, require_transaction


@durable
def keep_address(*, user_id: int, address: AddressFields, address_id: int | None = None) -> int:
    """Add an address to somebody's book, or change the one of that id; return its id.

    An address that is there already is not added twice; it counts as used just now. Raises
    UnprintableText, UnknownUser, UnknownAddress or AddressBookIsFull.
    """
    check_lines(**asdict(address))
    return _keep(user_id=user_id, address=address, address_id=address_id)


def note_use(*, user_id: int, address: AddressFields) -> None:
    """Let an address that was used be in somebody's book, as one that was used just now.

    For news of it, which may come late: where the account has gone, or its book is full, nothing
    happens. Raises OutsideTransactionError.
    """
    require_transaction()
    with suppress(UnknownUser, AddressBookIsFull):
        _keep(user_id=user_id, address=address, address_id=None)


def _keep(*, user_id: int, address: AddressFields, address_id: int | None) -> int:
    # The book is locked by its owner, so that two tabs cannot fill it past its limit.
    if not User.objects.select_for_update().filter(id=user_id).exists():
        raise UnknownUser(user_id=user_id)
    values = {**asdict(address), "used_at": timezone.now()}
    own = Address.objects.filter(user_id=user_id)
    if address_id is None:
        same = own.filter(**asdict(address)).values_list("id", flat=True).first()
        if same is None and own.count() >= MOST_ADDRESSES:
            raise AddressBookIsFull(limit=MOST_ADDRESSES)
        if same is None:
            return Address.objects.create(user_id=user_id, **values).id
        address_id = same
    if not own.filter(id=address_id).update(**values):
        raise UnknownAddress(address_id=address_id)
    return address_id


@durable
def remove_address(*, user_id: int, address_id: int) -> None:
    """Take an address out of somebody's book; orders keep their copies. Raises UnknownAddress."""
    removed, _ = Address.objects.filter(user_id=user_id, id=address_id).delete()
    if not removed:
        raise UnknownAddress(address_id=address_id)

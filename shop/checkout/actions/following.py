"""What follows an order, a moment later and not on its buyer's time."""

from dataclasses import asdict

from shop.accounts import actions as accounts
from shop.accounts.rules import AddressFields
from shop.lib.transactions import require_transaction
from shop.orders import queries as orders


def keep_address_of(*, order_id: int) -> None:
    """Put where an order goes into its buyer's address book, as used just now.

    Raises OutsideTransactionError.
    """
    require_transaction()
    user_id, address = orders.destination(order_id)
    if user_id is not None and address is not None:
        accounts.note_use(user_id=user_id, address=AddressFields(**asdict(address)))

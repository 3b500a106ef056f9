"""Who buys: as they say, as their account says, and as whom a limit counts them."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from shop.accounts.errors import UnknownAddress
from shop.accounts.rules import Account
from shop.checkout.errors import AccountCannotOrder, ContactIncomplete
from shop.orders.rules import PostalAddress

# As much as fits in a line of an address.
LONGEST_LINE = 200
LONGEST_CUSTOMER = 80


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who orders, and where it goes.

    What is None is taken from the account when the order is placed, and so is the address that
    `address_id` names in its book. `token_version` is that of the sign-in somebody orders with;
    None where no sign-in is at stake.
    """

    email: str | None = None
    address: PostalAddress | None = None
    user_id: int | None = None
    token_version: int | None = None
    address_id: int | None = None
    keeps_address: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is left for an account to say."""
        return self.email is not None and self.address is not None

    @property
    def needs_book(self) -> bool:
        """Tell whether the address is in the account's book."""
        return self.user_id is not None and self.address is None


def customers_of(buyer: Buyer) -> tuple[str, ...]:
    """Return as whom a limit counts this whole buyer: by account, by e-mail and by postal address.

    Case, white space and punctuation make nobody another customer, and neither does the name: who
    lives at one address shares what one can have. Addresses are digests: nobody has to read them.
    """
    found = [] if buyer.user_id is None else [f"user:{buyer.user_id}"]
    address = buyer.address or PostalAddress()
    place = (address.line1 + address.line2, address.city, address.postcode, address.country)
    for kind, parts in (("email", (buyer.email or "",)), ("address", tuple(map(_bare, place)))):
        text = "\n".join("".join(part.split()).casefold() for part in parts)
        if text.strip():
            found.append(f"{kind}:{hashlib.sha256(text.encode()).hexdigest()}")
    return tuple(found)


def with_account(buyer: Buyer, accounts: Mapping[int, Account], *, country: str) -> Buyer:
    """Return a buyer of whom nothing is left to say: what they did not, their account has.

    `country` is where accounts live that say of their address only street and town. Raises
    AccountCannotOrder unless the buyer is a guest or an account that may act; UnknownAddress; and
    ContactIncomplete where nobody has said it.
    """
    if buyer.user_id is None:
        return _whole(buyer)
    account = accounts.get(buyer.user_id)
    if account is None or not _may_order(buyer, account):
        raise AccountCannotOrder
    email = account.email or None if buyer.email is None else buyer.email
    address = _kept(buyer, account, country=country) if buyer.address is None else buyer.address
    if address is not None and not address.name:
        address = replace(address, name=account.name)
    return _whole(replace(buyer, email=email, address=address))


def _may_order(buyer: Buyer, account: Account) -> bool:
    standing = account.standing
    return standing.is_active and buyer.token_version in {None, standing.token_version}


def _kept(buyer: Buyer, account: Account, *, country: str) -> PostalAddress | None:
    """Return the address of the book that is meant, or the last used, or the account's own."""
    if buyer.address_id is not None:
        for kept in account.book:
            if kept.id == buyer.address_id:
                return PostalAddress(**asdict(kept.fields))
        raise UnknownAddress(address_id=buyer.address_id)
    if account.book:
        return PostalAddress(**asdict(account.book[0].fields))
    if account.address and account.city:
        line1 = account.address[:LONGEST_LINE]
        return PostalAddress(line1=line1, city=account.city, country=country)
    return None


def _whole(buyer: Buyer) -> Buyer:
    said = {"email": buyer.email, "address": buyer.address}
    missing = tuple(name for name in said if said[name] is None)
    if missing:
        raise ContactIncomplete(missing=missing)
    return buyer


def _bare(text: str) -> str:
    """Return a text without white space, punctuation and what cannot be seen."""
    signs = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in signs if unicodedata.category(sign)[0] not in "ZPC")

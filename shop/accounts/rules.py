"""Who somebody is, as others tell us and as others need to know."""

import unicodedata
from dataclasses import dataclass

from shop.events.rules import NUMBER, TEXT, Kind, many

MOST_ADDRESSES = 20
LONGEST_USERNAME = 150
LONGEST_EMAIL = 254
# Attempts to sign in, in so many seconds and through whichever door. All count, not only those that
# fail: two hundred passwords at the same moment would fail too late to be counted. With one name
# from one address, ...
SIGN_INS_FROM_HERE = 10
# ... from one address, which many people share (an office, a mobile network), ...
SIGN_INS_OF_ADDRESS = 100
# ... and with one name from anywhere.
SIGN_INS_OF_NAME = 50
SIGN_IN_SECONDS = 15 * 60

_ONE_USER = {"user_id": NUMBER}
_THESE_USERS = {"user_ids": many(NUMBER)}
NEWS = (
    Kind("user.registered", "Somebody has an account.", _ONE_USER),
    Kind(
        "user.changed",
        "An account says something else: these of its fields.",
        {**_ONE_USER, "fields": many(TEXT)},
    ),
    Kind("user.password_changed", "An account has another password.", _ONE_USER),
    Kind("user.appointed", "Somebody may come into the back office.", _ONE_USER),
    Kind("user.enabled", "Accounts may be used again.", _THESE_USERS),
    Kind("user.disabled", "Accounts are locked out, with all their tokens.", _THESE_USERS),
)


def username_key(username: str) -> str:
    """Return the form in which two spellings of one username are equal."""
    plain = unicodedata.normalize("NFKC", username).strip().casefold()
    # Some letters fold into several; the column has room for as many as a username can have.
    return unicodedata.normalize("NFKC", plain)[:LONGEST_USERNAME]


def email_key(email: str) -> str | None:
    """Return the form in which two spellings of one e-mail address are equal, None for none."""
    # Some letters fold into two, and the column has room for as many as an address can have.
    return email.strip().casefold()[:LONGEST_EMAIL] or None


def sign_in_limits(*, name: str, address: str) -> dict[str, int]:
    """Return what an attempt to sign in counts for and how often each may be, in this order.

    The narrowest comes first: one address that has tried a name too often does not use up what is
    left for it elsewhere, or strangers could keep its owner out. Without a name there is only the
    address.
    """
    key = username_key(name)
    of_address = {f"sign-in:address:{address}": SIGN_INS_OF_ADDRESS}
    if not key:
        return of_address
    return {
        f"sign-in:both:{key} {address}": SIGN_INS_FROM_HERE,
        **of_address,
        f"sign-in:name:{key}": SIGN_INS_OF_NAME,
    }


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an account may act, and which of its tokens count."""

    is_active: bool
    token_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAddress:
    """An address of somebody's book, as the book has it."""

    id: int
    fields: "AddressFields"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How an account stands, and what it says of whom it belongs to; last used addresses first.

    `name` is what to write on a parcel: the full name, or else the username.
    """

    standing: Standing
    email: str
    name: str
    city: str
    address: str
    book: tuple[KeptAddress, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What somebody says of themselves who opens an account."""

    username: str
    email: str
    first_name: str = ""
    last_name: str = ""
    city: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressFields:
    """A place things are sent to; the country is an ISO 3166-1 alpha-2 code."""

    name: str
    line1: str
    city: str
    country: str
    line2: str = ""
    postcode: str = ""

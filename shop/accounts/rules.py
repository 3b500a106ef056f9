"""Who somebody is, as others tell us and as others need to know."""

import unicodedata
from dataclasses import dataclass

MOST_ADDRESSES = 20
LONGEST_USERNAME = 150


def username_key(username: str) -> str:
    """Return the form in which two spellings of one username are equal."""
    plain = unicodedata.normalize("NFKC", username).strip().casefold()
    # Some letters fold into several; the column has room for as many as a username can have.
    return unicodedata.normalize("NFKC", plain)[:LONGEST_USERNAME]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an account may act, and which of its tokens count."""

    is_active: bool
    token_version: int


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

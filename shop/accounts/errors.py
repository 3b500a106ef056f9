"""What accounts refuse."""

from dataclasses import dataclass
from typing import ClassVar

from shop.lib.refusals import Refusal


@dataclass(eq=False)
class UsernameTaken(Refusal):
    """Somebody has this username already, in whatever spelling."""

    code: ClassVar[str] = "username_taken"
    username: str


@dataclass(eq=False)
class EmailTaken(Refusal):
    """Somebody has this e-mail address already, in whatever spelling."""

    code: ClassVar[str] = "email_taken"


@dataclass(eq=False)
class WeakPassword(Refusal):
    """A password that is guessed too easily; `problems` has a sentence for each reason."""

    code: ClassVar[str] = "weak_password"
    problems: tuple[str, ...]


@dataclass(eq=False)
class UnknownUser(Refusal):
    """There is no such account."""

    code: ClassVar[str] = "unknown_user"
    user_id: int


@dataclass(eq=False)
class UnknownAddress(Refusal):
    """There is no such address, or it is somebody else's."""

    code: ClassVar[str] = "unknown_address"
    address_id: int


@dataclass(eq=False)
class AddressBookIsFull(Refusal):
    """An address book has room for so many addresses."""

    code: ClassVar[str] = "address_book_is_full"
    limit: int


@dataclass(eq=False)
class SessionEnded(Refusal):
    """The tokens of this sign-in do not count any more."""

    code: ClassVar[str] = "session_ended"

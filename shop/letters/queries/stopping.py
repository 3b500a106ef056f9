"""The links by which people stop letters: an address, under the shop's seal."""

from django.core.signing import BadSignature, Signer

from shop.letters.errors import UnknownLink
from shop.letters.rules import address_key

_SALT = "letters.stopping"


def stopping_seal(email: str) -> str:
    """Return what stands in the link that stops reminders to this address."""
    sealed: str = Signer(salt=_SALT).sign_object(address_key(email))
    return sealed


def email_of(seal: str) -> str:
    """Return the address (in small letters) that a link is about. Raises UnknownLink."""
    try:
        return str(Signer(salt=_SALT).unsign_object(seal))
    except BadSignature:
        raise UnknownLink from None

"""How often somebody may try to sign in: counted once for all doors of the shop."""

from shop.accounts.rules import SIGN_IN_SECONDS, sign_in_limits
from shop.gate import actions as gate


def admit_sign_in(*, name: str, address: str) -> None:
    """Count one more attempt for this name (in whatever spelling) from this address.

    Raises TooManyRequests. Every door counts here before it looks at a password: a door with
    counts of its own would be as many guesses again.
    """
    for key, limit in sign_in_limits(name=name, address=address).items():
        gate.admit(key=key, limit=limit, seconds=SIGN_IN_SECONDS)


def forget_sign_in(*, name: str, address: str) -> None:
    """Count one attempt less, of those that were admitted: its password was right."""
    for key in sign_in_limits(name=name, address=address):
        gate.forget_one(key=key, seconds=SIGN_IN_SECONDS)

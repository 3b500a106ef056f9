"""Codes that people read out and nobody can guess."""

import secrets

# Crockford's base 32: no I, L, O or U, so that nothing is misread or offends.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def random_code(length: int) -> str:
    """Return `length` random characters of five bits each."""
    # A byte has a whole number of times five bits' worth of values, so none is more likely.
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(length))

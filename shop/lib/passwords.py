"""How passwords are kept: Argon2 at a cost that a shop can pay when everybody signs in."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class AffordableArgon2Hasher(Argon2PasswordHasher):
    """Argon2id at the first choice of OWASP's Password Storage Cheat Sheet.

    Django's own cost (100 MiB, eight lanes) takes nine times the processor time of this one, and an
    app server answers nobody else meanwhile. Passwords kept at another cost still open their
    accounts, and are kept at this one from then on.
    """

    time_cost = 2
    # In KiB.
    memory_cost = 19_456
    parallelism = 1

"""The cost of a password's hash is what it says, and those of another cost still open."""

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password
from django.test import override_settings

from shop.lib.passwords import AffordableArgon2Hasher

pytestmark = pytest.mark.once

HASHERS = [
    "shop.lib.passwords.AffordableArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]


def test_a_password_is_kept_at_the_cost_that_is_recommended() -> None:
    kept = AffordableArgon2Hasher().encode("tern-and-tide", "a-salt-of-some-length")

    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@override_settings(PASSWORD_HASHERS=HASHERS)
def test_a_password_that_was_kept_at_another_cost_opens_and_is_kept_anew() -> None:
    old = Argon2PasswordHasher().encode("tern-and-tide", "a-salt-of-some-length")
    anew: list[str] = []

    assert check_password("tern-and-tide", old, setter=anew.append)
    assert anew == ["tern-and-tide"]
    assert not check_password("tern-and-turn", old, setter=anew.append)
    assert len(anew) == 1

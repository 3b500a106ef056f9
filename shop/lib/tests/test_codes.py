"""Codes that nobody misreads and nobody guesses."""

import pytest

from shop.lib.codes import random_code

pytestmark = pytest.mark.once


@pytest.mark.parametrize("length", [0, 1, 12, 40])
def test_a_code_has_the_length_asked_for(length: int) -> None:
    assert len(random_code(length)) == length


def test_every_character_of_the_alphabet_is_used_and_no_other() -> None:
    """That one of 32 is missing from 6,400 would happen once in 10^86 runs."""
    assert set(random_code(6_400)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_codes_differ() -> None:
    assert len({random_code(12) for _ in range(2_000)}) == 2_000

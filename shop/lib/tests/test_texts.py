"""What a text can hold that others read."""

import pytest

from shop.lib.texts import UnprintableText, are_lines, check_lines, is_line

pytestmark = pytest.mark.once

NEVER = [
    "\0",
    "\x07",
    "\x1b",
    "\x7f",
    "\x85",
    "\u2028",
    "\u2029",
    "\u202a",
    "\u202e",
    "\u2066",
    "\u2069",
]


@pytest.mark.parametrize(
    "text", ["", "Maya Roth", "Łódź", "محمد", "山田", "👩‍👧", "a\u200db", "O\u2019Neill"]
)
def test_what_people_are_called_can_be_printed(text: str) -> None:
    assert is_line(text)
    assert are_lines(text)


@pytest.mark.parametrize("character", NEVER)
def test_what_controls_or_deceives_cannot(character: str) -> None:
    for text in (character, f"a{character}", f"{character}b", f"a{character}b"):
        assert not is_line(text)
        assert not are_lines(text)


@pytest.mark.parametrize("character", ["\n", "\r\n", "\t"])
def test_lines_end_and_one_line_does_not(character: str) -> None:
    for text in (character, f"a{character}", f"a{character}b"):
        assert not is_line(text)
        assert are_lines(text)


def test_a_refusal_names_the_first_that_is_wrong() -> None:
    check_lines(name="Maya", city="Leeds")
    with pytest.raises(UnprintableText) as caught:
        check_lines(name="Maya", city="Lee\u202eds", line1="\n")
    assert caught.value.data == {"field": "city"}

"""What a text can hold that people write and others read."""

import re
from dataclasses import dataclass
from typing import ClassVar

from shop.lib.refusals import Refusal

# Control characters, both separators of lines, and what turns the direction of the text after it:
# with these a name can pretend to be another one, on a page as on a parcel.
_UNPRINTABLE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
# All of a text that is one line, as a pattern that the API's description can tell, too.
LINE = rf"^[^{_UNPRINTABLE}]*$"
_LINE = re.compile(rf"[^{_UNPRINTABLE}]*")
_LINES = re.compile(rf"(?:[^{_UNPRINTABLE}]|[\t\r\n])*")


@dataclass(eq=False)
class UnprintableText(Refusal):
    """A text with characters in it that cannot be printed, or that deceive; `field` says which."""

    code: ClassVar[str] = "unprintable_text"
    field: str


def is_line(text: str) -> bool:
    """Tell whether a text is one line that can be printed as it is."""
    return _LINE.fullmatch(text) is not None


def are_lines(text: str) -> bool:
    """Tell whether a text can be printed as it is, line by line."""
    return _LINES.fullmatch(text) is not None


def check_lines(**texts: str) -> None:
    """Raise UnprintableText for the first of these that is not one line, by its name."""
    for field, text in texts.items():
        if not is_line(text):
            raise UnprintableText(field=field)

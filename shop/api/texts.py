"""Texts in bodies: what is one line has no line breaks, and nothing has what cannot be stored."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from shop.lib.texts import LINE

LONGEST_TEXT = 20_000
PRINTABLE = RegexValidator(LINE, "Line breaks and control characters are not possible.", "control")


class LineField(serializers.CharField):
    """One line of text, without the white space around it."""

    def __init__(self, **options: Any) -> None:
        if not options.get("allow_blank"):
            # Says in the description what is refused anyway.
            options.setdefault("min_length", 1)
        super().__init__(**options)
        self.validators.append(PRINTABLE)


def optional_line(longest: int, help_text: str = "") -> LineField:
    """Return a line that may be left out or empty."""
    return LineField(
        max_length=longest, required=False, allow_blank=True, default="", help_text=help_text
    )


def text_field(longest: int = LONGEST_TEXT) -> serializers.CharField:
    """Return a text of several lines that may be left out or empty."""
    return serializers.CharField(
        max_length=longest, required=False, allow_blank=True, default="", trim_whitespace=False
    )

"""Fields of forms, and what they say of mistakes: in the shop's words, here and nowhere else."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError

from shop.lib.texts import are_lines, is_line

# More than any sentence; a password is hashed, and a megabyte of it would keep us busy.
_LONGEST_PASSWORD = 500
# Ids have fewer digits than that.
_DIGITS = 19
UNPRINTABLE = "A character in it cannot be printed."
# By what Django's fields and validators call a mistake.
MISTAKES: dict[str, Any] = {
    "required": "Please fill this in.",
    "max_length": "Too long: there is room for %(limit_value)d letters, and it has %(show_value)d.",
    "null_characters_not_allowed": UNPRINTABLE,
    "invalid_choice": "Please choose one of those that are offered.",
}
_NO_EMAIL = MISTAKES | {"invalid": "This is no e-mail address, like ann@example.com."}
_NO_USERNAME = MISTAKES | {"invalid": "A space, or another character that no username has."}


def check_line(text: str) -> None:
    """Raise ValidationError unless a text is one line that can be printed."""
    # Of NUL the field itself has complained.
    if not is_line(text.replace("\0", "")):
        raise ValidationError(UNPRINTABLE, code="unprintable")


def check_lines(text: str) -> None:
    """Raise ValidationError unless a text can be printed, line by line."""
    if not are_lines(text.replace("\0", "")):
        raise ValidationError(UNPRINTABLE, code="unprintable")


class LinesField(forms.CharField):
    """Some lines of text. Browsers send two characters for the end of a line, and count one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(error_messages=MISTAKES, validators=[check_lines], **options)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


def text_field(label: str, autocomplete: str, *, length: int, required: bool = True) -> Any:
    """Return a field for a line of text that a browser may know already."""
    return forms.CharField(
        label=label,
        max_length=length,
        required=required,
        validators=[check_line],
        error_messages=MISTAKES,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete}),
    )


def email_field(hint: str = "") -> Any:
    """Return a field for an e-mail address."""
    return forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text=hint,
        validators=[check_line],
        error_messages=_NO_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def username_field(label: str, *, length: int, hint: str = "") -> Any:
    """Return a field for the name by which somebody signs in."""
    attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    return UsernameField(
        label=label,
        max_length=length,
        help_text=hint,
        error_messages=_NO_USERNAME,
        widget=forms.TextInput(attrs=attrs),
    )


def password_field(label: str, *, autocomplete: str, hint: str = "", **attrs: Any) -> Any:
    """Return a field for a password: never shown again, spaces are part of it."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=_LONGEST_PASSWORD,
        help_text=hint,
        error_messages=MISTAKES,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete, **attrs}),
    )


def new_password_field(label: str = "Password") -> Any:
    """Return a field for a password that somebody thinks up."""
    hint = "At least 8 characters, not only digits, and nothing that is easily guessed."
    return password_field(label, autocomplete="new-password", hint=hint)


def number_in(text: str) -> int | None:
    """Return the id that a field of a form names, None where it names none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None

"""What people tell us of themselves, and what is wrong with it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator

from shop.accounts import queries as accounts
from shop.accounts.rules import AddressFields, NewPerson
from shop.lib.countries import countries
from shop.storefront.fields import (
    MISTAKES,
    email_field,
    new_password_field,
    password_field,
    text_field,
    username_field,
)

if TYPE_CHECKING:
    from shop.accounts.models import User

_UNKNOWN = "We know no account with this name and password. Please check both."


class SignInForm(AuthenticationForm):
    """A username or an e-mail address, and the password."""

    username = username_field("Username or e-mail", length=254)
    password = password_field("Password", autocomplete="current-password")
    error_messages = {"invalid_login": _UNKNOWN, "inactive": _UNKNOWN}

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        # Django cuts it down to a username's length; e-mail addresses are longer.
        self.fields["username"].widget.attrs["maxlength"] = 254

    def clean_username(self) -> str:
        """Return the username of the account whose e-mail address was given.

        Somebody else's username may look like that address: the address is the stronger claim.
        """
        name: str = self.cleaned_data["username"]
        user = accounts.by_email(name) if "@" in name else None
        return name if user is None else user.username


class SignUpForm(forms.Form):
    """Who somebody is, and the password they want."""

    first_name = text_field("First name (optional)", "given-name", length=150, required=False)
    last_name = text_field("Last name (optional)", "family-name", length=150, required=False)
    email = email_field("For your orders, and if you forget your password.")
    username = username_field("Username", length=150, hint="Letters, digits and @ . + - _ only.")
    password = new_password_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].validators.append(UnicodeUsernameValidator())

    def clean_password(self) -> str:
        """Refuse what is weak whoever has it; the shop looks for their own name in it, too."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password

    @property
    def person(self) -> NewPerson:
        """Whom a valid form speaks of."""
        told = self.cleaned_data
        return NewPerson(
            username=told["username"],
            email=told["email"],
            first_name=told["first_name"],
            last_name=told["last_name"],
        )


class DetailsForm(forms.Form):
    """What somebody says of themselves."""

    first_name = text_field("First name (optional)", "given-name", length=150, required=False)
    last_name = text_field("Last name (optional)", "family-name", length=150, required=False)
    email = email_field()
    address = text_field(
        "Street and number (optional)", "address-line1", length=255, required=False
    )
    city = text_field("Town or city (optional)", "address-level2", length=100, required=False)


class AddressForm(forms.Form):
    """A place things are sent to."""

    name = text_field("Full name", "name", length=200)
    line1 = text_field("Street and number", "address-line1", length=200)
    line2 = text_field(
        "Flat, floor, company (optional)", "address-line2", length=200, required=False
    )
    postcode = text_field("Postcode (if any)", "postal-code", length=20, required=False)
    city = text_field("Town or city", "address-level2", length=100)
    country = forms.ChoiceField(
        choices=lambda: [("", "Choose a country"), *countries()],
        initial=lambda: settings.DEFAULT_COUNTRY,
        error_messages=MISTAKES,
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )

    @property
    def address(self) -> AddressFields:
        """The place a valid form speaks of."""
        return AddressFields(**{name: self.cleaned_data[name] for name in ADDRESS_NAMES})


ADDRESS_NAMES = ("name", "line1", "line2", "city", "postcode", "country")


class ChangePasswordForm(forms.Form):
    """The password that counts now, and the one that shall."""

    old_password = password_field("Present password", autocomplete="current-password")
    password = new_password_field("New password")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if not self._user.check_password(password):
            raise forms.ValidationError("This is not your present password.")
        return password


class ResetForm(PasswordResetForm):
    """Where a letter with a link shall go."""

    email = email_field("The one of your account.")

    def get_users(self, email: str) -> "Iterator[User]":
        """Yield the account with this address, if somebody could sign in to it."""
        user = accounts.by_email(email)
        if user is not None and user.is_active and user.has_usable_password():
            yield user


class NewPasswordForm(forms.Form):
    """The password of somebody who came by a letter."""

    password = new_password_field("New password")

    def __init__(self, user: "User", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

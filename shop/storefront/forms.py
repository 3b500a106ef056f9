"""What visitors can send us, and what is wrong with it."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from shop.cart.rules import LARGEST_QUANTITY
from shop.orders.rules import METHODS_FOR_BUYERS, PaymentMethod, PostalAddress
from shop.showcase.rules import ProductPage
from shop.storefront.countries import countries

_QUANTITY = f"Please choose a quantity between 1 and {LARGEST_QUANTITY:,}."
_NO_DATE = "Please give a day as YYYY-MM-DD."
_FIRST_DAY = date(1970, 1, 2)
_LAST_DAY = date(2999, 12, 30)


class QuantityField(forms.IntegerField):
    """So many units; every mistake gets the same sentence."""

    def __init__(self, **options: Any) -> None:
        mistakes = ("required", "invalid", "min_value", "max_value")
        super().__init__(
            min_value=1,
            max_value=LARGEST_QUANTITY,
            error_messages=dict.fromkeys(mistakes, _QUANTITY),
            **options,
        )


class AddForm(forms.Form):
    """So many (one, where nothing is said) of one variant (the lead, where none is named)."""

    quantity = QuantityField(required=False, initial=1)

    def __init__(self, product: ProductPage, data: Any = None) -> None:
        super().__init__(data=data)
        self._lead = product.lead.variant_id if product.lead else None
        self._variants = {str(choice.variant_id): choice.variant_id for choice in product.choices}
        self.fields["variant"] = forms.ChoiceField(
            choices=[(variant, variant) for variant in self._variants],
            initial=self._lead,
            required=False,
            error_messages={"invalid_choice": "Please choose something that is on this page."},
        )

    @property
    def chosen(self) -> int | None:
        """The variant that is chosen so far."""
        return self._variants.get(str(self["variant"].value()), self._lead)

    def clean_variant(self) -> int | None:
        return self._variants.get(self.cleaned_data["variant"], self._lead)

    def clean_quantity(self) -> int:
        quantity: int | None = self.cleaned_data["quantity"]
        return 1 if quantity is None else quantity


class LineForm(forms.Form):
    """A line of the cart, and how many of it are wanted, or (`remove`) that it shall go."""

    line = forms.IntegerField(
        error_messages=dict.fromkeys(("required", "invalid"), "This is not in your cart."),
    )
    quantity = QuantityField(initial=1)

    def __init__(self, data: Any) -> None:
        super().__init__(data=data)
        self.removes = "remove" in data
        self.fields["quantity"].disabled = self.removes

    @property
    def mistake(self) -> str:
        """What is wrong, in one sentence; empty where nothing is."""
        return next((str(errors[0]) for errors in self.errors.values()), "")


class CheckoutForm(forms.Form):
    """Who orders, where it goes, and how it is paid for."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text="For news of this order only.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}), label="Full name"
    )
    line1 = forms.CharField(
        max_length=200,
        label="Street and number",
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    line2 = forms.CharField(
        max_length=200,
        required=False,
        label="Flat, floor, company (optional)",
        widget=forms.TextInput(attrs={"autocomplete": "address-line2"}),
    )
    postcode = forms.CharField(
        max_length=20,
        required=False,
        label="Postcode (if any)",
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    city = forms.CharField(
        max_length=100,
        label="Town or city",
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    country = forms.ChoiceField(
        choices=lambda: [("", "Choose a country"), *countries()],
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )
    payment = forms.ChoiceField(
        label="How you pay",
        choices=[(method.value, method.label) for method in METHODS_FOR_BUYERS],
        initial=PaymentMethod.ON_DELIVERY.value,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Please choose one of these ways to pay."},
    )

    @property
    def address(self) -> PostalAddress:
        """Where a valid form says the order goes."""
        names = ("name", "line1", "line2", "city", "postcode", "country")
        return PostalAddress(**{name: self.cleaned_data[name] for name in names})

    @property
    def payment_method(self) -> PaymentMethod:
        """How a valid form says it is paid for."""
        return PaymentMethod(self.cleaned_data["payment"])


class OrdersForm(forms.Form):
    """Which orders a member of staff looks for: by number or origin, or those of a day."""

    find = forms.CharField(required=False)
    date = forms.DateField(
        input_formats=["%Y-%m-%d"],
        required=False,
        validators=[MinValueValidator(_FIRST_DAY), MaxValueValidator(_LAST_DAY)],
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _NO_DATE),
    )

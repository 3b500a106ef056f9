"""What visitors can send us, and what is wrong with it."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from shop.accounts.rules import AddressFields
from shop.cart.rules import LARGEST_QUANTITY
from shop.checkout import queries as checkout
from shop.orders.rules import PaymentMethod
from shop.reviews.rules import BEST_RATING, LONGEST_TEXT, WORST_RATING
from shop.showcase.rules import ProductPage
from shop.storefront.fields import MISTAKES, LinesField, check_line, email_field, number_in
from shop.storefront.people_forms import ADDRESS_NAMES, AddressForm

if TYPE_CHECKING:
    from shop.accounts.models import Address

# As much of what was typed for a number as is shown again.
_LONGEST_TYPED = 20
# What stands for an address that is typed, among those of the address book.
ANOTHER = "another"

_QUANTITY = f"Please choose a quantity between 1 and {LARGEST_QUANTITY:,}."
_USE_REMOVE = "Use Remove to take it out."
_ADDRESS_GONE = "This address is not in your address book any more. Please choose another one."
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

    def __init__(self, variants: Collection[int], *, lead: int | None, data: Any = None) -> None:
        super().__init__(data=data)
        self._lead = lead
        self._variants = {str(variant_id): variant_id for variant_id in variants}
        self.fields["variant"] = forms.ChoiceField(
            choices=[(variant, variant) for variant in self._variants],
            initial=self._lead,
            required=False,
            error_messages={"invalid_choice": "Please choose something that is on this page."},
        )

    @classmethod
    def of(cls, product: ProductPage, data: Any = None) -> "AddForm":
        """Return the form of a product's page."""
        lead = product.lead.variant_id if product.lead else None
        return cls([choice.variant_id for choice in product.choices], lead=lead, data=data)

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
    def typed(self) -> str:
        """The quantity as it was typed."""
        return str(self.data.get("quantity", "")).strip()[:_LONGEST_TYPED]

    @property
    def mistake(self) -> str:
        """What is wrong, in one sentence; empty where nothing is."""
        if "line" not in self.errors and set(self.typed) == {"0"}:
            return _USE_REMOVE
        return next((str(errors[0]) for errors in self.errors.values()), "")


def payment_field() -> forms.ChoiceField:
    """Return the choice among the ways to pay that the shop offers."""
    return forms.ChoiceField(
        label="How you pay",
        choices=lambda: [(method.value, method.label) for method in checkout.payment_methods()],
        initial=PaymentMethod.ON_DELIVERY.value,
        widget=forms.RadioSelect,
        error_messages=MISTAKES | {"invalid_choice": "Please choose one of these ways to pay."},
    )


class CheckoutForm(AddressForm):
    """Who orders, where it goes, and how it is paid for, as it is asked and shown again.

    Whoever has an address book chooses from it (`to`) or types another address.
    """

    field_order = ["email", "to", "name", "line1", "line2", "postcode", "city", "country"]

    email = email_field("So that we can reach you about this order.")
    payment = payment_field()
    keep = forms.BooleanField(label="Keep this address in my address book", required=False)

    def __init__(self, *args: Any, addresses: Sequence["Address"] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._book = {str(address.id): address for address in addresses}
        if addresses:
            self.fields["to"] = forms.ChoiceField(
                label="Where it goes",
                choices=[*self._book.items(), (ANOTHER, "Another address")],
                initial=next(iter(self._book)),
                widget=forms.RadioSelect,
                required=False,
                error_messages={"invalid_choice": _ADDRESS_GONE},
            )
            self.order_fields(self.field_order)

    def clean(self) -> None:
        """Look over what was typed only where it counts."""
        if self._chosen is not None:
            for name in ADDRESS_NAMES:
                self.errors.pop(name, None)

    @property
    def _chosen(self) -> "Address | None":
        return self._book.get(self.cleaned_data.get("to", ""))


class SentCheckoutForm(AddressForm):
    """The checkout's form as it is read when it was sent, without asking for anybody's book.

    Whether an address is there that was chosen from it is found out where the order is placed.
    """

    email = email_field()
    payment = payment_field()
    to = forms.CharField(required=False)
    keep = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, of_user: bool) -> None:
        super().__init__(data)
        self._of_user = of_user
        if not of_user:
            # A guest has no book to choose from.
            del self.fields["to"]

    def clean_to(self) -> str:
        to: str = self.cleaned_data["to"]
        if to not in {"", ANOTHER} and number_in(to) is None:
            raise forms.ValidationError(_ADDRESS_GONE)
        return to

    def clean(self) -> None:
        """Look over what was typed only where it counts."""
        if self.address_id is not None:
            for name in ADDRESS_NAMES:
                self.errors.pop(name, None)

    @property
    def address_id(self) -> int | None:
        """Which address of the user's book was chosen; None where one was typed."""
        return number_in(self.cleaned_data.get("to", ""))

    @property
    def typed_address(self) -> AddressFields | None:
        """Where a valid form says the order goes; None where it chose from the book."""
        return self.address if self.address_id is None else None

    @property
    def keeps_address(self) -> bool:
        """Tell whether the address shall be in the address book, as one that was just used."""
        return self._of_user and (self.address_id is not None or self.cleaned_data["keep"])

    @property
    def payment_method(self) -> PaymentMethod:
        """How a valid form says it is paid for."""
        return PaymentMethod(self.cleaned_data["payment"])


class ReviewForm(forms.Form):
    """What somebody thinks of a product."""

    rating = forms.TypedChoiceField(
        label="Your rating",
        choices=[(stars, stars) for stars in range(WORST_RATING, BEST_RATING + 1)],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Please choose one to five stars."
        ),
    )
    text = LinesField(
        label="Your review (optional)",
        max_length=LONGEST_TEXT,
        required=False,
        help_text="What is it like? What should others know before they buy it?",
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    @property
    def review(self) -> dict[str, Any]:
        """What a valid form says, as the verb takes it."""
        return {"rating": self.cleaned_data["rating"], "text": self.cleaned_data["text"]}


class RemindForm(forms.Form):
    """Where to write when something is there again."""

    email = email_field()


class OrdersForm(forms.Form):
    """Which orders a member of staff looks for: by number or origin, or those of a day."""

    find = forms.CharField(required=False, validators=[check_line], error_messages=MISTAKES)
    date = forms.DateField(
        input_formats=["%Y-%m-%d"],
        required=False,
        validators=[MinValueValidator(_FIRST_DAY), MaxValueValidator(_LAST_DAY)],
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _NO_DATE),
    )

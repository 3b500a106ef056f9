"""Stock of a product or a variant: what lies where, receiving it and correcting it."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse

from shop.backoffice.buttons import Button, ButtonForm, Press
from shop.catalog.models import Product, Variant
from shop.inventory import actions as inventory
from shop.inventory import queries as stock
from shop.inventory.rules import LARGEST_STOCK

_RIGHT = "inventory.change_stocklevel"
# A product page shows the stock of so many variants; each variant has a page of its own.
_MOST_VARIANTS = 100


class _StockForm(ButtonForm):
    """Which variant, and where."""

    variant = forms.TypedChoiceField(coerce=int)
    location = forms.ChoiceField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        variant: Any = self.fields["variant"]
        variant.choices = [(item.pk, _name(item)) for item in _variants_of(self.row)]
        if len(variant.choices) == 1:
            variant.widget = forms.HiddenInput()
            variant.initial = variant.choices[0][0]
        location: Any = self.fields["location"]
        location.choices = [
            (place.code, place.name if place.is_active else f"{place.name} (does not sell)")
            for place in stock.locations()
        ]


class ReceiveForm(_StockForm):
    """A delivery."""

    quantity = forms.IntegerField(min_value=1, max_value=LARGEST_STOCK)
    reference = forms.CharField(
        max_length=200, help_text="The number of the delivery note, for example."
    )


class AdjustForm(_StockForm):
    """A correction."""

    change = forms.IntegerField(
        min_value=-LARGEST_STOCK,
        max_value=LARGEST_STOCK,
        help_text="How many more there are, or, with a minus, how many fewer.",
    )
    reason = forms.CharField(max_length=200, help_text="It stands in the ledger for ever.")

    def clean_change(self) -> int:
        """A correction corrects something."""
        change: int = self.cleaned_data["change"]
        if not change:
            raise forms.ValidationError("This changes nothing: please say how many.")
        return change


def _receive(press: Press) -> str:
    said = press.data
    inventory.receive(
        units={said["variant"]: said["quantity"]},
        location_code=said["location"],
        reference=said["reference"],
        by=press.by,
    )
    return f"{said['quantity']:,} received."


def _adjust(press: Press) -> str:
    said = press.data
    inventory.adjust(
        changes={said["variant"]: said["change"]},
        location_code=said["location"],
        reference=said["reason"],
        by=press.by,
    )
    return f"Stock corrected by {said['change']:+,}."


def _has_variants(_: HttpRequest, row: Any) -> bool:
    return isinstance(row, Variant) or bool(_variants_of(row))


RECEIVE = Button(
    name="receive",
    label="Receive stock",
    icon="move_to_inbox",
    right=_RIGHT,
    act=_receive,
    works=_has_variants,
    form=ReceiveForm,
)
ADJUST = Button(
    name="adjust",
    label="Correct stock",
    icon="exposure",
    right=_RIGHT,
    act=_adjust,
    works=_has_variants,
    form=AdjustForm,
)


def stock_rows(
    request: HttpRequest, product_id: int, *, variant_id: int | None = None
) -> list[dict[str, Any]] | None:
    """Return what lies where of a product, or of one variant; None for who may not see it."""
    user: Any = request.user
    if not user.has_perm("inventory.view_stocklevel"):
        return None
    of_product = Variant.objects.filter(product_id=product_id).order_by("position", "id")
    wanted = of_product if variant_id is None else of_product.filter(id=variant_id)
    variants = {item.pk: item for item in wanted[:_MOST_VARIANTS]}
    ledger = reverse("admin:inventory_stockmovement_changelist")
    return [
        {
            "variant": variants[level.variant_id],
            "level": level,
            "available": level.on_hand - level.promised,
            "ledger": f"{ledger}?level__id__exact={level.pk}",
        }
        for level in stock.levels_of(list(variants))
    ]


def _variants_of(row: Product | Variant) -> list[Variant]:
    if isinstance(row, Variant):
        return [row]
    return list(row.variants.order_by("position", "id"))


def _name(variant: Variant) -> str:
    return f"{variant.sku} — {variant.title}" if variant.title else variant.sku

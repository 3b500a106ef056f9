"""Stock of a product or a variant: what lies where, receiving it and correcting it."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from shop.backoffice.buttons import Button, OnceForm, Press
from shop.catalog.models import Product, Variant
from shop.inventory import actions as inventory
from shop.inventory import queries as stock
from shop.inventory.models import StockLevel
from shop.inventory.rules import LARGEST_STOCK

_RIGHT = "inventory.change_stocklevel"
# A product page shows the stock of so many variants; each variant has a page of its own.
_MOST_VARIANTS = 100


class _StockForm(OnceForm):
    """Which variant, and where; shows what lies there."""

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
        if isinstance(self.row, StockLevel):
            location.initial = self.row.location.code

    def refuse_to_leave(self, left: Callable[[int], int], field: str) -> None:
        """Add an error to `field` where `left`, of what lies there, is less than is promised."""
        if not {"variant", "location"} <= self.cleaned_data.keys():
            return
        levels = stock.levels_of([self.cleaned_data["variant"]])
        here = [level for level in levels if level.location.code == self.cleaned_data["location"]]
        on_hand = sum(level.on_hand for level in here)
        promised = sum(level.promised for level in here)
        if left(on_hand) < promised:
            self.add_error(field, _too_few(on_hand, promised))

    @property
    def stock(self) -> list[dict[str, Any]] | None:
        """What lies where now, for those who may see it."""
        ids = [id_ for id_, _ in cast("Any", self.fields["variant"]).choices]
        return _stock_rows(self.request, Variant.objects.filter(id__in=ids))


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

    def clean(self) -> dict[str, Any]:
        """Refuse to take away what is not there, or what buyers have been promised."""
        cleaned = super().clean() or self.cleaned_data
        if "change" in cleaned:
            self.refuse_to_leave(lambda on_hand: on_hand + cleaned["change"], "change")
        return cleaned


class CountForm(_StockForm):
    """What somebody counted on the shelf."""

    counted = forms.IntegerField(
        min_value=0, max_value=LARGEST_STOCK, help_text="So many lie there, promised ones included."
    )
    reference = forms.CharField(
        max_length=200, help_text="The stocktaking it belongs to, for example."
    )

    def clean(self) -> dict[str, Any]:
        """Refuse to count away what buyers have been promised."""
        cleaned = super().clean() or self.cleaned_data
        if "counted" in cleaned:
            self.refuse_to_leave(lambda _: cleaned["counted"], "counted")
        return cleaned


class MoveForm(_StockForm):
    """Stock that is carried to another place."""

    to = forms.ChoiceField(label="To")
    quantity = forms.IntegerField(min_value=1, max_value=LARGEST_STOCK)
    reason = forms.CharField(max_length=200, help_text="It stands in the ledger for ever.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        cast("Any", self.fields["location"]).label = "From"
        cast("Any", self.fields["to"]).choices = cast("Any", self.fields["location"]).choices

    def clean(self) -> dict[str, Any]:
        """Refuse to carry what is not there or promised, and to carry it nowhere."""
        cleaned = super().clean() or self.cleaned_data
        if "location" in cleaned and cleaned.get("to") == cleaned["location"]:
            self.add_error("to", "It lies there already: please choose another place.")
        if "quantity" in cleaned:
            self.refuse_to_leave(lambda on_hand: on_hand - cleaned["quantity"], "quantity")
        return cleaned


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


def _count(press: Press) -> str:
    said = press.data
    changed = inventory.count(
        counts={said["variant"]: said["counted"]},
        location_code=said["location"],
        reference=said["reference"],
        by=press.by,
    )
    return f"Stock set to {said['counted']:,}." if changed else "It was just as many."


def _move(press: Press) -> str:
    said = press.data
    inventory.move(
        units={said["variant"]: said["quantity"]},
        from_code=said["location"],
        to_code=said["to"],
        reference=said["reason"],
        by=press.by,
    )
    return f"{said['quantity']:,} moved."


def _too_few(on_hand: int, promised: int) -> str:
    lie = "lies" if on_hand == 1 else "lie"
    are = "is" if promised == 1 else "are"
    return (
        f"{on_hand:,} {lie} there and {promised:,} {are} promised: "
        f"at most {on_hand - promised:,} can go."
    )


def _has_variants(_: HttpRequest, row: Any) -> bool:
    return not isinstance(row, Product) or bool(_variants_of(row))


# Works on a product, a variant or a level: wherever there is something to stock.
_stock_button = partial(Button, right=_RIGHT, works=_has_variants)

RECEIVE = _stock_button(
    name="receive", label="Receive stock", icon="move_to_inbox", act=_receive, form=ReceiveForm
)
COUNT = _stock_button(
    name="count", label="Count stock", icon="inventory", act=_count, form=CountForm
)
ADJUST = _stock_button(
    name="adjust", label="Correct stock", icon="exposure", act=_adjust, form=AdjustForm
)
MOVE = _stock_button(name="move", label="Move stock", icon="move_up", act=_move, form=MoveForm)
STOCK_BUTTONS = (RECEIVE, COUNT, ADJUST, MOVE)


def stock_rows(
    request: HttpRequest, product_id: int, *, variant_id: int | None = None
) -> list[dict[str, Any]] | None:
    """Return what lies where of a product, or of one variant; None for who may not see it."""
    of_product = Variant.objects.filter(product_id=product_id)
    return _stock_rows(
        request, of_product if variant_id is None else of_product.filter(id=variant_id)
    )


def ledger_of(level_id: int) -> str:
    """Return where the ledger tells how a level came to be what it is."""
    return f"{reverse('admin:inventory_stockmovement_changelist')}?level__id__exact={level_id}"


def _stock_rows(request: HttpRequest, wanted: QuerySet[Variant]) -> list[dict[str, Any]] | None:
    user: Any = request.user
    if not user.has_perm("inventory.view_stocklevel"):
        return None
    variants = {item.pk: item for item in wanted.order_by("position", "id")[:_MOST_VARIANTS]}
    return [
        {
            "variant": variants[level.variant_id],
            "level": level,
            "available": level.on_hand - level.promised,
            "ledger": ledger_of(level.pk),
        }
        for level in stock.levels_of(list(variants))
    ]


def _variants_of(row: Product | Variant | StockLevel) -> list[Variant]:
    match row:
        case Variant():
            return [row]
        case StockLevel():
            return [row.variant]
    return list(row.variants.order_by("position", "id"))


def _name(variant: Variant) -> str:
    return f"{variant.sku} — {variant.title}" if variant.title else variant.sku

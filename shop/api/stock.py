"""Stock of a product, by variant and location: for staff."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api import lists
from shop.api.bounds import IdField
from shop.api.resources import Resource, read, user_id
from shop.api.schema import operation
from shop.api.texts import LineField, optional_line
from shop.catalog import queries as catalog
from shop.catalog.errors import UnknownVariant
from shop.inventory import actions, queries
from shop.inventory.rules import LARGEST_STOCK
from shop.lib.keyset import Page

if TYPE_CHECKING:
    from shop.inventory.models import StockLevel

TAG = "Products"
CHANGES_STOCK = "inventory.change_stocklevel"
_LONGEST_LOCATION = 40


class LevelBody(serializers.Serializer[Any]):
    """The stock of one variant at one location."""

    variant = serializers.IntegerField(source="variant_id")
    location = serializers.CharField(source="location.code")
    location_name = serializers.CharField(source="location.name")
    sells = serializers.BooleanField(
        source="location.is_active", help_text="Whether the location sells."
    )
    on_hand = serializers.IntegerField()
    promised = serializers.IntegerField(help_text="How many of those buyers have been promised.")


class ListedBody(LevelBody):
    """A level among those of all products."""

    product = serializers.IntegerField(source="variant.product_id")
    sku = serializers.CharField(source="variant.sku")
    available = serializers.SerializerMethodField(help_text="How many can be promised to buyers.")

    def get_available(self, level: Any) -> int:
        return int(level.on_hand - level.promised)


class StockQuery(lists.PageQuery):
    """Which levels are wanted."""

    at_most = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_STOCK,
        help_text="Those alone of which so many, or fewer, are available: what runs low.",
    )


_VERBS = ("receive", "adjust", "count", "move")


class StockForm(serializers.Serializer[Any]):
    """Stock that came, has to be corrected, was counted, or is carried to another location."""

    variant = IdField(required=False, help_text="By default the only variant of the product.")
    location = LineField(
        max_length=_LONGEST_LOCATION, required=False, help_text="By default the first one."
    )
    receive = serializers.IntegerField(min_value=1, max_value=LARGEST_STOCK, required=False)
    adjust = serializers.IntegerField(
        min_value=-LARGEST_STOCK,
        max_value=LARGEST_STOCK,
        required=False,
        help_text="So many more, or (negative) fewer.",
    )
    count = serializers.IntegerField(
        min_value=0, max_value=LARGEST_STOCK, required=False, help_text="So many lie there."
    )
    move = serializers.IntegerField(
        min_value=1, max_value=LARGEST_STOCK, required=False, help_text="So many go to `to`."
    )
    to = LineField(max_length=_LONGEST_LOCATION, required=False, help_text="With `move`: where to.")
    reference = optional_line(200, "The delivery note.")
    reason = optional_line(200, "Why stock has to be corrected, or moved.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs.keys() & set(_VERBS)) != 1:
            raise serializers.ValidationError(
                "Name one of `receive`, `adjust`, `count` and `move`."
            )
        if ("move" in attrs) != ("to" in attrs):
            raise serializers.ValidationError({"to": ["This goes with `move`, and only with it."]})
        return attrs


class Levels(Resource):
    """The stock of all products."""

    access = {"GET": "inventory.view_stocklevel"}

    @operation(
        "stock_list",
        "List what lies where (staff)",
        tag=TAG,
        query=StockQuery,
        answer=lists.page_of(ListedBody),
        refuses=["invalid_cursor"],
        description="By variant and location. With `at_most=5` what runs low.",
    )
    def get(self, request: Request) -> Response:
        found = queries.page_of_levels(**lists.query(request, StockQuery))
        return lists.answer(request, found, found.items, ListedBody)


class Stock(Resource):
    """The stock of a product."""

    access = {"GET": "inventory.view_stocklevel", "POST": CHANGES_STOCK}

    @operation(
        "products_stock_read",
        "Read the stock of a product (staff)",
        tag=TAG,
        answer=lists.page_of(LevelBody),
        refuses=["unknown_product"],
        description="By variant and location, all on one page.",
    )
    def get(self, request: Request, product_id: int) -> Response:
        return _levels(request, product_id)

    @operation(
        "products_stock_change",
        "Receive, correct, count or move stock (staff)",
        tag=TAG,
        request=StockForm,
        answer=lists.page_of(LevelBody),
        refuses=[
            "unknown_product",
            "unknown_variant",
            "unknown_location",
            "stock_is_promised",
            "invalid_stock_quantity",
            "same_location",
        ],
    )
    def post(self, request: Request, product_id: int) -> Response:
        form = read(StockForm, request.data)
        variant_id = _variant(product_id, form.get("variant"))
        _change(variant_id, form, by=user_id(request))
        return _levels(request, product_id)


def _change(variant_id: int, form: Mapping[str, Any], *, by: int | None) -> None:
    """Do with the stock of a variant what the form says."""
    here = form.get("location") or first_location()
    said: Any = {"reference": form["reference"] or form["reason"], "by": by}
    if "receive" in form:
        actions.receive(units={variant_id: form["receive"]}, location_code=here, **said)
    elif "adjust" in form:
        actions.adjust(changes={variant_id: form["adjust"]}, location_code=here, **said)
    elif "count" in form:
        actions.count(counts={variant_id: form["count"]}, location_code=here, **said)
    else:
        actions.move(units={variant_id: form["move"]}, from_code=here, to_code=form["to"], **said)


def receive_first(request: Request, *, sku: str, units: int) -> None:
    """Put the first units of a new product on the first location."""
    variant_id = catalog.variant_ids_by_sku([sku])[sku]
    actions.receive(
        units={variant_id: units},
        location_code=first_location(),
        reference="first stock",
        by=user_id(request),
    )


def first_location() -> str:
    """Return the code of the preferred location, opening one where there is none yet."""
    for location in queries.locations():
        return location.code
    actions.add_location(code="main", name="Main")
    return "main"


def _variant(product_id: int, wanted: int | None) -> int:
    """Return which variant is meant. Raises UnknownProduct, UnknownVariant or ValidationError."""
    ids = _variant_ids(product_id)
    if wanted is None:
        if len(ids) != 1:
            raise serializers.ValidationError({"variant": ["Name one of the product's variants."]})
        return ids[0]
    if wanted not in ids:
        raise UnknownVariant(variant_id=wanted)
    return wanted


def _variant_ids(product_id: int) -> list[int]:
    catalog.any_product(product_id)
    family = catalog.members([product_id], even_hidden=True)[product_id]
    return [member.variant_id for member in family]


def _levels(request: Request, product_id: int) -> Response:
    levels: list[StockLevel] = queries.levels_of(_variant_ids(product_id))
    whole = Page(items=levels, next=None, previous=None)
    return lists.answer(request, whole, levels, LevelBody)

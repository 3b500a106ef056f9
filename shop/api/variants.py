"""Variants of products, written by staff."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api.catalogue_bodies import VariantBody, variant_body
from shop.api.resources import Resource, read
from shop.api.schema import operation
from shop.api.texts import LineField
from shop.catalog import actions, queries
from shop.catalog.errors import UnknownVariant
from shop.catalog.rules import LARGEST_PRICE, LONGEST_OPTION_NAME, LONGEST_SKU, VariantFacts
from shop.showcase import queries as showcase

TAG = "Products"
_WRITING = ("invalid_product", "regular_price_below_price", "sku_taken")


def price_fields(*, required: bool) -> tuple[serializers.DecimalField, serializers.DecimalField]:
    """Return the fields of a price and of what it is reduced from."""
    bounds: dict[str, Any] = {"min_value": 0, "max_value": LARGEST_PRICE}
    return (
        serializers.DecimalField(14, 2, required=required, help_text="What is paid now.", **bounds),
        serializers.DecimalField(
            14,
            2,
            required=False,
            allow_null=True,
            help_text="What it costs when it is not reduced; null where it is not.",
            **bounds,
        ),
    )


class VariantForm(serializers.Serializer[Any]):
    """A variant."""

    sku = LineField(max_length=LONGEST_SKU)
    price, regular_price = price_fields(required=True)
    options = serializers.DictField(
        child=LineField(max_length=LONGEST_OPTION_NAME),
        required=False,
        help_text='Names of options and values: `{"Colour": "Red", "Size": "M"}`.',
    )
    is_published = serializers.BooleanField(required=False, default=True)


class Variants(Resource):
    """The variants of a product."""

    access = {"POST": "catalog.add_variant"}

    @operation(
        "products_variants_create",
        "Add a variant to a product (staff)",
        tag=TAG,
        request=VariantForm,
        answer=VariantBody,
        status=201,
        refuses=["unknown_product", *_WRITING],
    )
    def post(self, request: Request, product_id: int) -> Response:
        variant = facts(read(VariantForm, request.data))
        variant_id = actions.add_variant(product_id=product_id, variant=variant)
        return Response(_body(product_id, variant_id), status=201)


class Variant(Resource):
    """One variant."""

    access = {"PATCH": "catalog.change_variant", "DELETE": "catalog.delete_variant"}

    @operation(
        "products_variants_change",
        "Change a variant (staff)",
        tag=TAG,
        request=VariantForm,
        answer=VariantBody,
        refuses=["unknown_variant", *_WRITING],
        description="Only what is named changes.",
    )
    def patch(self, request: Request, product_id: int, variant_id: int) -> Response:
        changes = dict(read(VariantForm, request.data, partial=True))
        if "options" in changes:
            changes["options"] = tuple(changes["options"].items())
        check_belongs(product_id, variant_id)
        actions.change_variant(variant_id=variant_id, changes=changes)
        return Response(_body(product_id, variant_id))

    @operation(
        "products_variants_delete",
        "Remove a variant that was never ordered or stocked (staff)",
        tag=TAG,
        status=204,
        refuses=["unknown_variant", "variant_is_ordered"],
    )
    def delete(self, request: Request, product_id: int, variant_id: int) -> Response:
        check_belongs(product_id, variant_id)
        actions.remove_variant(variant_id=variant_id)
        return Response(status=204)


def facts(form: Mapping[str, Any]) -> VariantFacts:
    """Return what a form says of a variant."""
    return VariantFacts(
        sku=form["sku"],
        price=form["price"],
        regular_price=form.get("regular_price"),
        options=tuple(form.get("options", {}).items()),
        is_published=form["is_published"],
    )


def check_belongs(product_id: int, variant_id: int) -> None:
    """Raise UnknownVariant unless it is one of this product's."""
    offer = queries.offers([variant_id]).get(variant_id)
    if offer is None or offer.product_id != product_id:
        raise UnknownVariant(variant_id=variant_id)


def _body(product_id: int, variant_id: int) -> Mapping[str, Any]:
    return variant_body(showcase.item(product_id, even_hidden=True), variant_id)

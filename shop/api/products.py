"""Products: what everybody reads, and what staff write."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api import lists, product_parts, stock, variants
from shop.api.bounds import IdField
from shop.api.catalogue_bodies import ProductBody, product_body, root_of
from shop.api.permissions import Who, has_right
from shop.api.resources import Resource, read
from shop.api.schema import operation
from shop.api.texts import LineField, text_field
from shop.api.variants import VariantForm, price_fields
from shop.catalog import actions
from shop.catalog import queries as catalog
from shop.catalog.rules import (
    CATALOGUE,
    CATEGORIES,
    LARGEST_LIMIT,
    LONGEST_HOLD,
    LONGEST_NAME,
    LONGEST_SKU,
    PRODUCT,
    ProductFacts,
)
from shop.inventory.rules import ANY_STOCK, LARGEST_STOCK, STOCK
from shop.lib.replicas.reading import may_lag
from shop.showcase import queries
from shop.showcase.rules import Filters, Sorting

TAG = "Products"
_OF_VARIANTS = ("invalid_product", "regular_price_below_price", "sku_taken")
_OF_ONE_VARIANT = ("sku", "price", "regular_price")
MOST_VARIANTS = 200
_FLAGS = {"true": "1", "false": "0"}


class ProductsQuery(lists.PageQuery):
    """Which products are wanted, and in which order."""

    category = IdField(
        required=False, help_text="Those of this category and of all categories below it."
    )
    price_from = serializers.DecimalField(14, 2, required=False, min_value=0)
    price_to = serializers.DecimalField(14, 2, required=False, min_value=0)
    options = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=2_000,
        help_text="Codes of options and values: `colour:red,size:m`. Values of one option are"
        " alternatives; all options have to hold for one variant.",
    )
    in_stock = serializers.BooleanField(required=False, help_text="Those that can be had now.")
    sort = serializers.ChoiceField(
        [sorting.value for sorting in Sorting], required=False, default=Sorting.NAME.value
    )


class LimitsForm(serializers.Serializer[Any]):
    """How much of a product people may buy, all its variants together; null: no limit."""

    order_limit = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_LIMIT,
        required=False,
        allow_null=True,
        help_text="How many one order can have.",
    )
    customer_limit = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_LIMIT,
        required=False,
        allow_null=True,
        help_text="How many a customer can have in all: an account, an e-mail or postal address."
        " Orders count from the day the limit is set; canceled ones do not.",
    )
    hold_minutes = serializers.IntegerField(
        min_value=1,
        max_value=LONGEST_HOLD,
        required=False,
        allow_null=True,
        help_text="For how long a cart holds it, counted from when it was first put in; null: not"
        " at all.",
    )


class ProductForm(LimitsForm):
    """A product; a simple one names `sku` and `price` itself, another one its `variants`."""

    name = LineField(max_length=LONGEST_NAME)
    category = IdField()
    description = text_field()
    is_published = serializers.BooleanField(required=False, default=True)
    code = LineField(
        max_length=LONGEST_SKU,
        required=False,
        allow_blank=True,
        default="",
        help_text="Your own key for it; by default the SKU of its first variant.",
    )
    sku = LineField(max_length=LONGEST_SKU, required=False)
    price, regular_price = price_fields(required=False)
    stock = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST_STOCK,
        required=False,
        help_text="So many of a simple product are put on the first stock location.",
    )
    variants = serializers.ListField(
        child=VariantForm(), required=False, allow_empty=False, max_length=MOST_VARIANTS
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "variants" in attrs:
            named = [name for name in (*_OF_ONE_VARIANT, "stock") if name in attrs]
            problem = "Every variant has its own."
        else:
            named = [name for name in ("sku", "price") if name not in attrs]
            problem = "This field is required of a product without variants."
        if named:
            raise serializers.ValidationError({name: [problem] for name in named})
        return attrs


class ProductChanges(LimitsForm):
    """What is to change of a product, or of the only variant of a simple one."""

    name = LineField(max_length=LONGEST_NAME)
    category = IdField()
    description = text_field()
    is_published = serializers.BooleanField()
    sku = LineField(max_length=LONGEST_SKU)
    price, regular_price = price_fields(required=True)


class Products(Resource):
    """All products on show."""

    access = {"GET": Who.PUBLIC, "POST": "catalog.add_product"}
    public_parameters = lists.names_of(ProductsQuery)
    public_generations = [CATALOGUE, ANY_STOCK]

    @operation(
        "products_list",
        "List products",
        tag=TAG,
        query=ProductsQuery,
        answer=lists.page_of(ProductBody),
        refuses=["invalid_cursor", "invalid_filter", "unknown_category"],
    )
    @may_lag
    def get(self, request: Request) -> HttpResponse:
        wanted = lists.query(request, ProductsQuery)
        found = queries.product_ids(
            filters=_filters(request),
            sorting=Sorting(wanted["sort"]),
            cursor=wanted["cursor"],
            size=wanted["size"],
        )
        return lists.answer_written(request, found, product_parts.bodies(request, found.entries))

    @operation(
        "products_create",
        "Add a product (staff)",
        tag=TAG,
        request=ProductForm,
        answer=ProductBody,
        status=201,
        refuses=["unknown_category", "repeated_sku", *_OF_VARIANTS],
        description="Its `stock` takes the right to change stock as well.",
    )
    def post(self, request: Request) -> Response:
        form = read(ProductForm, request.data)
        if form.get("stock") and not has_right(request, stock.CHANGES_STOCK):
            raise exceptions.PermissionDenied
        product_id = actions.add_product(
            product=ProductFacts(
                name=form["name"],
                category_id=form["category"],
                description=form["description"],
                is_published=form["is_published"],
                code=form["code"],
                order_limit=form.get("order_limit"),
                customer_limit=form.get("customer_limit"),
                hold_minutes=form.get("hold_minutes"),
            ),
            variants=[variants.facts(variant) for variant in _variants(form)],
        )
        if form.get("stock"):
            stock.receive_first(request, sku=form["sku"], units=form["stock"])
        return Response(_body(request, product_id), status=201)


class Product(Resource):
    """One product."""

    access = {
        "GET": Who.PUBLIC,
        "PATCH": "catalog.change_product",
        "DELETE": "catalog.delete_product",
    }
    public_generations = [PRODUCT, STOCK, CATEGORIES]

    @operation(
        "products_read",
        "Read a product on show",
        tag=TAG,
        answer=ProductBody,
        refuses=["unknown_product"],
    )
    @may_lag
    def get(self, request: Request, product_id: int) -> Response:
        return Response(product_body(root_of(request), queries.item(product_id)))

    @operation(
        "products_change",
        "Change a product (staff)",
        tag=TAG,
        request=ProductChanges,
        answer=ProductBody,
        refuses=["unknown_product", "unknown_category", *_OF_VARIANTS],
        description="Only what is named changes. SKU and prices can be named of a product with one"
        " variant; of others they are changed variant by variant.",
    )
    def patch(self, request: Request, product_id: int) -> Response:
        changes = dict(read(ProductChanges, request.data, partial=True))
        of_variant = {name: changes.pop(name) for name in _OF_ONE_VARIANT if name in changes}
        if "category" in changes:
            changes["category_id"] = catalog.category(changes.pop("category")).id
        if of_variant:
            # First, since it is refused more often; what the product itself says has been checked.
            variant_id = _only_variant(product_id, of_variant)
            actions.change_variant(variant_id=variant_id, changes=of_variant)
        if changes:
            actions.change_product(product_id=product_id, changes=changes)
        return Response(_body(request, product_id))

    @operation(
        "products_delete",
        "Remove a product that was never ordered or stocked (staff)",
        tag=TAG,
        status=204,
        refuses=["unknown_product", "product_is_ordered"],
        description="Others are hidden: `PATCH` them with `is_published: false`.",
    )
    def delete(self, request: Request, product_id: int) -> Response:
        actions.remove_product(product_id=product_id)
        return Response(status=204)


def _variants(form: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what a form says of variants; of a simple product it is the form itself."""
    # Hiding a simple product hides the product, so that showing it again is one step.
    named: list[Mapping[str, Any]] = form.get("variants", [{**form, "is_published": True}])
    return named


def _filters(request: Request) -> Filters:
    """Read the filters as the pages' addresses have them, where a yes is a 1."""
    parameters = {name: list(values) for name, values in request.query_params.lists()}
    flags = parameters.get("in_stock", [])
    parameters["in_stock"] = [_FLAGS.get(flag.lower(), flag) for flag in flags]
    return Filters.parse(parameters)


def _only_variant(product_id: int, changes: Mapping[str, Any]) -> int:
    catalog.any_product(product_id)
    family = catalog.members([product_id], even_hidden=True)[product_id]
    if len(family) != 1:
        problem = "The product has several variants, or none: each has its own."
        raise serializers.ValidationError({name: [problem] for name in changes})
    return family[0].variant_id


def _body(request: Request, product_id: int) -> Mapping[str, Any]:
    return product_body(root_of(request), queries.item(product_id, even_hidden=True))

"""Carts: somebody's own, or, without an owner, that of whoever holds its id."""

from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api import lists
from shop.api.bounds import IdField
from shop.api.permissions import Who
from shop.api.rendering import rendered
from shop.api.resources import Resource, read, signed_in, user_id
from shop.api.schema import operation
from shop.cart import actions, queries
from shop.cart.errors import NotForSale, UnknownCart, UnknownLine
from shop.cart.queries import PricedCart, PricedLine
from shop.cart.rules import LARGEST_QUANTITY
from shop.catalog.errors import UnknownVariant
from shop.lib.keyset import Page
from shop.pricing.rules import Terms
from shop.showcase import queries as showcase

TAG = "Carts"
_BUYING = (
    "cart_is_ordered",
    "cart_is_full",
    "not_for_sale",
    "over_order_limit",
    "not_enough_stock",
)


class LineBody(serializers.Serializer[Any]):
    """So many of one thing, at today's price."""

    id = serializers.IntegerField(source="item.line_id")
    product = serializers.IntegerField(source="item.product_id")
    variant = serializers.IntegerField(source="item.variant_id")
    sku = serializers.CharField(source="item.sku")
    name = serializers.CharField(source="item.name")
    title = serializers.CharField(
        source="item.title", help_text="Which variant: `Red, M`; empty where there is one only."
    )
    quantity = serializers.IntegerField(source="item.quantity")
    price = serializers.DecimalField(14, 2, source="item.price", help_text="For one unit.")
    amount = serializers.DecimalField(20, 2)
    available = serializers.IntegerField(help_text="How many could be had now.")
    can_be_had = serializers.BooleanField(help_text="Whether the line could be ordered as it is.")
    held_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Until when all of it is held for this cart; null where it is not.",
    )


class CartBody(serializers.Serializer[Any]):
    """A cart, at today's prices."""

    id = serializers.UUIDField()
    lines = LineBody(many=True)
    total = serializers.DecimalField(20, 2, source="quote.total")
    currency = serializers.CharField(source="quote.currency")
    can_be_ordered = serializers.BooleanField()
    held_until = serializers.DateTimeField(
        allow_null=True, help_text="When the first of its lines is no longer held."
    )


class ChangedLineBody(LineBody):
    """A line that was just changed, and the cart it is in."""

    cart = CartBody()


class NewLineForm(serializers.Serializer[Any]):
    """What to put in a cart: a variant, or the cheapest one of a product that can be bought."""

    product = IdField(required=False, allow_null=True)
    variant = IdField(required=False, allow_null=True)
    quantity = serializers.IntegerField(
        min_value=1, max_value=LARGEST_QUANTITY, required=False, default=1
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("product") is None and attrs.get("variant") is None:
            raise serializers.ValidationError({"product": ["Name a product or a variant."]})
        return attrs


class QuantityForm(serializers.Serializer[Any]):
    """How many of a line."""

    wants_all = True

    quantity = serializers.IntegerField(min_value=1, max_value=LARGEST_QUANTITY)


class Carts(Resource):
    """Your own cart, and new ones."""

    access = {"GET": Who.SIGNED_IN, "POST": Who.ANYBODY}

    @operation(
        "carts_list",
        "List your own carts",
        tag=TAG,
        query=lists.PageQuery,
        answer=lists.page_of(CartBody),
        description="A user has one open cart at most.",
    )
    def get(self, request: Request) -> Response:
        lists.query(request)
        cart_id = queries.open_cart_of(signed_in(request).id)
        own = [] if cart_id is None else [_priced(cart_id)]
        # One at most, so there is never another page.
        return lists.answer(request, Page(items=[], next=None, previous=None), own, CartBody)

    @operation(
        "carts_create",
        "Open a cart",
        tag=TAG,
        answer=CartBody,
        status=201,
        description="For a user this is the one open cart, the same until it is ordered. Without a"
        " token it is a new one: whoever holds its id may fill and order it.",
    )
    def post(self, request: Request) -> Response:
        cart_id = actions.open_cart(user_id=user_id(request))
        return Response(rendered(CartBody, _priced(cart_id)), status=201)


class Cart(Resource):
    """One cart."""

    access = {"GET": Who.ANYBODY, "DELETE": Who.ANYBODY}

    @operation("carts_read", "Read a cart", tag=TAG, answer=CartBody, refuses=["unknown_cart"])
    def get(self, request: Request, cart_id: UUID) -> Response:
        _check_may_see(request, cart_id)
        return Response(rendered(CartBody, _priced(cart_id)))

    @operation(
        "carts_delete",
        "Throw a cart away",
        tag=TAG,
        status=204,
        refuses=["unknown_cart", "cart_is_ordered"],
    )
    def delete(self, request: Request, cart_id: UUID) -> Response:
        actions.discard(cart_id=cart_id, holder=user_id(request))
        return Response(status=204)


class Lines(Resource):
    """What is in a cart."""

    access = {"POST": Who.ANYBODY}

    @operation(
        "carts_lines_create",
        "Put something in a cart",
        tag=TAG,
        request=NewLineForm,
        answer=ChangedLineBody,
        status=201,
        refuses=["unknown_cart", "unknown_product", "unknown_variant", *_BUYING],
        description="A product without a variant means the cheapest variant that can be bought"
        " now. What is in the cart already becomes more. A product with `hold_minutes` is held for"
        " the cart from the first time on, and not longer for being asked for again.",
    )
    def post(self, request: Request, cart_id: UUID) -> Response:
        form = read(NewLineForm, request.data)
        variant_id = _chosen(form.get("product"), form.get("variant"))
        try:
            actions.add(
                cart_id=cart_id,
                variant_id=variant_id,
                quantity=form["quantity"],
                holder=user_id(request),
            )
        except NotForSale as refusal:
            # Without its name: it may not have been in the shop yet.
            raise UnknownVariant(variant_id=variant_id) from refusal
        cart = _priced(cart_id)
        line = next(line for line in cart.lines if line.item.variant_id == variant_id)
        return Response(_changed(cart, line), status=201)


class Line(Resource):
    """One line of a cart."""

    access = {"PATCH": Who.ANYBODY, "DELETE": Who.ANYBODY}

    @operation(
        "carts_lines_change",
        "Change how many",
        tag=TAG,
        request=QuantityForm,
        answer=ChangedLineBody,
        refuses=["unknown_cart", "unknown_line", *_BUYING],
    )
    def patch(self, request: Request, cart_id: UUID, line_id: int) -> Response:
        quantity = read(QuantityForm, request.data)["quantity"]
        actions.change(cart_id=cart_id, line_id=line_id, quantity=quantity, holder=user_id(request))
        cart = _priced(cart_id)
        line = next((line for line in cart.lines if line.item.line_id == line_id), None)
        if line is None:
            raise UnknownLine(line_id=line_id)
        return Response(_changed(cart, line))

    @operation(
        "carts_lines_delete",
        "Take something out of a cart",
        tag=TAG,
        status=204,
        refuses=["unknown_cart", "unknown_line", "cart_is_ordered"],
    )
    def delete(self, request: Request, cart_id: UUID, line_id: int) -> Response:
        actions.remove(cart_id=cart_id, line_id=line_id, holder=user_id(request))
        return Response(status=204)


def _check_may_see(request: Request, cart_id: UUID) -> None:
    """Raise UnknownCart for a cart that is not there, was ordered, or is somebody else's."""
    cart = queries.contents([cart_id]).get(cart_id)
    if cart is None or cart.is_ordered or cart.user_id not in {None, user_id(request)}:
        raise UnknownCart


def _chosen(product_id: int | None, variant_id: int | None) -> int:
    """Return which variant to buy. Raises UnknownProduct, UnknownVariant or NotForSale."""
    if product_id is None:
        if variant_id is None:
            raise ValueError("the form asks for one of them")
        return variant_id
    product = showcase.product(product_id)
    if variant_id is None:
        if product.lead is None:
            raise NotForSale(name=product.name)
        return product.lead.variant_id
    if product.choice(variant_id) is None:
        raise UnknownVariant(variant_id=variant_id)
    return variant_id


def _priced(cart_id: UUID) -> PricedCart:
    return queries.priced(cart_id, terms=Terms(currency=settings.CURRENCY))


def _changed(cart: PricedCart, line: PricedLine) -> dict[str, Any]:
    return {**rendered(LineBody, line), "cart": rendered(CartBody, cart)}

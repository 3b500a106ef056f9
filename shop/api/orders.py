"""Orders: lists and single ones for those who may see them, and what happens to them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api import lists, purchases
from shop.api.order_bodies import OrderBody, read_body
from shop.api.permissions import Who, has_right
from shop.api.resources import Resource, signed_in, user_id
from shop.api.schema import operation
from shop.orders import actions, queries
from shop.orders.errors import OrderIsCanceled, UnknownOrder
from shop.orders.rules import OrderStatus

if TYPE_CHECKING:
    from django.http import HttpResponse

    from shop.orders.models import Order as OrderRow

TAG = "Orders"
SEES_ORDERS = "orders.view_order"
CHANGES_ORDERS = "orders.change_order"


class OrdersQuery(lists.PageQuery):
    """Which orders are wanted."""

    status = serializers.ChoiceField([status.value for status in OrderStatus], required=False)


class Orders(Resource):
    """All orders that somebody may see, and new ones."""

    access = {"GET": Who.SIGNED_IN, "POST": Who.ANYBODY}
    by_signature = frozenset({"POST"})

    @operation(
        "orders_list",
        "List the orders you may see, the newest first",
        tag=TAG,
        query=OrdersQuery,
        answer=lists.page_of(OrderBody),
        refuses=["invalid_cursor"],
        description="Your own; staff with the right to see orders see all of them.",
    )
    def get(self, request: Request) -> Response:
        wanted = lists.query(request, OrdersQuery)
        for_staff = has_right(request, SEES_ORDERS)
        status = wanted.get("status")
        found = queries.page_of_whole(
            user_id=None if for_staff else signed_in(request).id,
            status=None if status is None else OrderStatus(status),
            cursor=wanted["cursor"],
            size=wanted["size"],
        )
        entries = [read_body(order, for_staff=for_staff) for order in found.items]
        return lists.answer_rendered(request, found, entries)

    @operation(
        "orders_create",
        "Order a cart",
        tag=TAG,
        request=purchases.OrderForm,
        answer=OrderBody,
        status=201,
        parameters=[purchases.KEY_HEADER],
        refuses=purchases.REFUSES,
        description=purchases.DESCRIPTION,
    )
    def post(self, request: Request) -> "HttpResponse":
        return purchases.place(request)


class Order(Resource):
    """One order."""

    access = {"GET": Who.ANYBODY}

    @operation(
        "orders_read",
        "Read an order you may see",
        tag=TAG,
        answer=OrderBody,
        refuses=["unknown_order"],
        description="Its owner's, or staff's. To others, and to guests, it does not exist.",
    )
    def get(self, request: Request, order_id: int) -> Response:
        return _answer(request, order_id)


class Cancel(Resource):
    """Calling an order off."""

    access = {"POST": Who.ANYBODY}

    @operation(
        "orders_cancel",
        "Call an order off",
        tag=TAG,
        answer=OrderBody,
        parameters=[purchases.OPTIONAL_KEY_HEADER],
        refuses=[
            "idempotency_key_missing",
            "unknown_order",
            "permission_denied",
            "order_is_canceled",
            "order_is_completed",
            "order_is_shipped",
        ],
        description="By its owner, or by staff who may change orders. What was promised is for"
        " sale again. Sent again, the request is refused and changes nothing; with an"
        " `Idempotency-Key` it gets the canceled order.",
    )
    def post(self, request: Request, order_id: int) -> Response:
        owner_id = queries.owner(order_id)
        _check_may_see(request, order_id, owner_id)
        if owner_id != user_id(request) and not has_right(request, CHANGES_ORDERS):
            raise exceptions.PermissionDenied
        is_named = purchases.has_key(request)
        try:
            actions.cancel(order_ids=[order_id], by=user_id(request))
        except OrderIsCanceled:
            if not is_named:
                raise
        return _answer(request, order_id)


class _Step(Resource):
    """A step that staff take an order on."""

    access = {"POST": CHANGES_ORDERS}
    step: Callable[..., None]

    def take(self, request: Request, order_id: int) -> Response:
        type(self).step(order_ids=[order_id], by=user_id(request))
        return Response(read_body(queries.whole(order_id), for_staff=True))


class MarkPaid(_Step):
    """The money has come."""

    step = staticmethod(actions.mark_paid)

    @operation(
        "orders_mark_paid",
        "Write down that the money has come (staff)",
        tag=TAG,
        answer=OrderBody,
        refuses=["unknown_order", "order_is_canceled", "order_is_paid"],
    )
    def post(self, request: Request, order_id: int) -> Response:
        return self.take(request, order_id)


class MarkRefunded(_Step):
    """The money has gone back."""

    step = staticmethod(actions.mark_refunded)

    @operation(
        "orders_mark_refunded",
        "Write down that the money of a canceled order was sent back (staff)",
        tag=TAG,
        answer=OrderBody,
        refuses=["unknown_order", "order_owes_nothing"],
    )
    def post(self, request: Request, order_id: int) -> Response:
        return self.take(request, order_id)


class Ship(_Step):
    """The goods leave."""

    step = staticmethod(actions.ship)

    @operation(
        "orders_ship",
        "Write down that the goods have left (staff)",
        tag=TAG,
        answer=OrderBody,
        refuses=["unknown_order", "order_is_canceled", "order_is_shipped", "order_is_unpaid"],
    )
    def post(self, request: Request, order_id: int) -> Response:
        return self.take(request, order_id)


class Complete(_Step):
    """Nothing is left to do."""

    step = staticmethod(actions.complete)

    @operation(
        "orders_complete",
        "Write down that nothing is left to do (staff)",
        tag=TAG,
        answer=OrderBody,
        refuses=[
            "unknown_order",
            "order_is_canceled",
            "order_is_completed",
            "order_is_unpaid",
            "order_is_unshipped",
        ],
    )
    def post(self, request: Request, order_id: int) -> Response:
        return self.take(request, order_id)


def _answer(request: Request, order_id: int) -> Response:
    order: OrderRow = queries.whole(order_id)
    _check_may_see(request, order_id, order.user_id)
    return Response(read_body(order, for_staff=has_right(request, SEES_ORDERS)))


def _check_may_see(request: Request, order_id: int, owner_id: int | None) -> None:
    """Raise UnknownOrder for whoever may not know that there is such an order."""
    is_own = owner_id is not None and owner_id == user_id(request)
    if not is_own and not has_right(request, SEES_ORDERS):
        raise UnknownOrder(order_id=order_id)

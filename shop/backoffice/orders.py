"""Orders: found, looked at, and brought to their end."""

from collections.abc import Callable, Collection
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from shop.backoffice.base import ReadOnlyAdmin
from shop.backoffice.bulk import bulk
from shop.backoffice.buttons import Button, Press
from shop.backoffice.letters import letters_of
from shop.backoffice.wording import moment, money
from shop.letters import queries as letters
from shop.lib.refusals import Refusal
from shop.orders import actions, rules
from shop.orders.models import Order, OrderEvent
from shop.orders.rules import (
    FulfilmentState,
    OrderState,
    OrderStatus,
    PaymentMethod,
    PaymentState,
)

_RIGHT = "orders.change_order"
# An order of an import may have thousands of lines.
MOST_LINES = 500

_PENDING = Q(status=OrderStatus.PENDING.value)
_UNPAID = Q(payment_state=PaymentState.UNPAID.value)
_UNSHIPPED = Q(fulfilment_state=FulfilmentState.UNSHIPPED.value)
_ON_DELIVERY = Q(payment_method=PaymentMethod.ON_DELIVERY.value)

# What is to be done; each begins with the status, by which an index finds them.
WAITING_FOR_MONEY = _PENDING & _UNPAID & ~_ON_DELIVERY
TO_SHIP = _PENDING & _UNSHIPPED & (~_UNPAID | _ON_DELIVERY)
ON_THEIR_WAY = _PENDING & ~_UNSHIPPED
REFUND_DUE = Q(status=OrderStatus.CANCELED.value, payment_state=PaymentState.REFUND_DUE.value)
_TASKS: dict[str, tuple[str, Q]] = {
    "pay": ("Waiting for money", WAITING_FOR_MONEY),
    "ship": ("To be shipped", TO_SHIP),
    "way": ("On their way", ON_THEIR_WAY),
    "refund": ("Refund due", REFUND_DUE),
}


class TaskFilter(admin.SimpleListFilter):
    """What is to be done with an order."""

    title = "what is to be done"
    parameter_name = "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """The heaps of paper on the desk."""
        return [(name, label) for name, (label, _) in _TASKS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """One heap."""
        task = _TASKS.get(self.value() or "")
        return queryset.filter(task[1]) if task else queryset


def works(step: Callable[[OrderState], OrderState], _: HttpRequest, order: Order) -> bool:
    """Tell whether an order, as it was read, can take a step."""
    state = OrderState(
        number=order.number,
        method=PaymentMethod(order.payment_method),
        status=OrderStatus(order.status),
        payment=PaymentState(order.payment_state),
        fulfilment=FulfilmentState(order.fulfilment_state),
    )
    try:
        step(state)
    except Refusal:
        return False
    return True


Verb = Callable[..., None]


def _press(verb: Verb, done: str, press: Press) -> str:
    verb(order_ids=[press.row.pk], by=press.by)
    return f"Order {press.row.number} {done}."


def _all(verb: Verb, request: HttpRequest, ids: Collection[int]) -> None:
    verb(order_ids=ids, by=request.user.pk)


def _ask(question: str, ids: Collection[int]) -> str:
    """Return what is asked before something is done with many orders: how many, what they cost."""
    sums: dict[str, Decimal] = {}
    for currency, total in Order.objects.filter(pk__in=ids).values_list("currency", "total"):
        sums[currency] = sums.get(currency, Decimal(0)) + total
    amounts = " and ".join(money(total, currency) for currency, total in sorted(sums.items()))
    count = f"{len(ids):,} order" if len(ids) == 1 else f"{len(ids):,} orders"
    return f"{count}, {amounts} in all. {question or 'Is that what you want?'}"


# Name, label, icon, the verb, its rule, what it has done, what it asks.
_STEPS: tuple[tuple[str, str, str, Verb, Any, str, str], ...] = (
    ("pay", "Mark paid", "payments", actions.mark_paid, rules.mark_paid, "is paid", ""),
    ("ship", "Ship", "local_shipping", actions.ship, rules.ship, "has been shipped", ""),
    ("complete", "Complete", "task_alt", actions.complete, rules.complete, "is completed", ""),
    (
        "refund",
        "Mark refunded",
        "currency_exchange",
        actions.mark_refunded,
        rules.refund,
        "is refunded",
        "",
    ),
    (
        "cancel",
        "Cancel the order",
        "cancel",
        actions.cancel,
        rules.cancel,
        "has been canceled",
        "Its stock is for sale again. Money that has come is due back. This cannot be undone.",
    ),
)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Orders, the newest first."""

    list_display = ("label", "at", "buyer", "amount", "states")
    list_filter = (TaskFilter, "status", ("placed_at", admin.DateFieldListFilter))
    ordering = ("-placed_at", "-id")
    sortable_by = ()
    search_fields = ("number__exact", "origin__exact", "email__exact")
    search_help_text = "A whole number, e-mail address or origin"
    change_form_outer_before_template = "backoffice/parts/buttons.html"
    change_form_outer_after_template = "backoffice/parts/order.html"
    fieldsets = ((None, {"fields": ()}),)
    buttons = tuple(
        Button(
            name=name,
            label=label,
            icon=icon,
            right=_RIGHT,
            act=partial(_press, verb, done),
            works=partial(works, rule),
            question=question,
            is_danger=bool(question),
        )
        for name, label, icon, verb, rule, done, question in _STEPS
    )
    right_to_handle = _RIGHT
    actions = tuple(
        bulk(
            name=f"{name}_orders",
            label=label.replace("the order", "the orders"),
            right="handle",
            verb=partial(_all, verb),
            done="Orders done: {count}.",
            ask=partial(_ask, question),
        )
        for name, label, _, verb, *_, question in _STEPS
    )

    def sought(self, term: str) -> Q:
        """Find what is exact, by indexes: numbers and e-mail addresses in any case.

        An order keeps its address as it was typed, which most people do in small letters.
        """
        addresses = {term, term.lower()}
        number = Q(number=term.upper()) | Q(number=term)
        return number | Q(origin=term) | Q(email__in=addresses)

    def shown_beside(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """Return the whole order, its lines and its history."""
        order = self.get_object(request, object_id)
        return {"shop_order": order and self._whole(request, order)}

    def _whole(self, request: HttpRequest, order: Order) -> dict[str, Any]:
        lines = list(order.lines.order_by("position")[: MOST_LINES + 1])
        history = OrderEvent.objects.filter(order=order).select_related("by").order_by("id")
        user: Any = request.user
        may_see_user = order.user_id is not None and user.has_perm("accounts.view_user")
        return {
            "order": order,
            "lines": lines[:MOST_LINES],
            "has_more_lines": len(lines) > MOST_LINES,
            "history": history,
            "has_invoice": letters.has_invoice(order.pk),
            **letters_of(request, order.pk),
            "user_page": may_see_user
            and reverse("admin:accounts_user_change", args=[order.user_id]),
        }

    @admin.display(description="order")
    def label(self, row: Order) -> str:
        """Its number."""
        return row.number

    @admin.display(description="placed")
    def at(self, row: Order) -> str:
        """When it was placed."""
        return moment(row.placed_at)

    @admin.display(description="buyer")
    def buyer(self, row: Order) -> str:
        """Who placed it."""
        return row.name or row.email or row.origin

    @admin.display(description="total")
    def amount(self, row: Order) -> str:
        """What it comes to."""
        return money(row.total, row.currency)

    @admin.display(description="state")
    def states(self, row: Order) -> str:
        """Its three states."""
        return format_html(
            '<span class="bo-states"><span class="bo-tag bo-tag-{}">{}</span>'
            '<span class="bo-tag">{}</span><span class="bo-tag">{}</span></span>',
            row.status.lower(),
            row.status,
            row.payment_state,
            row.fulfilment_state,
        )

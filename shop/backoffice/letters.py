"""Letters: what the shop has written to whom, and sending one again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from shop.backoffice.base import ReadOnlyAdmin
from shop.backoffice.buttons import Button, Press
from shop.backoffice.wording import moment, tag
from shop.letters import actions, queries
from shop.letters.models import Letter
from shop.letters.rules import LetterKind

RIGHT = "letters.change_letter"


def _again(press: Press) -> str:
    actions.send_again(letter_id=press.row.pk, by=press.by)
    return f"The letter goes to {press.row.recipient} again."


class KindFilter(admin.SimpleListFilter):
    """What letters are about. Written out: to look up which there are, all would be read."""

    title = "what about"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Every kind."""
        return [(kind.value, kind.label) for kind in LetterKind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Those of one kind."""
        wanted = dict(self.lookup_choices).keys() & {self.value()}
        return queryset.filter(kind__in=wanted) if wanted else queryset


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    """Letters, the newest first."""

    list_display = ("at", "about", "recipient", "of_order", "went_out")
    list_display_links = ("at", "about")
    list_select_related = ("order",)
    list_filter = (KindFilter,)
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("order__number__exact",)
    search_help_text = "The whole number of an order"
    fields = ("about", "recipient", "of_order", "at", "went_out", "by", "look")
    readonly_fields = ("about", "of_order", "at", "went_out", "look")
    buttons = (
        Button(name="again", label="Send again", icon="forward_to_inbox", right=RIGHT, act=_again),
    )

    def home_of(self, request: HttpRequest, row: Letter) -> str:
        """Lead back to the order, where the letter is about one."""
        user: Any = request.user
        if row.order_id is not None and user.has_perm("orders.view_order"):
            return reverse("admin:orders_order_change", args=[row.order_id])
        return super().home_of(request, row)

    @admin.display(description="written")
    def at(self, row: Letter) -> str:
        """When it was written."""
        return moment(row.written_at)

    @admin.display(description="about")
    def about(self, row: Letter) -> str:
        """What it is about."""
        return row.get_kind_display()

    @admin.display(description="order")
    def of_order(self, row: Letter) -> str:
        """The order that it is about."""
        if row.order is None:
            return "—"
        page = reverse("admin:orders_order_change", args=[row.order_id])
        return format_html('<a class="bo-link" href="{}">{}</a>', page, row.order.number)

    @admin.display(description="sent")
    def went_out(self, row: Letter) -> str:
        """When it was sent."""
        if row.sent_at is not None:
            return moment(row.sent_at)
        return tag("Not sent yet", "pending")

    @admin.display(description="what it says")
    def look(self, row: Letter) -> str:
        """The way to how it looks."""
        page = reverse("mail_letter", args=[row.pk])
        return format_html('<a class="bo-link" href="{}">Show the letter</a>', page)


def letters_of(request: HttpRequest, order_id: int) -> dict[str, Any]:
    """Return what an order's page says of its letters, to those who may see them."""
    user: Any = request.user
    if not user.has_perm("letters.view_letter"):
        return {}
    return {"letters": queries.letters_of_order(order_id), "may_send": user.has_perm(RIGHT)}

"""Stock: places, what lies there, and the ledger of how it came and went."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import F, QuerySet
from django.db.models.expressions import CombinedExpression
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from shop.backoffice.base import ReadOnlyAdmin, ShopAdmin
from shop.backoffice.buttons import Button, Press
from shop.backoffice.look_up import is_id
from shop.backoffice.stock_buttons import STOCK_BUTTONS, ledger_of
from shop.backoffice.wording import moment
from shop.inventory import actions as inventory
from shop.inventory.models import StockLevel, StockLocation, StockMovement


def _activate(is_active: bool) -> Any:
    def act(press: Press) -> str:
        inventory.set_location_active(location_id=press.row.pk, is_active=is_active)
        return f"{press.row} {'sells' if is_active else 'does not sell any more'}."

    return act


@admin.register(StockLocation)
class StockLocationAdmin(ShopAdmin):
    """Places where stock lies."""

    list_display = ("name", "code", "position", "is_active")
    ordering = ("position", "id")
    sortable_by = ()
    search_fields = ("code__exact", "name__istartswith")
    fields = ("name", "code", "position", "is_active")
    buttons = (
        Button(
            name="activate",
            label="Sell from here",
            icon="storefront",
            right="inventory.change_stocklocation",
            act=_activate(True),
            works=lambda _, row: not row.is_active,
            already="{row} sells already.",
        ),
        Button(
            name="deactivate",
            label="Do not sell from here",
            icon="block",
            right="inventory.change_stocklocation",
            act=_activate(False),
            works=lambda _, row: row.is_active,
            already="{row} was not selling before this either.",
            question="What lies there cannot be bought until it sells again. What was promised"
            " already stays promised.",
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        """Imports find a place by its code; whether it sells is for the buttons."""
        return ("code", "is_active") if obj else ("is_active",)


class LeftFilter(admin.SimpleListFilter):
    """How much can be sold."""

    title = "what is left"
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Three heaps."""
        return [
            ("none", "Nothing"),
            ("low", f"{settings.LOW_STOCK} or fewer"),
            ("enough", f"More than {settings.LOW_STOCK}"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Compare what is there with what is promised."""
        if self.value() == "none":
            return queryset.filter(on_hand=F("promised"))
        if self.value() == "low":
            return queryset.filter(on_hand__gt=F("promised"), on_hand__lte=_enough())
        if self.value() == "enough":
            return queryset.filter(on_hand__gt=_enough())
        return queryset


def _enough() -> CombinedExpression:
    few: int = settings.LOW_STOCK
    return F("promised") + few


@admin.register(StockLevel)
class StockLevelAdmin(ReadOnlyAdmin):
    """What lies where: received and corrected here, or on the page of its product."""

    list_display = ("sku", "product", "location", "on_hand", "promised", "available")
    list_display_links = ("sku",)
    list_select_related = ("variant__product", "location")
    list_filter = (LeftFilter,)
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("variant__sku__exact",)
    search_help_text = "A whole SKU"
    fields = ("sku", "product", "location", "on_hand", "promised", "available")
    readonly_fields = ("sku", "product", "available")
    buttons = STOCK_BUTTONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        """Return levels with what they are called by."""
        return super().get_queryset(request).select_related("variant__product", "location")

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Lead to the products, where one may see them."""
        return _leading(request, self.list_display)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        """Lead to the product, where one may see it."""
        return _leading(request, self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """All of them."""
        return self.get_fields(request, obj)

    def shown_beside(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """Return the way to its ledger."""
        context: dict[str, Any] = {}
        user: Any = request.user
        if is_id(object_id) and user.has_perm("inventory.view_stockmovement"):
            context["shop_ledger"] = ledger_of(int(object_id))
        return context

    @admin.display(description="SKU")
    def sku(self, row: StockLevel) -> str:
        """What it is."""
        return row.variant.sku

    @admin.display(description="product")
    def product(self, row: StockLevel) -> str:
        """What it is called."""
        title = f", {row.variant.title}" if row.variant.title else ""
        return f"{row.variant.product.name}{title}"

    @admin.display(description="product")
    def product_page(self, row: StockLevel) -> str:
        """What it is called, leading to its page."""
        address = reverse("admin:catalog_product_change", args=[row.variant.product_id])
        return format_html('<a class="bo-link" href="{}">{}</a>', address, self.product(row))

    @admin.display(description="available")
    def available(self, row: StockLevel) -> int:
        """What can be sold."""
        return row.on_hand - row.promised


def _leading(request: HttpRequest, columns: tuple[str, ...]) -> tuple[str, ...]:
    user: Any = request.user
    if not user.has_perm("catalog.view_product"):
        return columns
    return tuple("product_page" if name == "product" else name for name in columns)


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    """The ledger: never altered, the newest first."""

    list_display = ("at", "sku", "location", "units", "reason", "reference", "by")
    list_select_related = ("level__variant", "level__location", "by")
    list_filter = ()
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("level__variant__sku__exact",)
    search_help_text = "A whole SKU"
    fields = ("at", "sku", "location", "units", "reason", "reference", "by")
    readonly_fields = fields

    @admin.display(description="when")
    def at(self, row: StockMovement) -> str:
        """When it moved."""
        return moment(row.created_at)

    @admin.display(description="SKU")
    def sku(self, row: StockMovement) -> str:
        """What moved."""
        return row.level.variant.sku

    @admin.display(description="location")
    def location(self, row: StockMovement) -> str:
        """Where."""
        return row.level.location.name

    @admin.display(description="units")
    def units(self, row: StockMovement) -> str:
        """How many, with a sign."""
        return f"{row.quantity:+,}"

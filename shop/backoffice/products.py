"""Products: their list, and a page with variants, pictures and stock."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from shop.backoffice.base import ShopAdmin, ShopForm
from shop.backoffice.bulk import bulk
from shop.backoffice.buttons import Button, Press
from shop.backoffice.pictures import ADD_PICTURE, picture_rows, thumbnail
from shop.backoffice.stock_buttons import STOCK_BUTTONS, stock_rows
from shop.backoffice.variants import VariantInline, is_taken, write_choices
from shop.backoffice.wording import money
from shop.catalog import actions as catalog
from shop.catalog import queries as catalog_queries
from shop.catalog.models import Product, Variant
from shop.lib.trail import noting

_CHANGE = "catalog.change_product"
# As many as a search by name looks at.
_MOST_FOUND = 500
_LIMITS: tuple[str, Any] = (
    "For hot products",
    {"fields": ("order_limit", "customer_limit", "hold_minutes")},
)


class ProductForm(ShopForm):
    """What a product is; without a code of its own it has the SKU of its first variant."""

    class Meta:
        model = Product
        fields = (
            "name",
            "category",
            "code",
            "description",
            "is_published",
            "order_limit",
            "customer_limit",
            "hold_minutes",
        )
        labels = {
            "is_published": "In the shop",
            "order_limit": "At most in one order",
            "customer_limit": "At most for one customer",
            "hold_minutes": "Minutes a cart holds it",
        }
        help_texts = {
            "code": "By which an import finds it; empty: the SKU of its first variant.",
            "order_limit": "Of all variants together; empty: no limit.",
            "customer_limit": "In all orders together, by account, e-mail and postal address;"
            " empty: no limit. Orders count from the day it is set, until they are canceled.",
            "hold_minutes": "Counted from when it is put in the cart; empty: a cart holds nothing.",
        }

    is_made_up = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "code" in self.fields:
            self.fields["code"].required = False

    def clean(self) -> dict[str, Any]:
        """Make a code up where none was given."""
        cleaned = super().clean()
        if "code" in self.fields and not cleaned.get("code") and "code" not in self.errors:
            sku = str(self.data.get("variants-0-sku", "")).strip()
            cleaned["code"] = self.instance.code or sku[:64]
            self.is_made_up = True
        return cleaned

    def _post_clean(self) -> None:
        """Say whose the code is; where it was made up of a SKU that is taken, the SKU says it."""
        super()._post_clean()  # type: ignore[misc]
        code = self.cleaned_data.get("code") or self.instance.code
        if not is_taken(self, "code"):
            return
        del self.errors["code"]
        if not (self.is_made_up and Variant.objects.filter(sku=code).exists()):
            owner = Product.objects.filter(code=code).first()
            self.add_error("code", f"{code} is the code of {owner} already.")


def _publish(is_published: bool) -> Any:
    def verb(request: HttpRequest, ids: list[int]) -> None:  # noqa: ARG001
        with noting(Product, ids, "is_published"):
            catalog.set_published(product_ids=ids, is_published=is_published)

    return verb


def _show(press: Press) -> str:
    _publish(True)(press.request, [press.row.pk])
    return f"{press.row} is in the shop."


def _hide(press: Press) -> str:
    _publish(False)(press.request, [press.row.pk])
    return f"{press.row} is not in the shop any more."


def _remove(press: Press) -> str:
    catalog.remove_product(product_id=press.row.pk)
    return f"{press.row} has been removed."


@admin.register(Product)
class ProductAdmin(ShopAdmin):
    """Products with their variants."""

    form = ProductForm
    inlines = (VariantInline,)
    autocomplete_fields = ("category",)
    list_display = ("picture", "name", "code", "category", "costs", "stocked", "published")
    list_display_links = ("picture", "name")
    list_select_related = ("category",)
    list_filter = ("is_published", "in_stock")
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("code__exact",)
    search_help_text = "The beginning of a name, or a whole SKU or code"
    change_form_outer_after_template = "backoffice/parts/product.html"
    # Whether it is in the shop is for the buttons, once it is there.
    fieldsets = ((None, {"fields": ("name", "category", "code", "description")}), _LIMITS)
    add_fieldsets = (
        (None, {"fields": ("name", "category", "code", "description", "is_published")}),
        _LIMITS,
    )
    actions = (
        bulk(
            name="show_in_shop",
            label="Show in the shop",
            right="change",
            verb=_publish(True),
            done="{count} in the shop.",
        ),
        bulk(
            name="hide_from_shop",
            label="Hide from the shop",
            right="change",
            verb=_publish(False),
            done="{count} not in the shop any more.",
        ),
    )
    buttons = (
        *STOCK_BUTTONS,
        ADD_PICTURE,
        Button(
            name="show",
            label="Show in the shop",
            icon="visibility",
            right=_CHANGE,
            act=_show,
            works=lambda _, row: not row.is_published,
            already="{row} was in the shop already.",
        ),
        Button(
            name="hide",
            label="Hide from the shop",
            icon="visibility_off",
            right=_CHANGE,
            act=_hide,
            works=lambda _, row: row.is_published,
            already="{row} was hidden already.",
        ),
        Button(
            name="remove",
            label="Remove",
            icon="delete",
            right="catalog.delete_product",
            act=_remove,
            question="The product goes with its variants and pictures. One that was ever ordered"
            " or stocked stays; it can be hidden.",
            is_danger=True,
            leads_to_list=True,
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        """Ask of a new product whether it is in the shop from the beginning."""
        return self.fieldsets if obj else self.add_fieldsets

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Return the list, its rows with their first pictures."""
        listed = super().get_changelist_instance(request)
        first = catalog_queries.first_pictures([row.pk for row in listed.result_list])
        for row in listed.result_list:
            row.first_picture = first.get(row.pk)
        return listed

    def sought(self, term: str) -> Q:
        """Find a SKU or a code by index; what is neither is the beginning of a name."""
        ids = set(Variant.objects.filter(sku=term).values_list("product_id", flat=True))
        ids |= set(Product.objects.filter(code=term).values_list("id", flat=True))
        # The names alone, which an index holds, and not the rows with their descriptions.
        named = Product.objects.filter(name__istartswith=term).order_by()
        ids |= set(named.values_list("id", flat=True)[:_MOST_FOUND])
        return Q(id__in=ids)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the variants, then let the product remember what it has to of them."""
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            write_choices(formset.forms)
        catalog.settle(product_ids=[form.instance.pk], are_new=not change)

    def shown_beside(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """Return its pictures and its stock."""
        row = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if row is not None:
            context |= {
                "shop_pictures": picture_rows(request, row.pk),
                "shop_stock": stock_rows(request, row.pk),
                "shop_page": reverse("product_detail", args=[row.pk]),
            }
        return context

    @admin.display(description="")
    def picture(self, row: Any) -> str:
        """The first picture."""
        return thumbnail(row.first_picture and row.first_picture.file, row.name)

    @admin.display(description="price")
    def costs(self, row: Product) -> str:
        """The lowest price."""
        return money(row.price)

    @admin.display(description="in stock", boolean=True)
    def stocked(self, row: Product) -> bool:
        """Whether one can be bought."""
        return row.in_stock

    @admin.display(description="in the shop", boolean=True)
    def published(self, row: Product) -> bool:
        """Whether visitors see it."""
        return row.is_published


def _remove_variant(press: Press) -> str:
    catalog.remove_variant(variant_id=press.row.pk)
    return f"{press.row.sku} has been removed."


@admin.register(Variant)
class VariantAdmin(ShopAdmin):
    """One variant: what of it lies where. It is edited on the page of its product."""

    list_display = ("sku", "product", "title", "costs", "is_published")
    list_select_related = ("product",)
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("sku__exact",)
    search_help_text = "A whole SKU"
    fields = ("sku", "product_page", "title", "costs", "is_published")
    readonly_fields = ("product_page", "costs")
    change_form_outer_after_template = "backoffice/parts/product.html"
    buttons = (
        *STOCK_BUTTONS,
        Button(
            name="remove",
            label="Remove",
            icon="delete",
            right="catalog.delete_variant",
            act=_remove_variant,
            question="One that was ever ordered or stocked stays; it can be hidden.",
            is_danger=True,
            leads_to_list=True,
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Variants are added on the page of their product."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """And changed there."""
        return False

    def shown_beside(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """Return its stock."""
        row = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if row is not None:
            context["shop_stock"] = stock_rows(request, row.product_id, variant_id=row.pk)
        return context

    @admin.display(description="price")
    def costs(self, row: Variant) -> str:
        """What is paid now."""
        return money(row.price)

    @admin.display(description="product")
    def product_page(self, row: Variant) -> str:
        """The page on which it is edited."""
        address = reverse("admin:catalog_product_change", args=[row.product_id])
        return format_html('<a class="bo-link" href="{}">{}</a>', address, row.product)

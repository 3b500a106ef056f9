"""Options and their values: the ways in which variants differ."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from shop.backoffice.base import PagedFormSet, ShopAdmin, TabularInline
from shop.backoffice.variants import name_of_value
from shop.catalog import actions as catalog
from shop.catalog.models import Option, OptionValue, VariantValue
from shop.lib.batches import in_chunks

_PRODUCTS_AT_ONCE = 500


class OptionValueInline(TabularInline):
    """The values of an option, some at a time."""

    model = OptionValue
    formset = PagedFormSet
    fields = ("name", "code", "position")
    ordering = ("position", "id")
    extra = 0
    # A value may belong to thousands of variants; it stays.
    can_delete = False
    per_page = 50


@admin.register(Option)
class OptionAdmin(ShopAdmin):
    """Options with their values."""

    inlines = (OptionValueInline,)
    list_display = ("name", "code", "position")
    ordering = ("position", "id")
    sortable_by = ()
    search_fields = ("name__istartswith",)
    search_help_text = "The beginning of a name"

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the values; variants are called by their names."""
        super().save_formset(request, form, formset, change)
        retitle([value.pk for value, fields in formset.changed_objects if "name" in fields])


@admin.register(OptionValue)
class OptionValueAdmin(ShopAdmin):
    """Values by themselves: where they are looked up."""

    list_display = ("name", "option", "code", "position")
    list_select_related = ("option",)
    ordering = ("option__position", "option_id", "position", "id")
    sortable_by = ()
    search_fields = ("name__istartswith",)
    search_help_text = "The beginning of a name"
    autocomplete_fields = ("option",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return values with their options, which are part of their names."""
        return super().get_queryset(request).select_related("option")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a value; variants are called by its name."""
        super().save_model(request, obj, form, change)
        if "name" in form.changed_data:
            retitle([obj.pk])

    def name_of(self, row: Any) -> str:
        """Return the value with its option."""
        return name_of_value(row)


def retitle(value_ids: Collection[int]) -> None:
    """Call the variants that have these values by their new names; needs a transaction."""
    chosen = VariantValue.objects.filter(value_id__in=value_ids).order_by("variant__product_id")
    product_ids = chosen.values_list("variant__product_id", flat=True).distinct()
    for chunk in in_chunks(product_ids.iterator(), _PRODUCTS_AT_ONCE):
        catalog.settle(product_ids=chunk)

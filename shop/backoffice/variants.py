"""Variants, as rows of their product's form: SKU, options, prices."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.contrib.admin import site
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

from shop.backoffice.base import ModelForm, PagedFormSet, TabularInline
from shop.backoffice.look_up import is_id
from shop.backoffice.wording import sentence_of
from shop.catalog.errors import InvalidProduct, Problem
from shop.catalog.models import OptionValue, Product, Variant, VariantValue
from shop.catalog.rules import ProductFacts, VariantFacts, check_facts
from shop.lib.refusals import Refusal
from shop.lib.trail import note_changes

VARIANTS_AT_ONCE = 30
_TELL_APART = "Buyers could not tell them apart."
_BELOW_ZERO = "A price cannot be below zero."
# Stands for the product while only its variant is looked at.
_SOME_PRODUCT = ProductFacts(name="product", category_id=0)


def name_of_value(value: OptionValue) -> str:
    """Return a value with its option: "Colour: Red"."""
    return f"{value.option.name}: {value.name}"


class ValuesWidget(AutocompleteSelectMultiple):
    """Chosen values, looked up as one types; knows those it shows without asking for each row."""

    def __init__(self) -> None:
        super().__init__(VariantValue._meta.get_field("value"), site)
        self.names: dict[int, str] = {}

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:  # noqa: ARG002
        """Draw the chosen ones only."""
        chosen = [int(item) for item in value if is_id(item)]
        missing = set(chosen) - self.names.keys()
        if missing:
            found = OptionValue.objects.filter(id__in=missing).select_related("option")
            self.names |= {row.id: name_of_value(row) for row in found}
        options = [
            self.create_option(name, item, self.names[item], selected=True, index=index)
            for index, item in enumerate(chosen)
            if item in self.names
        ]
        return [(None, options, 0)]


class ValuesField(forms.TypedMultipleChoiceField):
    """Ids of option values; whether there are such values is asked once for all rows."""

    widget = ValuesWidget

    def __init__(self) -> None:
        super().__init__(coerce=int, required=False, label="Options", empty_value=[])

    def valid_value(self, value: Any) -> bool:
        """Let every number through that an id can be."""
        return is_id(value)


class VariantForm(ModelForm):
    """A variant by its SKU, prices and options."""

    options = ValuesField()

    class Meta:
        model = Variant
        fields = ("sku", "options", "price", "regular_price", "is_published", "position")
        labels = {"sku": "SKU", "is_published": "In the shop"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = list(self.instance.choices.all()) if self.instance.pk else []
        self.fields["options"].initial = [choice.value_id for choice in choices]
        widget: Any = self.fields["options"].widget
        widget.names = {choice.value_id: name_of_value(choice.value) for choice in choices}
        self.chosen: list[OptionValue] | None = None

    def _post_clean(self) -> None:
        """Ask the database only of what was changed; say whose SKU it is."""
        if not (self.has_changed() or not self.instance.pk):
            return
        super()._post_clean()  # type: ignore[misc]
        if is_taken(self, "sku"):
            sku = self.instance.sku
            owner = Product.objects.filter(variants__sku=sku).first()
            del self.errors["sku"]
            self.add_error("sku", f"{sku} is the SKU of {owner} already.")

    def clean(self) -> dict[str, Any]:
        """Refuse what the catalogue would refuse, at the field it is about."""
        cleaned = super().clean() or self.cleaned_data
        if not {"sku", "price", "regular_price"} <= cleaned.keys():
            return cleaned
        facts = VariantFacts(
            sku=cleaned["sku"], price=cleaned["price"], regular_price=cleaned["regular_price"]
        )
        try:
            check_facts(_SOME_PRODUCT, [facts])
        except InvalidProduct as refusal:
            field = refusal.field if refusal.field in self.fields else None
            is_negative = refusal.problem is Problem.NEGATIVE
            self.add_error(field, _BELOW_ZERO if is_negative else sentence_of(refusal))
        except Refusal as refusal:
            self.add_error("regular_price", sentence_of(refusal))
        return cleaned


class VariantFormSet(PagedFormSet):
    """The variants of one product."""

    default_error_messages = {
        **PagedFormSet.default_error_messages,
        "too_few_forms": "A product needs at least one variant.",
    }

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:  # noqa: ARG002
        """Say what two rows have in common."""
        return "Two variants have the same SKU."

    def clean(self) -> None:
        """Refuse options that no variant can have, and those that another one has."""
        super().clean()
        self._look_up_choices()
        self._refuse_twins()
        if any(form.errors for form in self.forms):
            raise ValidationError("Please correct the variants.")

    def _refuse_twins(self) -> None:
        """Refuse a variant that buyers cannot tell from another one of the product."""
        rows = [form for form in self.forms if form.instance.pk or form.has_changed()]
        touched = [form for form in rows if _is_rechosen(form) and not form.errors]
        if not touched:
            return
        others = [(form, form.data.get(form.add_prefix("sku")), _values_of(form)) for form in rows]
        others += [(None, sku, values) for sku, values in self._elsewhere(rows)]
        for form in touched:
            mine = _values_of(form)
            twins = [sku for other, sku, values in others if other is not form and values == mine]
            if twins:
                form.add_error("options", f"{twins[0]} has the same options. {_TELL_APART}")

    def _elsewhere(self, rows: Sequence[Any]) -> list[tuple[str, frozenset[int]]]:
        """Return the variants that are not on this page of the form, with their values."""
        if not self.instance.pk:
            return []
        shown = [form.instance.pk for form in rows if form.instance.pk]
        found: dict[str, set[int]] = {}
        variants = Variant.objects.filter(product_id=self.instance.pk).exclude(pk__in=shown)
        for sku, value_id in variants.values_list("sku", "choices__value_id"):
            found.setdefault(sku, set()).update([value_id] if value_id else [])
        return [(sku, frozenset(values)) for sku, values in found.items()]

    def _look_up_choices(self) -> None:
        """Look up all chosen values at once; a variant has one value of each option."""
        forms = [form for form in self.forms if "options" in form.changed_data]
        wanted = {id_ for form in forms for id_ in form.cleaned_data.get("options", ())}
        known = {
            value.id: value
            for value in OptionValue.objects.filter(id__in=wanted).select_related("option")
        }
        for form in forms:
            chosen = form.cleaned_data.get("options", [])
            values = [known[id_] for id_ in chosen if id_ in known]
            if len(values) < len(chosen):
                form.add_error("options", "There is no such value.")
            elif len({value.option_id for value in values}) < len(values):
                form.add_error("options", "A variant has one value of each option.")
            form.chosen = sorted(values, key=lambda value: (value.option.position, value.option_id))


def _is_rechosen(form: Any) -> bool:
    return not form.instance.pk or "options" in form.changed_data


def _values_of(form: Any) -> frozenset[int]:
    """Return what a form says now, or said before where that was not changed."""
    if "options" in form.changed_data:
        return frozenset(form.cleaned_data.get("options", ()) if form.is_bound else ())
    return frozenset(form.fields["options"].initial or ())


def is_taken(form: Any, name: str) -> bool:
    """Tell whether a field was refused because another row has the same."""
    complaints = form.errors.get(name)
    return complaints is not None and any(e.code == "unique" for e in complaints.as_data())


class VariantInline(TabularInline):
    """The variants on the page of their product, some at a time."""

    model = Variant
    form = VariantForm
    formset = VariantFormSet
    fields = ("sku", "options", "price", "regular_price", "is_published", "position")
    ordering = ("position", "id")
    extra = 0
    min_num = 1
    max_num = 500
    # A variant goes by its own button, which asks whether somebody has ordered it.
    can_delete = False
    show_change_link = True
    per_page = VARIANTS_AT_ONCE
    hide_title = True
    verbose_name_plural = "Variants: what is bought, one row for each SKU"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        """Return variants with their choices, two queries for all."""
        choices = VariantValue.objects.select_related("value__option")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("choices", choices.order_by("option__position", "id")))
        )

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """Ask for one variant at least."""
        return super().get_formset(request, obj, **{"validate_min": obj is None, **options})


def write_choices(forms: Sequence[Any]) -> None:
    """Write down which values variants have, where that was changed; needs a transaction."""
    changed = [form for form in forms if form.chosen is not None and form.instance.pk]
    ids = [form.instance.pk for form in changed]
    before = _options_of(ids)
    VariantValue.objects.filter(variant_id__in=ids).delete()
    VariantValue.objects.bulk_create(
        VariantValue(variant=form.instance, option_id=value.option_id, value=value)
        for form in changed
        for value in form.chosen
    )
    note_changes(Variant, before, _options_of(ids))


def _options_of(variant_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return what the log says of the options of variants."""
    names: dict[int, list[str]] = {id_: [] for id_ in variant_ids}
    chosen = VariantValue.objects.filter(variant_id__in=variant_ids).select_related("value__option")
    for choice in chosen.order_by("option__position", "id"):
        names[choice.variant_id].append(name_of_value(choice.value))
    return {id_: {"options": ", ".join(found)} for id_, found in names.items()}

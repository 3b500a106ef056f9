"""No form offers a hundred thousand rows to choose from."""

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth.models import Group, Permission
from django.test import RequestFactory

from shop.backoffice.look_up import LookUpSelect, is_id
from shop.backoffice.tests.desk import all_admins, boss

pytestmark = pytest.mark.django_db

# Tables whose rows are counted on fingers, or grow with the code and not with the shop.
SMALL = {Group, Permission}
CHOOSERS = (forms.Select, forms.SelectMultiple, forms.CheckboxSelectMultiple, forms.RadioSelect)


def fields_of(page: Any, request: Any) -> Iterator[tuple[str, forms.Field]]:
    """Yield every field of a page's forms: of a new row, of a row, and of the rows in it."""
    row = page.model()
    for change in (False, True):
        form = page.get_form(request, row if change else None, change=change)
        for name, field in form.base_fields.items():
            yield f"{page} {name}", field
    for inline in page.get_inline_instances(request):
        formset = inline.get_formset(request)
        for name, field in formset.form.base_fields.items():
            yield f"{page} {inline} {name}", field


def test_rows_of_large_tables_are_looked_up() -> None:
    request: Any = RequestFactory().get("/")
    request.user = boss()
    seen = 0
    for page in all_admins():
        for name, field in fields_of(page, request):
            if not isinstance(field, forms.ModelChoiceField):
                continue
            seen += 1
            assert field.queryset is not None
            if field.queryset.model in SMALL:
                continue
            assert isinstance(field.widget, AutocompleteSelect), name
    assert seen >= 4


def test_other_fields_offer_few_choices() -> None:
    request: Any = RequestFactory().get("/")
    request.user = boss()
    for page in all_admins():
        for name, field in fields_of(page, request):
            if isinstance(field, forms.ModelChoiceField):
                continue
            if isinstance(field, forms.ChoiceField) and isinstance(field.widget, CHOOSERS):
                choices: Any = field.choices
                assert len(list(choices)) <= 50, name


def test_a_plain_choice_would_be_seen() -> None:
    from shop.catalog.models import Category

    assert not isinstance(forms.ModelChoiceField(Category.objects.all()).widget, AutocompleteSelect)
    assert issubclass(LookUpSelect, AutocompleteSelect)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", True),
        (7, True),
        ("9" * 18, True),
        ("9" * 19, False),
        ("-1", False),
        ("", False),
        ("abc", False),
        ("\u0661", False),
        ("1.5", False),
        (None, False),
    ],
)
def test_what_can_be_the_number_of_a_row(text: Any, expected: bool) -> None:
    assert is_id(text) is expected

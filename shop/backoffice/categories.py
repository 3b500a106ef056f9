"""Categories: the tree in its order, moved by choosing another parent."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from shop.backoffice.base import ShopAdmin, ShopForm
from shop.backoffice.buttons import Button, ButtonForm, Press
from shop.backoffice.look_up import LookUpSelect
from shop.backoffice.pictures import PictureFile, thumbnail
from shop.catalog import actions as catalog
from shop.catalog.models import Category, Product
from shop.lib.trail import noting

_CHANGE = "catalog.change_category"


class CategoryForm(ShopForm):
    """A category, and what it stands in."""

    parent = forms.ModelChoiceField(
        Category.objects.all(),
        required=False,
        # Looked up as the category of a product is: in the same list.
        widget=LookUpSelect(Product._meta.get_field("category")),
        help_text="Empty: it stands at the top. With another one it moves, with all below it.",
    )

    class Meta:
        model = Category
        fields = ("name", "description")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk and "parent" in self.fields:
            self.fields["parent"].initial = Category.objects.get_parent(self.instance)


class PictureForm(ButtonForm):
    """The picture of a category."""

    file = PictureFile(label="Picture")


def _set_picture(press: Press) -> str:
    with noting(Category, [press.row.pk], "image"):
        catalog.set_category_picture(category_id=press.row.pk, file=press.data["file"])
    return "The category has its picture."


def _remove_picture(press: Press) -> str:
    with noting(Category, [press.row.pk], "image"):
        catalog.remove_category_picture(category_id=press.row.pk)
    return "The picture has been removed."


def _remove(press: Press) -> str:
    catalog.remove_category(category_id=press.row.pk)
    return f"{press.row} has been removed."


@admin.register(Category)
class CategoryAdmin(ShopAdmin):
    """The tree of categories."""

    form = CategoryForm
    list_display = ("indented", "picture", "depth")
    list_per_page = 100
    ordering = ("path",)
    sortable_by = ()
    search_fields = ("name__istartswith",)
    search_help_text = "The beginning of a name"
    fieldsets = ((None, {"fields": ("name", "parent", "description")}),)
    change_form_outer_after_template = "backoffice/parts/category.html"
    buttons = (
        Button(
            name="set-picture",
            label="Upload a picture",
            icon="add_photo_alternate",
            right=_CHANGE,
            act=_set_picture,
            form=PictureForm,
        ),
        Button(
            name="remove-picture",
            label="Remove the picture",
            icon="hide_image",
            right=_CHANGE,
            act=_remove_picture,
            works=lambda _, row: bool(row.image),
            question="The category will be shown without a picture.",
            is_danger=True,
        ),
        Button(
            name="remove",
            label="Remove",
            icon="delete",
            right="catalog.delete_category",
            act=_remove,
            works=lambda _, row: row.is_leaf(),
            question="The category must be empty.",
            is_danger=True,
            leads_to_list=True,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return categories in the order of the tree."""
        return super().get_queryset(request).order_by("path")

    def is_saved_by_actions(self, object_id: str | None) -> bool:  # noqa: ARG002
        """A place in the tree depends on its neighbours: the verbs lock them all."""
        return True

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002
        """Add or change, and move, by the actions that keep the tree in order."""
        said = form.cleaned_data
        parent = said.get("parent")
        facts = {
            "name": said["name"],
            "description": said["description"],
            "parent_id": parent.pk if parent else None,
        }
        if not change:
            obj.pk = catalog.add_category(**facts)
            return
        with noting(Category, [obj.pk], describe=_describe):
            catalog.change_category(category_id=obj.pk, changes=facts)

    def shown_beside(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """Return the category, for its picture."""
        return {"shop_category": self.get_object(request, object_id)}

    def name_of(self, row: Any) -> str:
        """Return its name, further to the right the deeper it stands."""
        return f"{'— ' * (row.depth - 1)}{row.name}"

    @admin.display(description="category")
    def indented(self, row: Any) -> str:
        """The name, at its depth in the tree."""
        return format_html(
            '<span class="bo-depth" style="--depth: {}">{}</span>', row.depth - 1, row.name
        )

    @admin.display(description="picture")
    def picture(self, row: Any) -> str:
        """Its picture, small."""
        return thumbnail(row.image, row.name)


def _describe(ids: Any) -> dict[int, dict[str, Any]]:
    """Return what the log says of categories."""
    facts: dict[int, dict[str, Any]] = {}
    for category in Category.objects.filter(id__in=ids):
        parent = Category.objects.get_parent(category)
        facts[category.pk] = {
            "name": category.name,
            "description": category.description,
            "parent": parent.name if parent else None,
        }
    return facts

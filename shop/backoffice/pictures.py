"""Pictures of products: uploading, describing, ordering and removing them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.base import File
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from shop.backoffice.base import ReadOnlyAdmin
from shop.backoffice.buttons import Button, ButtonForm, OnceForm, Press
from shop.catalog import actions as catalog
from shop.catalog import queries as catalog_queries
from shop.catalog.models import ProductImage, Variant
from shop.catalog.rules import LARGEST_POSITION, LONGEST_ALT

_ALT_HELP = "What the picture shows, for whoever cannot see it."


class PictureFile(forms.FileField):
    """A picture on its way in; whether it is one is for the shop to find out."""

    widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"})


class _OfVariant(ButtonForm):
    """A picture of the product, or of one of its variants."""

    alt = forms.CharField(
        label="Description", max_length=LONGEST_ALT, required=False, help_text=_ALT_HELP
    )
    variant = forms.TypedChoiceField(
        label="Shows", coerce=int, required=False, empty_value=None, choices=()
    )

    def show_variants_of(self, product_id: int) -> None:
        """Let one choose from the variants of this product."""
        variants = Variant.objects.filter(product_id=product_id).order_by("position", "id")
        field: Any = self.fields["variant"]
        field.choices = [
            ("", "The product"),
            *((item.pk, item.title or item.sku) for item in variants),
        ]


class AddPictureForm(OnceForm, _OfVariant):
    """A new picture."""

    file = PictureFile(label="Picture")
    field_order = ("once", "file", "alt", "variant")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.show_variants_of(self.row.pk)


class ChangePictureForm(_OfVariant):
    """A picture that is there."""

    position = forms.IntegerField(
        min_value=0, max_value=LARGEST_POSITION, help_text="The lowest comes first."
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.show_variants_of(self.row.product_id)
        for name, value in (
            ("alt", self.row.alt),
            ("variant", self.row.variant_id),
            ("position", self.row.position),
        ):
            self.fields[name].initial = value


def _add(press: Press) -> str:
    said = press.data
    catalog.add_picture(
        product_id=press.row.pk, file=said["file"], alt=said["alt"], variant_id=said["variant"]
    )
    return "The picture has been added."


def _change(press: Press) -> str:
    said = press.data
    catalog.change_picture(
        picture_id=press.row.pk,
        alt=said["alt"],
        position=said["position"],
        variant_id=said["variant"],
    )
    return "The picture has been changed."


def _remove(press: Press) -> str:
    catalog.remove_picture(picture_id=press.row.pk)
    return "The picture has been removed."


ADD_PICTURE = Button(
    name="add-picture",
    label="Add a picture",
    icon="add_photo_alternate",
    right="catalog.add_productimage",
    act=_add,
    form=AddPictureForm,
)


def thumbnail(file: "File[Any] | None", alt: str) -> str:
    """Return a small picture, or a quiet square where there is none."""
    if not file:
        return format_html('<span class="{}" aria-hidden="true"></span>', "bo-thumb")
    return format_html(
        '<img class="bo-thumb" src="{}" alt="{}" loading="lazy" width="48" height="48">',
        getattr(file, "url", ""),
        alt,
    )


def picture_rows(request: HttpRequest, product_id: int) -> list[dict[str, Any]] | None:
    """Return the pictures of a product with their addresses; None for who may not see them."""
    user: Any = request.user
    if not user.has_perm("catalog.view_productimage"):
        return None
    may_change = user.has_perm("catalog.change_productimage")
    may_remove = user.has_perm("catalog.delete_productimage")
    return [
        {
            "image": image,
            "change": may_change and _url("change-picture", image.pk),
            "remove": may_remove and _url("remove-picture", image.pk),
        }
        for image in catalog_queries.pictures_of(product_id)
    ]


def _url(name: str, picture_id: int) -> str:
    return reverse(f"admin:catalog_productimage_{name}", args=[picture_id])


@admin.register(ProductImage)
class ProductImageAdmin(ReadOnlyAdmin):
    """One picture; it is found on the page of its product."""

    list_display = ("picture", "product", "alt", "position")
    list_select_related = ("product",)
    ordering = ("-id",)
    sortable_by = ()
    fields = ("picture", "alt", "position", "width", "height")
    readonly_fields = ("picture", "width", "height")
    buttons = (
        Button(
            name="change-picture",
            label="Describe and place",
            icon="edit",
            right="catalog.change_productimage",
            act=_change,
            form=ChangePictureForm,
        ),
        Button(
            name="remove-picture",
            label="Remove the picture",
            icon="delete",
            right="catalog.delete_productimage",
            act=_remove,
            question="The picture will not be shown any more.",
            is_danger=True,
        ),
    )

    def home_of(self, request: HttpRequest, row: Any) -> str:
        """A picture is at home with its product."""
        user: Any = request.user
        if not user.has_perm("catalog.view_product"):
            return reverse("admin:index")
        return reverse("admin:catalog_product_change", args=[row.product_id])

    @admin.display(description="picture")
    def picture(self, row: ProductImage) -> str:
        """The picture, small."""
        return thumbnail(row.file, row.alt)

"""What products and categories look like.

Reading a picture takes its time, so it is done before the transaction, and the file lies on the
disk before a row speaks of it. What becomes of a file that a row has let go of: `clearing`.
"""

from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone

from shop.catalog.actions._files import path_of
from shop.catalog.actions._products import lock_products, write_products
from shop.catalog.actions._telling import tell_category, tell_products
from shop.catalog.actions.clearing import tell_removed
from shop.catalog.errors import (
    TooManyPictures,
    UnknownCategory,
    UnknownPicture,
    UnknownProduct,
    UnknownVariant,
)
from shop.catalog.models import Category, Product, ProductImage, Variant
from shop.catalog.rules import (
    LARGEST_POSITION,
    LEAVE,
    MOST_PICTURES,
    Leave,
    check_picture_facts,
    picture_name,
)
from shop.lib.files import keep_file
from shop.lib.pictures import Master, Readable, read_picture
from shop.lib.transactions import durable


def add_picture(
    *, product_id: int, file: Readable, alt: str = "", variant_id: int | None = None
) -> int:
    """Give a product, or a variant of it, one more picture, its last; return the picture's id.

    Raises InvalidPicture, InvalidProduct (for `alt`), TooManyPictures, UnknownProduct or
    UnknownVariant.
    """
    product = Product.objects.filter(id=product_id).first()
    _check_place(product, product_id=product_id, variant_id=variant_id, alt=alt)
    kept = _keep(file)
    picture_id = _add(kept, product_id=product_id, variant_id=variant_id, alt=alt)
    kept.keep()
    return picture_id


@durable
def change_picture(
    *,
    picture_id: int,
    alt: str | Leave = LEAVE,
    position: int | Leave = LEAVE,
    variant_id: int | Leave | None = LEAVE,
) -> None:
    """Describe a picture, move it among those of its product, or say which variant it shows.

    Raises UnknownPicture, UnknownVariant, or InvalidProduct (for `alt` and `position`).
    """
    product, picture = _locked(picture_id)
    if alt is not LEAVE:
        picture.alt = alt
    if position is not LEAVE:
        picture.position = position
    if variant_id is not LEAVE:
        picture.variant_id = variant_id
    check_picture_facts(product.code, alt=picture.alt, position=picture.position)
    _check_variant(product.id, picture.variant_id)
    picture.save(update_fields=["alt", "position", "variant"])
    write_products([product], set())
    tell_products("changed", [product.id])


@durable
def remove_picture(*, picture_id: int) -> None:
    """Take a picture away from its product. Raises UnknownPicture."""
    product, picture = _locked(picture_id)
    picture.delete()
    tell_removed([str(picture.file)])
    write_products([product], set())
    tell_products("changed", [product.id])


def set_category_picture(*, category_id: int, file: Readable) -> None:
    """Give a category its picture, in place of the one it has.

    Raises InvalidPicture or UnknownCategory.
    """
    if not Category.objects.filter(id=category_id).exists():
        raise UnknownCategory(category_id)
    kept = _keep(file)
    _write_category(category_id, kept)
    kept.keep()


def remove_category_picture(*, category_id: int) -> None:
    """Leave a category without a picture. Raises UnknownCategory."""
    _write_category(category_id, None)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A picture whose file lies on the disk."""

    name: str
    master: Master

    def keep(self) -> None:
        """Write the file, or say that it is in use.

        Done before there is a row, and again after: it may have been cleared away meanwhile, as
        one that nobody shows.
        """
        keep_file(path_of(self.name), self.master.data)


def _keep(file: Readable) -> _Kept:
    master = read_picture(file)
    kept = _Kept(picture_name(master.data), master)
    kept.keep()
    return kept


@durable
def _add(kept: _Kept, *, product_id: int, variant_id: int | None, alt: str) -> int:
    product = lock_products([product_id]).get(product_id)
    product = _check_place(product, product_id=product_id, variant_id=variant_id, alt=alt)
    last = ProductImage.objects.filter(product_id=product_id).aggregate(last=Max("position"))
    picture = ProductImage.objects.create(
        product_id=product_id,
        variant_id=variant_id,
        file=kept.name,
        width=kept.master.width,
        height=kept.master.height,
        renditions_due_at=timezone.now(),
        alt=alt,
        position=0 if last["last"] is None else min(last["last"] + 1, LARGEST_POSITION),
    )
    write_products([product], set())
    tell_products("changed", [product_id])
    return picture.id


@durable
def _write_category(category_id: int, kept: _Kept | None) -> None:
    category = Category.objects.select_for_update().filter(id=category_id).first()
    if category is None:
        raise UnknownCategory(category_id)
    tell_removed([str(category.image)] if category.image else [])
    Category.objects.filter(id=category_id).update(
        image=kept.name if kept else "",
        image_width=kept.master.width if kept else 0,
        image_height=kept.master.height if kept else 0,
        image_widths=[],
        renditions_due_at=timezone.now() if kept else None,
    )
    tell_category("changed", category_id)


def _check_place(
    product: Product | None, *, product_id: int, variant_id: int | None, alt: str
) -> Product:
    """Refuse what no picture can be added to: asked early for nothing, and under the lock again."""
    if product is None:
        raise UnknownProduct(product_id)
    check_picture_facts(product.code, alt=alt)
    _check_variant(product_id, variant_id)
    if ProductImage.objects.filter(product_id=product_id).count() >= MOST_PICTURES:
        raise TooManyPictures(MOST_PICTURES)
    return product


def _check_variant(product_id: int, variant_id: int | None) -> None:
    if variant_id is None:
        return
    if not Variant.objects.filter(id=variant_id, product_id=product_id).exists():
        raise UnknownVariant(variant_id)


def _locked(picture_id: int) -> tuple[Product, ProductImage]:
    """Lock the product of a picture; return both as they are now."""
    of_picture = ProductImage.objects.filter(id=picture_id)
    products = lock_products(list(of_picture.values_list("product_id", flat=True)))
    picture = of_picture.first()
    if picture is None:
        raise UnknownPicture(picture_id)
    return products[picture.product_id], picture

"""What is sold: the tree of categories, products, and the variants a buyer can put in a cart."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from treebeard.mp_tree import MP_Node

from shop.catalog.rules import LARGEST_LIMIT, LONGEST_HOLD
from shop.lib.fields import ExactCharField, amount_field

# A limit of none at all would be a product that is not sold.
_LIMIT = (MinValueValidator(1), MaxValueValidator(LARGEST_LIMIT))
_HOLD = (MinValueValidator(1), MaxValueValidator(LONGEST_HOLD))


class Category(MP_Node):
    """A shelf of the shop; shelves stand on shelves."""

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    # Its picture, or empty; see ProductImage.
    image = models.ImageField(upload_to="pictures/", blank=True, editable=False)
    image_width = models.PositiveIntegerField(default=0, editable=False)
    image_height = models.PositiveIntegerField(default=0, editable=False)
    image_widths = models.JSONField(default=list, editable=False)
    renditions_due_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name_plural = "categories"
        indexes = [
            models.Index(fields=["renditions_due_at"], name="categories_to_render"),
        ]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What a page of the shop shows; a simple product has exactly one variant."""

    # The merchant's own key, by which an import finds the product again.
    code = ExactCharField(max_length=64)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    is_published = models.BooleanField(default=True)
    # How much of it people may buy, all its variants together; NULL: as much as they like.
    order_limit = models.PositiveIntegerField(null=True, blank=True, validators=_LIMIT)
    customer_limit = models.PositiveIntegerField(null=True, blank=True, validators=_LIMIT)
    # For how long a cart holds it; NULL: a cart holds none of it.
    hold_minutes = models.PositiveIntegerField(null=True, blank=True, validators=_HOLD)
    # Kept on write: the lowest price of its variants (none yet: unknown), whether one can be
    # bought, and what reviewers say.
    price = amount_field(null=True, editable=False)
    in_stock = models.BooleanField(default=False, editable=False)
    rating = models.DecimalField(max_digits=3, decimal_places=2, null=True, editable=False)
    review_count = models.PositiveIntegerField(default=0, editable=False)
    # The rating by which lists are sorted, where those that nobody has rated come last.
    rating_rank = models.DecimalField(max_digits=3, decimal_places=2, default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="product_code_once"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="product_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(order_limit__isnull=True) | Q(order_limit__gte=1),
                name="product_order_limit_positive",
            ),
            models.CheckConstraint(
                condition=Q(customer_limit__isnull=True) | Q(customer_limit__gte=1),
                name="product_customer_limit_positive",
            ),
            models.CheckConstraint(
                condition=Q(hold_minutes__isnull=True)
                | Q(hold_minutes__gte=1, hold_minutes__lte=LONGEST_HOLD),
                name="product_hold_minutes_in_range",
            ),
        ]
        indexes = [
            models.Index(fields=["is_published", "name", "id"], name="products_by_name"),
            models.Index(fields=["is_published", "price", "id"], name="products_by_price"),
            models.Index(fields=["is_published", "created_at", "id"], name="products_by_age"),
            models.Index(fields=["is_published", "rating_rank", "id"], name="products_by_rating"),
            models.Index(
                fields=["is_published", "in_stock", "created_at", "id"],
                name="products_in_stock_by_age",
            ),
            models.Index(
                fields=["category", "is_published", "name", "id"], name="products_of_category"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Option(models.Model):
    """A way in which the variants of a product differ, such as colour."""

    code = ExactCharField(max_length=40)
    name = models.CharField(max_length=80)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code"], name="option_code_once")]

    def __str__(self) -> str:
        return self.name


class OptionValue(models.Model):
    """One choice of an option, such as red."""

    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="values")
    code = ExactCharField(max_length=40)
    name = models.CharField(max_length=80)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["option", "code"], name="option_value_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """The thing that is bought: one SKU at one price."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = ExactCharField(max_length=64)
    # The names of its option values, "Red, M"; empty for a simple product.
    title = models.CharField(max_length=200, blank=True)
    price = amount_field(help_text="What is paid now.")
    regular_price = amount_field(null=True, blank=True, help_text="What it costs when not reduced.")
    is_published = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    values = models.ManyToManyField(OptionValue, through="VariantValue", related_name="variants")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sku"], name="variant_sku_once"),
            models.CheckConstraint(condition=Q(price__gte=0), name="variant_price_not_negative"),
            models.CheckConstraint(
                condition=Q(regular_price__isnull=True) | Q(regular_price__gte=F("price")),
                name="variant_reduced_below_regular",
            ),
        ]
        indexes = [
            models.Index(fields=["product", "position", "id"], name="variants_of_product"),
        ]

    def __str__(self) -> str:
        return self.sku


class VariantValue(models.Model):
    """A variant's choice for one option; it makes exactly one for each."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="choices")
    option = models.ForeignKey(Option, on_delete=models.PROTECT, related_name="+")
    value = models.ForeignKey(OptionValue, on_delete=models.PROTECT, related_name="choices")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "option"], name="variant_option_once"),
        ]

    def __str__(self) -> str:
        return f"{self.option_id}:{self.value_id}"


class ProductImage(models.Model):
    """A picture of a product, or of one of its variants."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    variant = models.ForeignKey(
        Variant, on_delete=models.CASCADE, null=True, blank=True, related_name="images"
    )
    # Written by `actions.add_picture` and by nothing else: never the file that was uploaded, but
    # what was made of it, under a name made of its bytes. Pictures that are alike share a file.
    file = models.ImageField(upload_to="pictures/", editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    # How wide its renditions are, which lie beside the file; none until they are made.
    widths = models.JSONField(default=list, editable=False)
    # When to make them: at once, later after a failure, never again once they are there.
    renditions_due_at = models.DateTimeField(null=True, editable=False)
    alt = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["renditions_due_at"], name="images_to_render"),
            models.Index(fields=["product", "position", "id"], name="images_of_product"),
        ]

    def __str__(self) -> str:
        return self.alt or str(self.file)

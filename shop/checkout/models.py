"""What checkouts keep: attempts and their answers, and what customers have of limited products."""

from django.db import models
from django.db.models import Q

from shop.checkout.rules import LONGEST_CUSTOMER
from shop.lib.fields import ExactCharField


class Attempt(models.Model):
    """A purchase somebody tried under a key of their own, and the answer they got.

    Written in the order's own transaction: it is there if, and only if, the order is. Kept for a
    day, after which the order's origin alone keeps it from being placed again.
    """

    # Whose key it is: `user:12`, or `cart:<uuid>` for a guest.
    scope = ExactCharField(max_length=50)
    key = ExactCharField(max_length=100)
    body_hash = models.CharField(max_length=64)
    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, null=True, related_name="attempts"
    )
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="attempt_key_once_per_scope"),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="attempts_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"


class Allowance(models.Model):
    """One customer and one limited product: the row by which their purchases wait for each other.

    What was taken of it is the sum of its uses by orders that stand.
    """

    # Without a constraint in the database: MariaDB would lock the product for every purchase.
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    # As `rules.customers_of` has it: `user:12`, or the digest of an e-mail or postal address.
    customer = ExactCharField(max_length=LONGEST_CUSTOMER)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "customer"], name="allowance_once_per_product_customer"
            ),
        ]

    def __str__(self) -> str:
        return f"product {self.product_id} for {self.customer}"


class AllowanceUse(models.Model):
    """So many units of an allowance that an order has; while it is canceled they do not count."""

    allowance = models.ForeignKey(Allowance, on_delete=models.CASCADE, related_name="uses")
    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="+")
    units = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["allowance", "order"], name="allowance_used_once_by_order"
            ),
            models.CheckConstraint(condition=Q(units__gte=1), name="allowance_use_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.units} by order {self.order_id}"

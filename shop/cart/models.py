"""The wish: what somebody means to buy."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Cart(models.Model):
    """A basket: somebody's, or that of whoever holds its id. Once ordered it never changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="carts"
    )
    # The user again while the cart is open, then NULL: so that everybody has one open cart at most
    # on databases that know no conditional constraints.
    open_for = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="open_cart"
    )
    # Rises with every change, so that a checkout sees that the cart is no longer what it showed.
    version = models.PositiveIntegerField(default=0)
    ordered_at = models.DateTimeField(null=True)
    # Until when the last thing is held that it ever held; NULL: it never held anything.
    held_until = models.DateTimeField(null=True)
    # When it was last touched, until it is ordered, or somebody was told that it is abandoned.
    idle_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                # A comparison with NULL is not false, and a CHECK refuses only what is false.
                condition=Q(open_for__isnull=True)
                | Q(open_for=models.F("user"), user__isnull=False, ordered_at__isnull=True),
                name="cart_open_for_its_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["updated_at"], name="carts_by_last_use"),
            models.Index(fields=["idle_since"], name="carts_left_alone"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class CartLine(models.Model):
    """So many of one variant."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_variant_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="cart_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.variant_id}"

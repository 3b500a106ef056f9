"""What buyers say."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from shop.reviews.rules import BEST_RATING, LONGEST_AUTHOR, WORST_RATING


class Review(models.Model):
    """One person's rating of one product."""

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="reviews")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviews"
    )
    # A copy of what its writer was called then, as far as strangers may know: "Maya R.".
    author = models.CharField(max_length=LONGEST_AUTHOR, blank=True)
    rating = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    bought_it = models.BooleanField(default=False, help_text="Ordered the product before.")
    is_hidden = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "user"], name="review_once_per_user"),
            models.CheckConstraint(
                condition=Q(rating__gte=WORST_RATING, rating__lte=BEST_RATING),
                name="review_rating_in_range",
            ),
        ]
        indexes = [
            models.Index(fields=["product", "is_hidden", "-id"], name="reviews_of_product"),
        ]

    def __str__(self) -> str:
        stars = "star" if self.rating == 1 else "stars"
        by = f" by {self.author}" if self.author else ""
        return f"{self.rating} {stars} for {self.product.name}{by}"

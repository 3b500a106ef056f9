"""Reviews: read, hidden, shown again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from shop.backoffice.base import ReadOnlyAdmin
from shop.backoffice.bulk import bulk
from shop.backoffice.buttons import Button, Press
from shop.backoffice.wording import moment
from shop.lib.trail import noting
from shop.reviews import actions as reviews
from shop.reviews.models import Review
from shop.reviews.rules import BEST_RATING, WORST_RATING

_RIGHT = "reviews.change_review"
_LONGEST_EXCERPT = 90


def _hide(is_hidden: bool) -> Any:
    def verb(request: HttpRequest, ids: list[int]) -> None:  # noqa: ARG001
        with noting(Review, ids, "is_hidden"):
            reviews.hide(review_ids=ids, is_hidden=is_hidden)

    return verb


def _press(is_hidden: bool) -> Any:
    def act(press: Press) -> str:
        _hide(is_hidden)(press.request, [press.row.pk])
        return "The review is hidden." if is_hidden else "The review is shown."

    return act


class RatingFilter(admin.SimpleListFilter):
    """How many stars. Written out: to look up which there are, all reviews would be read."""

    title = "rating"
    parameter_name = "stars"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """From the best to the worst."""
        return [(str(n), "★" * n) for n in range(BEST_RATING, WORST_RATING - 1, -1)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Those with that many."""
        wanted = dict(self.lookup_choices).keys() & {self.value()}
        return queryset.filter(rating__in=wanted) if wanted else queryset


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """What buyers say, the newest first."""

    list_display = ("at", "product", "stars", "excerpt", "author", "shown")
    list_display_links = ("at", "excerpt")
    list_select_related = ("product",)
    list_filter = ("is_hidden", RatingFilter)
    ordering = ("-id",)
    sortable_by = ()
    search_fields = ("user__username__exact",)
    search_help_text = "A whole username"
    fields = ("product_page", "stars", "text", "author", "writer", "bought_it", "is_hidden")
    readonly_fields = ("product_page", "stars", "writer")
    right_to_handle = _RIGHT
    actions = (
        bulk(
            name="hide_reviews",
            label="Hide",
            right="handle",
            verb=_hide(True),
            done="Hidden: {count}.",
        ),
        bulk(
            name="show_reviews",
            label="Show",
            right="handle",
            verb=_hide(False),
            done="Shown: {count}.",
        ),
    )
    buttons = (
        Button(
            name="hide",
            label="Hide",
            icon="visibility_off",
            right=_RIGHT,
            act=_press(True),
            works=lambda _, row: not row.is_hidden,
            already="The review was hidden already.",
        ),
        Button(
            name="show",
            label="Show again",
            icon="visibility",
            right=_RIGHT,
            act=_press(False),
            works=lambda _, row: row.is_hidden,
            already="The review was shown already.",
        ),
    )

    @admin.display(description="when")
    def at(self, row: Review) -> str:
        """When it was written."""
        return moment(row.created_at)

    @admin.display(description="rating")
    def stars(self, row: Review) -> str:
        """The rating as stars."""
        return format_html(
            '<span class="bo-stars" aria-label="{} of 5">{}</span>', row.rating, "★" * row.rating
        )

    @admin.display(description="text")
    def excerpt(self, row: Review) -> str:
        """How it begins."""
        return Truncator(row.text).chars(_LONGEST_EXCERPT) or "(no text)"

    @admin.display(description="shown", boolean=True)
    def shown(self, row: Review) -> bool:
        """Whether visitors see it."""
        return not row.is_hidden

    @admin.display(description="product")
    def product_page(self, row: Review) -> str:
        """What it is about."""
        address = reverse("admin:catalog_product_change", args=[row.product_id])
        return format_html('<a class="bo-link" href="{}">{}</a>', address, row.product)

    @admin.display(description="written by")
    def writer(self, row: Review) -> str:
        """Whose account wrote it."""
        return row.user.get_username()

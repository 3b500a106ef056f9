"""What buyers say."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api import lists
from shop.api.bounds import IdField
from shop.api.permissions import Who
from shop.api.rendering import rendered
from shop.api.resources import Resource, read, signed_in
from shop.api.schema import operation
from shop.catalog import queries as catalog
from shop.catalog.rules import CATALOGUE, REVIEWS
from shop.lib.replicas.reading import may_lag
from shop.reviews import actions, queries
from shop.reviews.rules import BEST_RATING, LONGEST_TEXT, WORST_RATING

TAG = "Reviews"


class ReviewBody(serializers.Serializer[Any]):
    """One person's rating of one product."""

    id = serializers.IntegerField()
    product = serializers.IntegerField(source="product_id")
    rating = serializers.IntegerField(help_text="1 to 5.")
    text = serializers.CharField()
    author = serializers.CharField(help_text="As far as strangers may know: `Maya R.`, or empty.")
    bought_it = serializers.BooleanField(help_text="Ordered the product here before.")
    created_at = serializers.DateTimeField()


class ReviewForm(serializers.Serializer[Any]):
    """What somebody says of a product."""

    product = IdField()
    rating = serializers.IntegerField(min_value=WORST_RATING, max_value=BEST_RATING)
    text = serializers.CharField(
        max_length=LONGEST_TEXT, required=False, allow_blank=True, default=""
    )


class HidingForm(serializers.Serializer[Any]):
    """Whether visitors see a review."""

    wants_all = True

    is_hidden = serializers.BooleanField()


class HiddenBody(HidingForm):
    """Whether visitors see a review now."""

    id = serializers.IntegerField()


class ReviewsQuery(lists.PageQuery):
    """Which reviews are wanted."""

    product = IdField(required=False, help_text="Those of this product only.")


class Reviews(Resource):
    """All reviews that visitors can see."""

    access = {"GET": Who.PUBLIC, "POST": Who.SIGNED_IN}
    public_parameters = lists.names_of(ReviewsQuery)
    public_generations = [CATALOGUE, REVIEWS]

    @operation(
        "reviews_list",
        "List reviews, the newest first",
        tag=TAG,
        query=ReviewsQuery,
        answer=lists.page_of(ReviewBody),
        refuses=["invalid_cursor", "unknown_product"],
    )
    @may_lag
    def get(self, request: Request) -> Response:
        wanted = lists.query(request, ReviewsQuery)
        product_id = wanted.pop("product", None)
        if product_id is None:
            found = queries.page_of_all(**wanted)
        else:
            # What is hidden keeps its reviews to itself.
            catalog.published_product(product_id)
            found = queries.of_product(product_id, **wanted)
        return lists.answer(request, found, found.items, ReviewBody)

    @operation(
        "reviews_create",
        "Review a product",
        tag=TAG,
        request=ReviewForm,
        answer=ReviewBody,
        status=201,
        refuses=["unknown_product", "already_reviewed", "invalid_rating", "invalid_review_text"],
        description="Once per product. It is shown at once, under your first name and initial.",
    )
    def post(self, request: Request) -> Response:
        form = read(ReviewForm, request.data)
        review_id = actions.write(
            user_id=signed_in(request).id,
            product_id=form["product"],
            rating=form["rating"],
            text=form["text"],
        )
        return Response(rendered(ReviewBody, queries.find(review_id)), status=201)


class Review(Resource):
    """One review."""

    access = {"GET": Who.PUBLIC, "PATCH": "reviews.change_review"}
    public_generations = [CATALOGUE, REVIEWS]

    @operation(
        "reviews_read", "Read a review", tag=TAG, answer=ReviewBody, refuses=["unknown_review"]
    )
    @may_lag
    def get(self, request: Request, review_id: int) -> Response:
        return Response(rendered(ReviewBody, queries.find(review_id)))

    @operation(
        "reviews_hide",
        "Hide a review, or show it again (staff)",
        tag=TAG,
        request=HidingForm,
        answer=HiddenBody,
        refuses=["unknown_review"],
    )
    def patch(self, request: Request, review_id: int) -> Response:
        is_hidden = read(HidingForm, request.data)["is_hidden"]
        actions.hide(review_ids=[review_id], is_hidden=is_hidden)
        return Response({"id": review_id, "is_hidden": is_hidden})

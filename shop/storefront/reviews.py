"""Adding a review: once per product, by somebody who is signed in."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.views.decorators.cache import never_cache

from shop.reviews import actions as reviews
from shop.reviews import queries as review_queries
from shop.reviews.errors import AlreadyReviewed
from shop.showcase import queries as showcase
from shop.showcase.rules import ProductPage
from shop.storefront import visitors
from shop.storefront.answers import answers_refusals, for_methods
from shop.storefront.forms import ReviewForm
from shop.storefront.limits import REVIEW


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
def add_review(request: HttpRequest, product_id: int) -> HttpResponse:
    """Ask what somebody thinks of a product; by POST, publish it.

    Whoever has said something of it already is shown what.
    """
    product = showcase.product(product_id)
    user_id = visitors.user_id(request)
    if user_id is None:
        return redirect_to_login(request.path)
    if request.method == "POST":
        return _write(request, product, ReviewForm(request.POST), user_id=user_id)
    own = review_queries.own(user_id=user_id, product_id=product_id)
    if own is not None:
        return _page(request, "review_own", product, review=own)
    return _page(request, "review_add", product, form=ReviewForm())


def _write(
    request: HttpRequest, product: ProductPage, form: ReviewForm, *, user_id: int
) -> HttpResponse:
    REVIEW.admit(user=str(user_id))
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(request, "review_add", product, status=status, form=form)
    try:
        reviews.write(user_id=user_id, product_id=product.product_id, **form.review)
    except AlreadyReviewed:
        own = review_queries.own(user_id=user_id, product_id=product.product_id)
        return _page(request, "review_own", product, status=HTTPStatus.CONFLICT, review=own)
    return redirect(f"{resolve_url('product_detail', product.product_id)}#reviews")


def _page(
    request: HttpRequest,
    page: str,
    product: ProductPage,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    **context: Any,
) -> HttpResponse:
    context = {"product": product, **context}
    return visitors.render_for(request, f"storefront/{page}.html", context, status=status)

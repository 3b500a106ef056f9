"""Pages for everybody: the same for whoever looks, so that a cache can keep them.

Nothing here asks who is looking: no user, no session, no cookie, no message.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shop.showcase import queries as showcase
from shop.showcase.rules import Sorting
from shop.storefront.answers import answers_refusals


@require_safe
def category_list(request: HttpRequest) -> HttpResponse:
    """Show the shelves of the shop, and what is new on them."""
    return render(request, "storefront/category_list.html", {"home": showcase.home()})


@require_safe
@answers_refusals
def category_detail(request: HttpRequest, category_id: int) -> HttpResponse:
    """Show a category and its products, those of the categories below it too."""
    sorting, cursor = _place(request)
    category = showcase.category(category_id, sorting=sorting, cursor=cursor)
    context = {"category": category, **_list_context(sorting, cursor)}
    return render(request, "storefront/category_detail.html", context)


@require_safe
@answers_refusals
def product_list(request: HttpRequest) -> HttpResponse:
    """Show all products."""
    sorting, cursor = _place(request)
    products = showcase.products(sorting=sorting, cursor=cursor)
    context = {"products": products, **_list_context(sorting, cursor)}
    return render(request, "storefront/product_list.html", context)


@require_safe
@answers_refusals
def product_detail(request: HttpRequest, product_id: int) -> HttpResponse:
    """Show a product, what it costs, and whether it can be had."""
    product = showcase.product(product_id)
    return render(request, "storefront/product_detail.html", {"product": product})


def _place(request: HttpRequest) -> tuple[Sorting, str | None]:
    """Return in which order a list is wanted, and from where on."""
    return Sorting.named(request.GET.get("sort", "")), request.GET.get("cursor")


def _list_context(sorting: Sorting, cursor: str | None) -> dict[str, Any]:
    return {"sorting": sorting, "sortings": list(Sorting), "is_first_page": not cursor}

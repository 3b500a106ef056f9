"""Pages for everybody: the same for whoever looks, so that a cache can keep them.

Nothing here asks who is looking: no user, no session, no cookie, no message. `public` sees to it.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static

from shop.catalog.rules import CATALOGUE, CATEGORIES, PRODUCT
from shop.inventory.rules import FEW_LEFT
from shop.lib.public.answering import public
from shop.lib.replicas.reading import may_lag
from shop.showcase import queries as showcase
from shop.showcase.rules import LIST_PARAMETERS, search_words
from shop.storefront.answers import answers_refusals, for_methods
from shop.storefront.cards import drawn
from shop.storefront.lists import Steps, Wish
from shop.storefront.panels import filters_of

_NOT_FOR_ROBOTS = ("/cart/", "/checkout/", "/accounts/", "/orders/", "/search/", "/admin/", "/api/")


@for_methods("GET", "HEAD")
@public(generations=[CATALOGUE])
@may_lag
def category_list(request: HttpRequest) -> HttpResponse:
    """Show the shelves of the shop, what is new on them and what is liked best."""
    return render(request, "storefront/category_list.html", {"home": showcase.home(cards=drawn)})


@for_methods("GET", "HEAD")
@public(generations=[CATALOGUE], parameters=LIST_PARAMETERS)
@answers_refusals
@may_lag
def category_detail(request: HttpRequest, category_id: int) -> HttpResponse:
    """Show a category and its products, those of the categories below it too."""
    wish = Wish.read(request, has_category=True)
    if not wish.is_canonical:
        return redirect(wish.address, permanent=True)
    category = showcase.category(
        category_id, filters=wish.filters, sorting=wish.sorting, cursor=wish.cursor, cards=drawn
    )
    steps = Steps(wish, category.products, category.options)
    context = {
        "category": category,
        "products": category.products,
        "steps": steps,
        "filters": filters_of(steps),
    }
    return render(request, "storefront/category_detail.html", context, status=wish.status)


@for_methods("GET", "HEAD")
@public(generations=[CATALOGUE], parameters=("category", *LIST_PARAMETERS))
@answers_refusals
@may_lag
def product_list(request: HttpRequest) -> HttpResponse:
    """Show all products, or those somebody looks for."""
    wish = Wish.read(request)
    if not wish.is_canonical:
        return redirect(wish.address, permanent=True)
    found = showcase.product_list(
        filters=wish.filters, sorting=wish.sorting, cursor=wish.cursor, cards=drawn
    )
    steps = Steps(wish, found.products, found.options, found.shelves, found.category)
    context = {"products": found.products, "steps": steps, "filters": filters_of(steps)}
    return render(request, "storefront/product_list.html", context, status=wish.status)


@for_methods("GET", "HEAD")
@public(generations=[PRODUCT, FEW_LEFT, CATEGORIES], parameters=("reviews",))
@answers_refusals
@may_lag
def product_detail(request: HttpRequest, product_id: int) -> HttpResponse:
    """Show a product: what it costs, whether it can be had, and what is said of it."""
    product = showcase.product(product_id)
    reviews = showcase.opinions(product_id, cursor=request.GET.get("reviews"))
    context = {
        "product": product,
        "reviews": reviews,
        "older": _reviews_at(reviews.next),
        "newer": _reviews_at(reviews.previous),
    }
    return render(request, "storefront/product_detail.html", context)


@for_methods("GET", "HEAD")
@public(generations=[CATALOGUE], parameters=("q", "cursor"))
@answers_refusals
@may_lag
def search(request: HttpRequest) -> HttpResponse:
    """Show the products that are called like what somebody looks for."""
    words = search_words(request.GET.get("q", ""))
    cursor = request.GET.get("cursor")
    found = showcase.search(words, cursor=cursor, cards=drawn) if words else None
    context = {
        "text": " ".join(words),
        "products": found,
        "next": _search_at(words, found.next if found else None),
        "previous": _search_at(words, found.previous if found else None),
    }
    return render(request, "storefront/search.html", context)


@for_methods("GET", "HEAD")
def robots(_request: HttpRequest) -> HttpResponse:
    """Tell search engines what is not for them: what belongs to one person, or to programs."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_ROBOTS)]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@for_methods("GET", "HEAD")
def favicon(_request: HttpRequest) -> HttpResponse:
    """Lead whoever asks for the shop's icon without having read a page to where it is."""
    return redirect(static("storefront/icon.svg"))


def _search_at(words: Sequence[str], cursor: str | None) -> str:
    """Return the address of the page of what was found at a cursor; empty for none."""
    return f"?{urlencode({'q': ' '.join(words), 'cursor': cursor})}" if cursor else ""


def _reviews_at(cursor: str | None) -> str:
    """Return the address, on the same page, of the reviews at a cursor; empty for none."""
    return f"?{urlencode({'reviews': cursor}, safe=':')}#reviews" if cursor else ""

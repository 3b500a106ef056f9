"""The cart: what is in it, what it comes to, and putting things in and taking them out."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from shop.cart import actions as carts
from shop.cart import queries as cart_queries
from shop.cart.errors import NotForSale, UnknownCart
from shop.cart.queries import PricedCart, PricedLine
from shop.catalog import queries as catalog
from shop.lib.refusals import Refusal
from shop.pricing.rules import Terms
from shop.showcase import queries as showcase
from shop.showcase.rules import Picture, ProductPage
from shop.storefront import visitors
from shop.storefront.answers import answers_refusals, for_methods
from shop.storefront.fields import number_in
from shop.storefront.forms import AddForm, LineForm
from shop.storefront.limits import limited
from shop.storefront.sentences import sentence_of, status_of


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
def cart(request: HttpRequest) -> HttpResponse:
    """Show the visitor's cart; by POST, change a line or take it out."""
    if request.method != "POST":
        return cart_page(request)
    form = LineForm(request.POST)
    if not form.is_valid():
        return cart_page(request, sentence=form.mistake, status=HTTPStatus.BAD_REQUEST, form=form)
    try:
        _change_line(request, form)
    except Refusal as refusal:
        return cart_page(
            request, sentence=sentence_of(refusal), status=status_of(refusal), form=form
        )
    return redirect("cart")


@never_cache
@for_methods("GET", "HEAD", "POST")
@answers_refusals
@limited
def add_to_cart(request: HttpRequest, product_id: int) -> HttpResponse:
    """Put so many of a product in the cart; by GET, ask first."""
    if request.method == "POST":
        return _add(request, product_id)
    product = showcase.product(product_id)
    return _add_page(request, product, AddForm.of(product, request.GET or None))


@never_cache
@for_methods("GET", "HEAD")
def token(request: HttpRequest) -> HttpResponse:
    """Give a visitor who has none the cookie by which forms on pages for everybody can be sent."""
    get_token(request)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def priced_cart(request: HttpRequest) -> PricedCart | None:
    """Return the visitor's cart at today's prices, None where nothing was put in one."""
    cart_id = visitors.cart_id(request)
    if cart_id is None:
        return None
    return cart_queries.priced(cart_id, terms=Terms(currency=settings.CURRENCY))


def cart_page(
    request: HttpRequest,
    *,
    sentence: str = "",
    status: HTTPStatus = HTTPStatus.OK,
    form: LineForm | None = None,
) -> HttpResponse:
    """Show the visitor's cart, and what was wrong with what they have just asked for.

    Where that is about one of its lines (`form`) it is said there, next to what was typed.
    """
    found = priced_cart(request)
    line_id = form.cleaned_data.get("line") if form is not None else None
    line_ids = {line.item.line_id for line in found.lines} if found else set()
    context = {
        "cart": found,
        "units": found.units if found else 0,
        "rows": rows_of(found) if found else [],
        "sentence": sentence,
        "wrong_line": line_id if line_id in line_ids else None,
        "form": form,
    }
    return visitors.render_for(request, "storefront/cart.html", context, status=status)


def rows_of(cart: PricedCart) -> list[tuple[PricedLine, Picture | None]]:
    """Return the lines of a cart, each with its picture."""
    items = [line.item for line in cart.lines]
    pictures = showcase.pictures_by_variant({item.variant_id: item.product_id for item in items})
    return [(line, pictures.get(line.item.variant_id)) for line in cart.lines]


def _change_line(request: HttpRequest, form: LineForm) -> None:
    cart_id = visitors.cart_id(request)
    if cart_id is None:
        raise UnknownCart
    line_id, quantity = form.cleaned_data["line"], form.cleaned_data["quantity"]
    if form.removes:
        carts.remove(cart_id=cart_id, line_id=line_id)
    else:
        carts.change(cart_id=cart_id, line_id=line_id, quantity=quantity)


def _add(request: HttpRequest, product_id: int) -> HttpResponse:
    form = _add_form(request, product_id)
    if not form.is_valid():
        return _add_page(request, showcase.product(product_id), form)
    variant_id, quantity = form.cleaned_data["variant"], form.cleaned_data["quantity"]
    if variant_id is None:
        raise NotForSale(name=showcase.product(product_id).name)
    cart_id = visitors.open_cart(request)
    try:
        carts.add(cart_id=cart_id, variant_id=variant_id, quantity=quantity)
    except Refusal as refusal:
        response = _add_page(request, showcase.product(product_id), form, refusal=refusal)
    else:
        response = redirect("cart")
    visitors.remember_cart(request, response, cart_id)
    return response


def _add_form(request: HttpRequest, product_id: int) -> AddForm:
    """Return the form as it was sent.

    Where it names a variant of the product that is sold, one query is enough to see that.
    """
    named = number_in(request.POST.get("variant", ""))
    offer = catalog.offers([named]).get(named) if named else None
    if offer is not None and offer.is_sold and offer.product_id == product_id:
        return AddForm([offer.variant_id], lead=offer.variant_id, data=request.POST)
    return AddForm.of(showcase.product(product_id), request.POST)


def _add_page(
    request: HttpRequest, product: ProductPage, form: AddForm, *, refusal: Refusal | None = None
) -> HttpResponse:
    """Ask whether this is what shall go in the cart, and say why it cannot where it cannot."""
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    if refusal is not None:
        form.add_error(None, sentence_of(refusal))
        status = status_of(refusal)
    context = {"product": product, "form": form}
    return visitors.render_for(request, "storefront/add_to_cart.html", context, status=status)

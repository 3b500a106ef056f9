"""Who is at the door: by their session, or by cookies that we have signed."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shop.cart import actions as carts
from shop.cart import queries as cart_queries
from shop.lib.refusals import Busy, Refusal
from shop.storefront import strip

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]
UsersView = Callable[Concatenate[HttpRequest, int, Arguments], HttpResponse]

_CART = "cart"
_ORDERS = "orders"
_SALT = "storefront.visitors"
_KEPT_FOR = timedelta(days=60)
_MOST_ORDERS = 20


def user_id(request: HttpRequest) -> int | None:
    """Return the id of the user who is signed in, None for a guest."""
    return request.user.pk if request.user.is_authenticated else None


def for_users(view: "UsersView[Arguments]") -> "View[Arguments]":
    """Tell a view whose page it is; guests sign in first and come back then."""

    @wraps(view)
    def answering(
        request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        user = user_id(request)
        if user is None:
            return redirect_to_login(request.get_full_path())
        return view(request, user, *args, **kwargs)

    return answering


def sees_all_orders(request: HttpRequest) -> bool:
    """Tell whether a member of staff is signed in who may see everybody's orders."""
    return _has_right(request, "orders.view_order")


def address_of(request: HttpRequest) -> str:
    """Return the network address that a request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))


def who(request: HttpRequest) -> str:
    """Return a name for whoever asks: of the user, or of the address a guest asks from."""
    user = user_id(request)
    return f"address:{address_of(request)}" if user is None else f"user:{user}"


def details(request: HttpRequest) -> dict[str, str]:
    """Return what we know already of a user who orders; nothing of a guest."""
    if not request.user.is_authenticated:
        return {}
    user = request.user
    return {
        "email": user.email,
        "name": user.get_full_name(),
        "line1": user.address,
        "city": user.city,
    }


def render_for(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a page for one person: its head says who is signed in, and what the cart holds."""
    person = request.user if request.user.is_authenticated else None
    # A page that shows the cart has counted already.
    units = context["units"] if "units" in context else _units(request)
    whole = {**context, "person": person, "units": units}
    response = render(request, template, whole, status=status)
    _show(request, response, units=units)
    return response


def show_strip(request: HttpRequest, response: HttpResponse) -> None:
    """Let pages for everybody show who is there now, who has just come or gone."""
    _show(request, response, units=_units(request))


def _show(request: HttpRequest, response: HttpResponse, *, units: int) -> None:
    user = request.user
    name = (user.first_name or user.get_username()) if user.is_authenticated else ""
    # Not for longer than what it tells of.
    seconds = settings.SESSION_COOKIE_AGE if name else int(_KEPT_FOR.total_seconds())
    strip.show(request, response, name=name, items=units, seconds=seconds)


def cart_id(request: HttpRequest) -> UUID | None:
    """Return the id of the visitor's open cart, None where there is none (any more)."""
    user = user_id(request)
    if user is not None:
        return cart_queries.open_cart_of(user)
    kept = _kept_cart(request)
    return kept if kept is not None and cart_queries.is_anybodys(kept) else None


def open_cart(request: HttpRequest) -> UUID:
    """Return the id of the visitor's cart, having opened one where there was none."""
    user = user_id(request)
    existing = cart_id(request) if user is None else None
    return existing or carts.open_cart(user_id=user)


def remember_cart(request: HttpRequest, response: HttpResponse, cart_id: UUID) -> None:
    """Let a guest find the cart again; a user's is found by the user."""
    if user_id(request) is None:
        _remember(response, _CART, str(cart_id))


def bring_cart(request: HttpRequest, response: HttpResponse) -> None:
    """Put what is in a guest's cart into that of the user who has just signed in.

    A cart that was ordered, or has gone, meanwhile is forgotten. Where the shop is too busy it
    stays where it is, for the next time they sign in.
    """
    kept, user = _kept_cart(request), user_id(request)
    if kept is None or user is None:
        return
    try:
        carts.merge(cart_id=kept, user_id=user)
    except Busy:
        return
    except Refusal:
        pass
    response.delete_cookie(_CART, samesite="Lax")


def remember_guests_order(request: HttpRequest, response: HttpResponse, order_id: int) -> None:
    """Let the guest who placed the order see it; a user's is found by the user."""
    known = [order_id, *(id_ for id_ in guest_order_ids(request) if id_ != order_id)]
    _remember(response, _ORDERS, _joined(known[:_MOST_ORDERS]))


def guest_order_ids(request: HttpRequest) -> list[int]:
    """Return the ids of the orders placed here without an account, the newest first."""
    kept = request.get_signed_cookie(_ORDERS, default=None, salt=_SALT, max_age=_KEPT_FOR)
    return [int(id_) for id_ in kept.split(".")] if kept else []


def may_see(request: HttpRequest, *, order_id: int, owner_id: int | None) -> bool:
    """Tell whether the visitor may see an order: whose it is, or staff with the right."""
    is_theirs = _is_theirs(request, order_id=order_id, owner_id=owner_id)
    return is_theirs or sees_all_orders(request)


def may_cancel(request: HttpRequest, *, order_id: int, owner_id: int | None) -> bool:
    """Tell whether the visitor may call an order off: whose it is, or staff with the right."""
    is_theirs = _is_theirs(request, order_id=order_id, owner_id=owner_id)
    return is_theirs or _has_right(request, "orders.change_order")


def _is_theirs(request: HttpRequest, *, order_id: int, owner_id: int | None) -> bool:
    """Tell an order's owner, or the guest who placed it, from others."""
    if owner_id is not None:
        return owner_id == user_id(request)
    return order_id in guest_order_ids(request)


def _has_right(request: HttpRequest, right: str) -> bool:
    user = request.user
    return user.is_authenticated and user.is_staff and user.has_perm(right)


def _units(request: HttpRequest) -> int:
    user = user_id(request)
    kept = _kept_cart(request) if user is None else None
    return cart_queries.units(user_id=user, cart_id=kept)


def _kept_cart(request: HttpRequest) -> UUID | None:
    kept = request.get_signed_cookie(_CART, default=None, salt=_SALT, max_age=_KEPT_FOR)
    return UUID(kept) if kept else None


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_signed_cookie(
        name,
        value,
        salt=_SALT,
        max_age=_KEPT_FOR,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _joined(ids: Iterable[int]) -> str:
    return ".".join(str(id_) for id_ in ids)

"""Who is at the door: by their session, or by cookies that we have signed."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shop.cart import actions as carts
from shop.cart import queries as cart_queries

_CART = "cart"
_ORDERS = "orders"
_SALT = "storefront.visitors"
_KEPT_FOR = timedelta(days=60)
_MOST_ORDERS = 20


def user_id(request: HttpRequest) -> int | None:
    """Return the id of the user who is signed in, None for a guest."""
    return request.user.pk if request.user.is_authenticated else None


def is_staff(request: HttpRequest) -> bool:
    """Tell whether a member of staff is signed in."""
    return request.user.is_authenticated and request.user.is_staff


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
    """Render a page for one person: its head says who is signed in."""
    person = request.user if request.user.is_authenticated else None
    return render(request, template, {**context, "person": person}, status=status)


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


def remember_order(request: HttpRequest, response: HttpResponse, order_id: int) -> None:
    """Let a guest see the order; a user's is found by the user."""
    if user_id(request) is None:
        known = [order_id, *(id_ for id_ in guest_order_ids(request) if id_ != order_id)]
        _remember(response, _ORDERS, _joined(known[:_MOST_ORDERS]))


def guest_order_ids(request: HttpRequest) -> list[int]:
    """Return the ids of the orders placed here without an account, the newest first."""
    kept = request.get_signed_cookie(_ORDERS, default=None, salt=_SALT, max_age=_KEPT_FOR)
    return [int(id_) for id_ in kept.split(".")] if kept else []


def may_see(request: HttpRequest, *, order_id: int, owner_id: int | None) -> bool:
    """Tell whether the visitor may see an order: staff, its owner, or the guest who placed it."""
    if is_staff(request):
        return True
    if owner_id is not None:
        return owner_id == user_id(request)
    return order_id in guest_order_ids(request)


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

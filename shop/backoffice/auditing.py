"""The audit log: what is followed, and whose doing it was.

Rows that are saved one by one are followed by django-auditlog. What a verb writes in one statement
for many rows it cannot see; whoever calls such a verb notes it with `shop.lib.trail.noting`.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse

from shop.accounts.models import User
from shop.catalog.models import Category, Option, OptionValue, Product, ProductImage, Variant
from shop.events.models import Webhook
from shop.inventory.models import StockLocation
from shop.reviews.models import Review

# What the log follows, and the columns it leaves out: those the shop computes, and secrets.
FOLLOWED: dict[Any, dict[str, Any]] = {
    Category: {"include_fields": ["name", "description", "image"]},
    Product: {
        "include_fields": ["code", "category", "name", "description", "is_published"],
    },
    Variant: {
        "include_fields": [
            "product",
            "sku",
            "title",
            "price",
            "regular_price",
            "is_published",
            "position",
        ],
    },
    ProductImage: {"include_fields": ["product", "variant", "file", "alt", "position"]},
    Option: {"include_fields": ["code", "name", "position"]},
    OptionValue: {"include_fields": ["option", "code", "name", "position"]},
    StockLocation: {"include_fields": ["code", "name", "position", "is_active"]},
    Review: {"include_fields": ["product", "user", "rating", "text", "is_hidden"]},
    # Not its secrets.
    Webhook: {"include_fields": ["url", "description", "event_names", "state"]},
    User: {
        "include_fields": [
            "username",
            "email",
            "first_name",
            "last_name",
            "city",
            "address",
            "is_active",
            "is_staff",
            "is_superuser",
        ],
        # That somebody has moved is worth knowing; where to is nobody's business.
        "mask_fields": ["city", "address"],
        "mask_callable": "shop.backoffice.auditing.hide",
        "m2m_fields": {"groups", "user_permissions"},
    },
}

# The faces where people with rights act. Anywhere else nobody asks who it is: looking at
# `request.user` would make a page for everybody a page for one.
PREFIXES = ("/admin/", "/api/")

_request: ContextVar[HttpRequest | None] = ContextVar("backoffice_request", default=None)


def register() -> None:
    """Follow what is in FOLLOWED, from now on."""
    for model, options in FOLLOWED.items():
        if not auditlog.contains(model):
            auditlog.register(model, **options)


def hide(value: str) -> str:
    """Return what the log says instead of a value that is private."""
    return "" if value in {"", "None"} else "(private)"


class ActorMiddleware:
    """Remembers the request, so that the log can ask who acts if, and when, something is written.

    For the API that is not known before its view has read the token, which is why nobody is asked
    here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIXES):
            return self._get_response(request)
        token = _request.set(request)
        try:
            return self._get_response(request)
        finally:
            _request.reset(token)


def name_the_actor(instance: LogEntry, **_: Any) -> None:
    """Write into a new entry of the log who did it, and from where."""
    request = _request.get()
    if request is None or instance.actor_id is not None:
        return
    user = getattr(request, "user", None)
    if isinstance(user, get_user_model()) and user.is_authenticated:
        instance.actor = user
        instance.actor_email = user.email
    instance.remote_addr = request.META.get("REMOTE_ADDR") or None

"""Placing an order: a cart becomes one, exactly once, however often it is sent."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from shop.api.bounds import UuidField
from shop.api.order_bodies import BUYERS_METHODS, placed_answer
from shop.api.problems import IdempotencyKeyMissing, InvalidToken
from shop.api.resources import read
from shop.api.texts import PRINTABLE, LineField, optional_line
from shop.api.tokens import Claims
from shop.checkout import actions as checkout
from shop.checkout import queries as checkout_queries
from shop.checkout.errors import AccountCannotOrder, ContactIncomplete
from shop.checkout.rules import Buyer, Draft, Key, Placed, Replayed
from shop.lib.countries import country_names
from shop.orders.rules import PaymentMethod, PostalAddress

LONGEST_KEY = 200
# What fits under a key in the database; longer ones are known by their digest.
_LONGEST_KEPT = 64
_KEY = re.compile(rf"[\x20-\x7e]{{1,{LONGEST_KEY}}}")

_KEY_SCHEMA = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"}
OPTIONAL_KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    _KEY_SCHEMA,
    OpenApiParameter.HEADER,
    description="Your own name for this request, for who may have to send it again.",
)
KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    _KEY_SCHEMA,
    OpenApiParameter.HEADER,
    required=True,
    description="Your own name for this purchase, a random UUID for example: 1 to 200 printable"
    " ASCII characters. The same key with the same body is the same order, and the same answer,"
    " byte for byte, for 24 hours; with another body it is refused.",
)
DESCRIPTION = (
    "A cart becomes an order once. Send the same request again, with the same `Idempotency-Key`,"
    " whenever you cannot be sure that it arrived. Nothing but the cart is needed of a user whose"
    " account says the rest; a guest names e-mail and address. With `expected_total` the order is"
    " refused where it would cost something else. `Location` is the order's address;"
    " `Idempotency-Replayed: true` says that this answer has been given before."
)
REFUSES = [
    "idempotency_key_missing",
    "unknown_cart",
    "cart_is_empty",
    "cart_is_ordered",
    "cart_changed",
    "already_ordered",
    "not_for_sale",
    "over_order_limit",
    "over_customer_limit",
    "not_enough_stock",
    "total_changed",
    "key_reused",
    "order_too_large",
    "checkout_failed",
]


class AddressForm(serializers.Serializer[Any]):
    """Where an order goes."""

    name = LineField(
        max_length=200, required=False, help_text="By default the user's; guests name theirs."
    )
    line1 = LineField(max_length=200)
    line2 = optional_line(200)
    city = LineField(max_length=100)
    postcode = optional_line(20)
    country = LineField(
        validators=[RegexValidator(r"^[A-Za-z]{2}$", "A country is a code of two letters.")],
        help_text="ISO 3166-1 alpha-2: `GB`.",
    )

    def validate_country(self, country: str) -> str:
        if country.upper() not in country_names():
            raise serializers.ValidationError("There is no such country.")
        return country.upper()


class OrderForm(serializers.Serializer[Any]):
    """Which cart is ordered, by whom, and how it is paid for."""

    cart = UuidField()
    email = serializers.EmailField(
        max_length=254,
        required=False,
        validators=[PRINTABLE],
        help_text="By default the user's; guests name theirs.",
    )
    address = AddressForm(
        required=False, help_text="By default the user's last one; guests name theirs."
    )
    payment = serializers.ChoiceField(
        BUYERS_METHODS, required=False, default=PaymentMethod.ON_DELIVERY.value
    )
    expected_total = serializers.DecimalField(
        14, 2, required=False, allow_null=True, min_value=0, help_text="What the buyer was shown."
    )

    def validate_payment(self, payment: str) -> str:
        if payment not in checkout_queries.payment_methods():
            raise serializers.ValidationError("This shop does not take this payment.")
        return payment


def place(request: Request) -> HttpResponse:
    """Order the cart that a request names, or answer as when it was ordered before.

    It asks no database itself: what it takes from the buyer's account is looked up where the order
    is placed. Raises ValidationError, IdempotencyKeyMissing, InvalidToken, or the Refusal for which
    there is no order.
    """
    key = _key(request)
    form = read(OrderForm, request.data)
    claims: Any = request.auth
    outcome = _placed(_draft(claims, form, key))
    is_replay = isinstance(outcome, Replayed)
    return HttpResponse(
        outcome.answer,
        status=201,
        content_type="application/json",
        headers={
            "Location": request.build_absolute_uri(
                reverse("api_order", kwargs={"order_id": outcome.order_id})
            ),
            **({"Idempotency-Replayed": "true"} if is_replay else {}),
        },
    )


def _placed(draft: Draft) -> Placed | Replayed:
    try:
        return checkout.place_order(draft=draft)
    except AccountCannotOrder as refusal:
        # The account is locked, or has another password now: the token does not count any more.
        raise InvalidToken from refusal
    except ContactIncomplete as refusal:
        missing = {name: ["Your account has none: name one."] for name in refusal.missing}
        raise serializers.ValidationError(missing) from refusal


def has_key(request: Request) -> bool:
    """Tell whether a request has a name of its own. Raises IdempotencyKeyMissing for a bad one."""
    return "Idempotency-Key" in request.headers and bool(_key(request))


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyMissing
    return key if len(key) <= _LONGEST_KEPT else hashlib.sha256(key.encode()).hexdigest()


def _draft(claims: Claims | None, form: Mapping[str, Any], key: str) -> Draft:
    scope = f"cart:{form['cart']}" if claims is None else f"user:{claims.user_id}"
    return Draft(
        buyer=_guest(form) if claims is None else _account(claims, form),
        payment_method=PaymentMethod(form["payment"]),
        cart_id=form["cart"],
        expected_total=form.get("expected_total"),
        key=Key(scope=scope, key=key, body_hash=_hash(form)),
        answer=placed_answer,
    )


def _hash(form: Mapping[str, Any]) -> str:
    """Stand for everything the request said; not for what the account adds, which may change."""
    text = json.dumps(form, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _guest(form: Mapping[str, Any]) -> Buyer:
    address = form.get("address")
    missing: dict[str, Any] = {}
    if "email" not in form:
        missing["email"] = ["This field is required of guests."]
    if address is None:
        missing["address"] = ["This field is required of guests."]
    elif "name" not in address:
        missing["address"] = {"name": ["This field is required of guests."]}
    if address is None or missing:
        raise serializers.ValidationError(missing)
    return Buyer(email=form["email"], address=PostalAddress(**address))


def _account(claims: Claims, form: Mapping[str, Any]) -> Buyer:
    """Return the buyer as far as the request says; the account says the rest."""
    address = form.get("address")
    return Buyer(
        email=form.get("email"),
        address=PostalAddress(**address) if address else None,
        user_id=claims.user_id,
        token_version=claims.version,
    )

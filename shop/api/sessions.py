"""Signing in, staying signed in, and signing out."""

from typing import Any
from uuid import UUID

from django.contrib.auth import authenticate
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shop.api import tokens
from shop.api.bounds import UuidField
from shop.api.permissions import Who
from shop.api.problems import WrongCredentials
from shop.api.rendering import rendered
from shop.api.resources import Resource, read
from shop.api.schema import operation
from shop.api.throttles import RefreshThrottle, SignInThrottle
from shop.cart import actions as carts
from shop.cart.errors import CartIsOrdered, UnknownCart

_LONGEST_TOKEN = 4_000


class SignInForm(serializers.Serializer[Any]):
    """Who signs in, and with which password."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(
        max_length=1_000, trim_whitespace=False, style={"input_type": "password"}
    )
    cart = UuidField(
        required=False,
        allow_null=True,
        help_text="The id of a cart that was filled before signing in; it joins the user's own.",
    )


class RefreshForm(serializers.Serializer[Any]):
    """A refresh token."""

    refresh = serializers.CharField(max_length=_LONGEST_TOKEN)


class TokenPairBody(serializers.Serializer[Any]):
    """Two tokens: one for the next 10 minutes, and one for the next pair."""

    access = serializers.CharField(help_text="Goes into `Authorization: Bearer …`.")
    refresh = serializers.CharField(help_text="Buys the next pair, once, within 30 days.")


class SignedInBody(TokenPairBody):
    """Two tokens, and the cart that the one named in the request has joined."""

    cart = serializers.UUIDField(
        allow_null=True, help_text="The user's open cart, where a cart was named that could join."
    )


class Login(Resource):
    """Signing in."""

    access = {"POST": Who.PUBLIC}
    throttle_classes = [SignInThrottle]

    @operation(
        "login",
        "Sign in",
        tag="Sign-in",
        request=SignInForm,
        answer=SignedInBody,
        refuses=["wrong_credentials"],
        description="Gives an access token, valid for 10 minutes, and a refresh token. A cart that"
        " is gone, or is somebody's, does not keep anybody from signing in.",
    )
    def post(self, request: Request) -> Response:
        form = read(SignInForm, request.data)
        user = authenticate(request._request, username=form["username"], password=form["password"])
        if user is None:
            raise WrongCredentials
        cart = _merged(form.get("cart"), user.pk)
        pair = tokens.open_session(user_id=user.pk, version=user.token_version)
        return Response({"access": pair.access, "refresh": pair.refresh, "cart": cart})


class TokenRefresh(Resource):
    """Staying signed in."""

    access = {"POST": Who.PUBLIC}
    throttle_classes = [RefreshThrottle]

    @operation(
        "token_refresh",
        "Get the next pair of tokens",
        tag="Sign-in",
        request=RefreshForm,
        answer=TokenPairBody,
        refuses=["invalid_token", "session_ended"],
        description="A refresh token works once. If it is used again, somebody has copied it: then"
        " all tokens of this sign-in end, and both have to sign in again.",
    )
    def post(self, request: Request) -> Response:
        pair = tokens.renew_session(read(RefreshForm, request.data)["refresh"])
        return Response(rendered(TokenPairBody, pair))


class Logout(Resource):
    """Signing out."""

    access = {"POST": Who.PUBLIC}

    @operation(
        "logout",
        "Sign out",
        tag="Sign-in",
        request=RefreshForm,
        status=204,
        refuses=["invalid_token"],
        description="Ends the sign-in that the refresh token belongs to. Its last access token"
        " runs out by itself within 10 minutes.",
    )
    def post(self, request: Request) -> Response:
        tokens.close_session(read(RefreshForm, request.data)["refresh"])
        return Response(status=204)


def _merged(cart_id: UUID | None, user_id: int) -> UUID | None:
    if cart_id is None:
        return None
    try:
        return carts.merge(cart_id=cart_id, user_id=user_id)
    except (UnknownCart, CartIsOrdered):
        return None

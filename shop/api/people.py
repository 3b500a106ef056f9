"""Accounts: opening one, and what it says of its owner."""

import unicodedata
from typing import Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shop.accounts import actions, queries
from shop.accounts.errors import UnknownUser
from shop.accounts.rules import LONGEST_USERNAME, NewPerson
from shop.api import lists
from shop.api.lists import PageQuery
from shop.api.permissions import Who, has_right
from shop.api.rendering import rendered
from shop.api.resources import Resource, read, signed_in
from shop.api.schema import operation
from shop.api.texts import PRINTABLE, LineField, optional_line
from shop.api.throttles import SignInThrottle
from shop.lib.keyset import Page

TAG = "People"
SEES_USERS = "accounts.view_user"


class UserBody(serializers.Serializer[Any]):
    """A user, as the user and staff see them."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    city = serializers.CharField()
    address = serializers.CharField()


class DetailsForm(serializers.Serializer[Any]):
    """What people say of themselves."""

    email = serializers.EmailField(max_length=254, validators=[PRINTABLE])
    first_name = optional_line(150)
    last_name = optional_line(150)
    city = optional_line(100)
    address = optional_line(255, "Street and number.")


class UsernameField(LineField):
    """A username, its letters in the form in which it is kept: that form has to fit."""

    def to_internal_value(self, data: Any) -> str:
        return unicodedata.normalize("NFKC", super().to_internal_value(data))


class RegisterForm(DetailsForm):
    """A new account."""

    username = UsernameField(
        max_length=LONGEST_USERNAME,
        validators=[UnicodeUsernameValidator()],
        help_text="Letters, digits and @ . + - _ only.",
    )
    password = serializers.CharField(
        max_length=1_000, trim_whitespace=False, style={"input_type": "password"}
    )


class Register(Resource):
    """Opening an account."""

    access = {"POST": Who.PUBLIC}
    throttle_classes = [SignInThrottle]

    @operation(
        "register",
        "Open an account",
        tag="Sign-in",
        request=RegisterForm,
        answer=UserBody,
        status=201,
        refuses=["username_taken", "email_taken", "weak_password"],
        description="The account can sign in at once.",
    )
    def post(self, request: Request) -> Response:
        details = dict(read(RegisterForm, request.data))
        password = details.pop("password")
        user_id = actions.register(person=NewPerson(**details), password=password)
        return Response(rendered(UserBody, queries.find(user_id)), status=201)


class Users(Resource):
    """The users that somebody may see."""

    access = {"GET": Who.SIGNED_IN}

    @operation(
        "users_list",
        "List the users you may see",
        tag=TAG,
        query=PageQuery,
        answer=lists.page_of(UserBody),
        refuses=["invalid_cursor"],
        description="That is yourself; staff with the right to see users see all of them.",
    )
    def get(self, request: Request) -> Response:
        wanted = lists.query(request)
        if has_right(request, SEES_USERS):
            found = queries.page_of_all(**wanted)
            return lists.answer(request, found, found.items, UserBody)
        alone = Page(items=[signed_in(request)], next=None, previous=None)
        return lists.answer(request, alone, alone.items, UserBody)


class User(Resource):
    """One user."""

    access = {"GET": Who.SIGNED_IN}

    @operation(
        "users_read",
        "Read a user you may see",
        tag=TAG,
        answer=UserBody,
        refuses=["unknown_user"],
    )
    def get(self, request: Request, user_id: int) -> Response:
        if user_id == request.user.pk:
            return Response(rendered(UserBody, request.user))
        if not has_right(request, SEES_USERS):
            raise UnknownUser(user_id=user_id)
        return Response(rendered(UserBody, queries.find(user_id)))


class Me(Resource):
    """Whoever asks."""

    access = {"GET": Who.SIGNED_IN, "PATCH": Who.SIGNED_IN}

    @operation("users_me", "Read your own account", tag=TAG, answer=UserBody)
    def get(self, request: Request) -> Response:
        return Response(rendered(UserBody, request.user))

    @operation(
        "users_me_change",
        "Change your own details",
        tag=TAG,
        request=DetailsForm,
        answer=UserBody,
        refuses=["email_taken", "unknown_user"],
        description="Only what is named changes. A username stays what it is.",
    )
    def patch(self, request: Request) -> Response:
        details = read(DetailsForm, request.data, partial=True)
        user_id = signed_in(request).id
        actions.change_details(user_id=user_id, details=details)
        return Response(rendered(UserBody, queries.find(user_id)))

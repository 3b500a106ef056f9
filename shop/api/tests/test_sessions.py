"""Signing in, staying signed in and signing out; tokens that are none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.utils.crypto import salted_hmac

from shop.accounts import actions as accounts
from shop.accounts.models import TokenFamily, User
from shop.api import tokens
from shop.api.tests.calling import Api, mistakes, problem
from shop.cart.models import Cart
from tests.builders import fill_cart, put_on_sale

PASSWORD = "correct horse battery"


@pytest.fixture
def maya(db: None) -> User:
    """Somebody with a password."""
    return User.objects.create_user("maya", "maya@example.com", PASSWORD)


def sign_in(api: Api, **more: Any) -> Any:
    return api.post("login/", {"username": "maya", "password": PASSWORD, **more})


def renew(api: Api, refresh: str) -> Any:
    return api.post("token/refresh/", {"refresh": refresh})


def test_a_password_buys_two_tokens(api: Api, maya: User) -> None:
    response = sign_in(api)
    assert response.status_code == 200
    assert response.json().keys() == {"access", "refresh", "cart"}
    assert response.json()["cart"] is None
    me = Api(token=response.json()["access"]).get("users/me/")
    assert me.json()["username"] == "maya"


def test_tokens_say_whose_they_are_and_how_long(api: Api, maya: User) -> None:
    pair = sign_in(api).json()
    access, refresh = (
        jwt.decode(pair[name], options={"verify_signature": False})
        for name in ("access", "refresh")
    )
    assert access.keys() == {"token_type", "exp", "iat", "jti", "user_id", "version", "family"}
    assert access["user_id"] == maya.id
    assert access["version"] == maya.token_version
    assert access["family"] == refresh["family"] == str(TokenFamily.objects.get().id)
    assert access["exp"] - access["iat"] == 600
    assert refresh["exp"] - refresh["iat"] == 30 * 24 * 3600


@pytest.mark.parametrize(
    ("username", "password"),
    [("maya", "wrong"), ("nobody", PASSWORD), ("maya", PASSWORD + " "), ("máya", PASSWORD)],
)
def test_nobody_signs_in_with_something_else(
    api: Api, maya: User, username: str, password: str
) -> None:
    response = api.post("login/", {"username": username, "password": password})
    assert problem(response) == (401, "wrong_credentials")
    assert not TokenFamily.objects.exists()


@pytest.mark.parametrize("username", ["MAYA", " Maya ", "\N{FULLWIDTH LATIN SMALL LETTER M}aya"])
def test_a_username_is_known_in_any_spelling(api: Api, maya: User, username: str) -> None:
    response = api.post("login/", {"username": username, "password": PASSWORD})
    assert response.status_code == 200
    assert Api(token=response.json()["access"]).get("users/me/").json()["username"] == "maya"


def test_a_locked_account_does_not_sign_in(api: Api, maya: User) -> None:
    accounts.set_active(user_ids=[maya.id], is_active=False)
    assert problem(sign_in(api)) == (401, "wrong_credentials")


def test_a_guests_cart_joins_the_users(api: Api, maya: User) -> None:
    mug, cup = put_on_sale("mug"), put_on_sale("cup")
    own = fill_cart({mug: 1}, user=maya)
    guests = fill_cart({mug: 2, cup: 3})
    response = sign_in(api, cart=str(guests))
    assert response.json()["cart"] == str(own)
    lines = Cart.objects.get(id=own).lines
    assert dict(lines.values_list("variant_id", "quantity")) == {mug: 3, cup: 3}
    assert not Cart.objects.filter(id=guests).exists()


def test_a_cart_that_cannot_join_keeps_nobody_out(api: Api, maya: User, bob: User) -> None:
    bobs = fill_cart({put_on_sale(): 1}, user=bob)
    response = sign_in(api, cart=str(bobs))
    assert response.status_code == 200
    assert response.json()["cart"] is None
    assert Cart.objects.get(id=bobs).user_id == bob.id


def test_a_refresh_token_buys_the_next_pair_once(api: Api, maya: User) -> None:
    first = sign_in(api).json()
    second = renew(api, first["refresh"])
    assert second.status_code == 200
    assert second.json().keys() == {"access", "refresh"}
    third = renew(api, second.json()["refresh"])
    assert Api(token=third.json()["access"]).get("users/me/").status_code == 200


def test_a_refresh_token_used_twice_ends_the_sign_in(api: Api, maya: User) -> None:
    first = sign_in(api).json()
    others = sign_in(api).json()
    second = renew(api, first["refresh"]).json()
    response = renew(api, first["refresh"])
    assert problem(response) == (401, "session_ended")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert problem(renew(api, second["refresh"])) == (401, "session_ended")
    # Another device of the same person signed in by itself.
    assert renew(api, others["refresh"]).status_code == 200


def test_signing_out_ends_the_sign_in(api: Api, maya: User) -> None:
    pair = sign_in(api).json()
    response = api.post("logout/", {"refresh": pair["refresh"]})
    assert (response.status_code, response.content) == (204, b"")
    assert problem(renew(api, pair["refresh"])) == (401, "session_ended")
    assert api.post("logout/", {"refresh": pair["refresh"]}).status_code == 204


def test_another_password_ends_all_tokens(api: Api, maya: User) -> None:
    pair = sign_in(api).json()
    accounts.change_password(user_id=maya.id, password="another horse battery")
    assert problem(Api(token=pair["access"]).get("users/me/")) == (401, "invalid_token")
    assert problem(renew(api, pair["refresh"])) == (401, "session_ended")


def test_a_locked_account_ends_all_tokens(api: Api, maya: User) -> None:
    pair = sign_in(api).json()
    accounts.set_active(user_ids=[maya.id], is_active=False)
    assert problem(Api(token=pair["access"]).get("users/me/")) == (401, "invalid_token")
    assert problem(renew(api, pair["refresh"])) == (401, "session_ended")


def test_tokens_run_out(api: Api, maya: User) -> None:
    with time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC), tick=False) as clock:
        pair = sign_in(api).json()
        clock.shift(timedelta(minutes=10) - timedelta(seconds=1))
        assert Api(token=pair["access"]).get("users/me/").status_code == 200
        clock.shift(timedelta(seconds=1))
        assert problem(Api(token=pair["access"]).get("users/me/")) == (401, "invalid_token")
        clock.shift(timedelta(days=30))
        assert problem(renew(api, pair["refresh"])) == (401, "invalid_token")


def _key() -> str:
    return salted_hmac(
        "shop.api.tokens", "tokens", secret=settings.SECRET_KEY, algorithm="sha256"
    ).hexdigest()


def forged(user: User, *, key: str | None = None, algorithm: str = "HS256", **claims: Any) -> str:
    """Return a token made by hand: with our key and nothing else said, a good one."""
    now = datetime.now(UTC)
    payload = {
        "token_type": "access",
        "exp": now + timedelta(minutes=5),
        "iat": now,
        "jti": "a" * 32,
        "user_id": user.id,
        "version": user.token_version,
        "family": "00000000-0000-4000-8000-000000000000",
        **claims,
    }
    kept = {name: value for name, value in payload.items() if value is not Ellipsis}
    return jwt.encode(kept, _key() if key is None else key, algorithm=algorithm)


def test_a_token_with_our_signature_counts(maya: User) -> None:
    """The control of the test below: what is wrong there is what it says, and nothing else."""
    assert Api(token=forged(maya)).get("users/me/").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "0" * 64},
        {"key": "", "algorithm": "none"},
        {"algorithm": "HS512"},
        {"token_type": "refresh"},
        {"token_type": ...},
        {"exp": ...},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": 10**30},
        {"exp": None},
        {"iat": 10**30},
        {"nbf": 10**12},
        {"jti": ...},
        {"jti": 7},
        {"jti": "a" * 65},
        {"user_id": ...},
        {"user_id": "1"},
        {"user_id": True},
        {"user_id": 1.0},
        {"user_id": [1]},
        {"user_id": None},
        {"user_id": 0},
        {"user_id": 10**12},
        {"user_id": 2**63},
        {"version": ...},
        {"version": 7},
        {"version": "0"},
        {"version": -1},
        {"family": ...},
        {"family": 7},
        {"family": "x"},
    ],
    ids=repr,
)
def test_forged_and_broken_tokens_open_nothing(maya: User, wrong: dict[str, Any]) -> None:
    response = Api(token=forged(maya, **wrong)).get("users/me/")
    assert problem(response) == (401, "invalid_token")
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_the_shops_own_key_signs_no_tokens(maya: User) -> None:
    """What else is signed with the secret key can never be taken for a token."""
    token = forged(maya, key=settings.SECRET_KEY)
    assert problem(Api(token=token).get("users/me/")) == (401, "invalid_token")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "a b c", "." * 1000, "null"])
def test_what_is_no_token_opens_nothing(maya: User, token: str) -> None:
    assert problem(Api(token=token).get("users/me/")) == (401, "invalid_token")


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(api: Api, maya: User) -> None:
    pair = sign_in(api).json()
    assert problem(Api(token=pair["refresh"]).get("users/me/")) == (401, "invalid_token")
    assert problem(renew(api, pair["access"])) == (401, "invalid_token")
    assert problem(api.post("logout/", {"refresh": pair["access"]})) == (401, "invalid_token")
    assert renew(api, pair["refresh"]).status_code == 200


def test_a_family_belongs_to_its_user(api: Api, maya: User, bob: User) -> None:
    family = sign_in(api).json()["refresh"]
    claims = tokens.renew_session(family).refresh
    real = jwt.decode(claims, options={"verify_signature": False})
    stolen = forged(bob, token_type="refresh", family=real["family"], jti=real["jti"])
    assert problem(renew(api, stolen)) == (401, "session_ended")
    assert renew(api, claims).status_code == 200


def test_other_schemes_sign_nobody_in(maya: User) -> None:
    nobody = Api()
    nobody.headers = {"Authorization": "Basic bWF5YTpwYXNz"}
    assert problem(nobody.get("users/me/")) == (401, "not_authenticated")
    assert nobody.post("carts/", {}).status_code == 201


def test_the_scheme_is_known_in_any_case(maya: User) -> None:
    somebody = Api()
    somebody.headers = {"Authorization": f"bearer {forged(maya)}"}
    assert somebody.get("users/me/").status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("login/", {}, {"username", "password"}),
        ("login/", {"username": ["maya"], "password": {"x": 1}}, {"username", "password"}),
        ("login/", {"username": "ma\0ya", "password": "p\0"}, {"username", "password"}),
        ("login/", {"username": "m", "password": "p", "cart": "1"}, {"cart"}),
        ("token/refresh/", {}, {"refresh"}),
        ("token/refresh/", {"refresh": []}, {"refresh"}),
        ("logout/", {"refresh": None}, {"refresh"}),
        ("logout/", {"refresh": "x" * 4001}, {"refresh"}),
    ],
)
def test_what_cannot_be_read_is_said(api: Api, path: str, body: Any, fields: set[str]) -> None:
    assert mistakes(api.post(path, body)) == fields

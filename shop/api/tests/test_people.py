"""Opening an account, and seeing and changing what it says."""

from typing import Any

import pytest

from shop.accounts.models import User
from shop.api.tests.calling import ROOT, Api, give_rights, id_of, mistakes, problem

pytestmark = pytest.mark.once

MAYA = {
    "username": "maya",
    "email": "maya@example.com",
    "password": "correct horse battery",
    "first_name": "Maya",
    "last_name": "Reed",
    "city": "Leeds",
    "address": "1 High Street",
}


def body_of(user: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "first_name": "",
        "last_name": "",
        "city": "",
        "address": "",
        **more,
    }


def test_an_account_is_opened_and_signs_in_at_once(api: Api) -> None:
    response = api.post("register/", MAYA | {"is_staff": True, "id": 7})
    user = User.objects.get()
    said = {name: value for name, value in MAYA.items() if name != "password"}
    assert response.status_code == 201
    assert response.json() == {"id": user.id, **said}
    assert not user.is_staff
    signed_in = api.post("login/", {"username": "maya", "password": MAYA["password"]})
    assert signed_in.status_code == 200


def test_names_and_address_may_be_left_out(api: Api) -> None:
    needed = {name: MAYA[name] for name in ("username", "email", "password")}
    response = api.post("register/", needed)
    assert response.status_code == 201
    assert response.json() == body_of(User.objects.get())


@pytest.mark.parametrize(
    ("taken", "status", "code", "field"),
    [
        ({"username": "alice"}, 409, "username_taken", "username"),
        ({"email": "ALICE@example.com"}, 409, "email_taken", "email"),
        ({"password": "12345"}, 422, "weak_password", "password"),
        ({"password": "maya"}, 422, "weak_password", "password"),
    ],
)
def test_what_somebody_has_or_guesses_is_refused(
    api: Api, alice: User, taken: dict[str, str], status: int, code: str, field: str
) -> None:
    response = api.post("register/", MAYA | taken)
    assert problem(response) == (status, code)
    assert set(response.json()["errors"]) == {field}
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": ""},
        {"username": "a b"},
        {"username": "<script>"},
        {"username": "x" * 151},
        {"username": None},
        {"username": True},
        {"email": "maya"},
        {"email": ""},
        {"email": "m@" + "x" * 260 + ".com"},
        {"password": ""},
        {"password": "a\0b c d e f g"},
        {"password": ["correct horse battery"]},
        {"password": "x" * 1001},
        {"first_name": "Ma\0ya"},
        {"first_name": "Ma\nya"},
        {"last_name": "x" * 151},
        {"city": {"x": 1}},
        {"city": "x" * 101},
        {"address": "x" * 256},
    ],
    ids=id_of,
)
def test_what_no_account_can_say_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    assert mistakes(api.post("register/", MAYA | wrong)) == set(wrong)
    assert not User.objects.exists()


def test_markup_is_kept_as_the_text_it_is(api: Api) -> None:
    response = api.post("register/", MAYA | {"first_name": "<script>alert(1)</script>"})
    assert response.json()["first_name"] == "<script>alert(1)</script>"


def test_people_see_themselves(alice: User, bob: User) -> None:
    response = Api(alice).get("users/")
    assert response.json() == {"next": None, "previous": None, "results": [body_of(alice)]}
    assert Api(alice).get("users/me/").json() == body_of(alice)
    assert Api(alice).get(f"users/{alice.id}/").json() == body_of(alice)


def test_nobody_sees_others(api: Api, alice: User, bob: User) -> None:
    assert problem(Api(alice).get(f"users/{bob.id}/")) == (404, "unknown_user")
    assert problem(Api(alice).get("users/9999/")) == (404, "unknown_user")
    assert problem(api.get("users/")) == (401, "not_authenticated")
    assert problem(api.get("users/me/")) == (401, "not_authenticated")
    assert problem(api.get(f"users/{bob.id}/")) == (401, "not_authenticated")


def test_staff_see_others_only_with_the_right_to(alice: User, sam: User) -> None:
    assert problem(Api(sam).get(f"users/{alice.id}/")) == (404, "unknown_user")
    assert [user["id"] for user in Api(sam).get("users/").json()["results"]] == [sam.id]
    give_rights(sam, "accounts.view_user")
    assert Api(sam).get(f"users/{alice.id}/").json() == body_of(alice)
    assert [user["id"] for user in Api(sam).get("users/").json()["results"]] == [alice.id, sam.id]


def test_the_right_alone_makes_nobody_staff(alice: User, bob: User) -> None:
    give_rights(alice, "accounts.view_user")
    assert problem(Api(alice).get(f"users/{bob.id}/")) == (404, "unknown_user")


def test_the_list_goes_on_page_by_page(alice: User, bob: User, sam: User) -> None:
    boss = Api(give_rights(sam, "accounts.view_user"))
    first = boss.get("users/", page_size=2).json()
    assert [user["id"] for user in first["results"]] == [alice.id, bob.id]
    assert first["previous"] is None
    assert first["next"].startswith(f"{ROOT}/users/?page_size=2&cursor=") or first[
        "next"
    ].startswith(f"{ROOT}/users/?cursor=")
    second = boss.follow(first["next"]).json()
    assert [user["id"] for user in second["results"]] == [sam.id]
    assert second["next"] is None
    assert boss.follow(second["previous"]).json()["results"] == first["results"]


def test_people_change_what_they_say_of_themselves(alice: User) -> None:
    change = {"city": " York ", "username": "queen", "is_staff": True, "password": "x", "id": 1}
    response = Api(alice).patch("users/me/", change)
    assert response.status_code == 200
    assert response.json() == body_of(alice, city="York")
    alice.refresh_from_db()
    assert (alice.username, alice.is_staff, alice.city) == ("alice", False, "York")


@pytest.mark.parametrize(
    "wrong", [{"email": ""}, {"email": "x"}, {"city": None}, {"address": "a\0"}, {"city": 10**400}]
)
def test_what_no_account_can_say_changes_nothing(alice: User, wrong: dict[str, Any]) -> None:
    assert mistakes(Api(alice).patch("users/me/", {"last_name": "Able", **wrong})) == set(wrong)
    alice.refresh_from_db()
    assert (alice.last_name, alice.email) == ("", "alice@example.com")


def test_an_address_of_somebody_else_is_refused(alice: User, bob: User) -> None:
    response = Api(alice).patch("users/me/", {"email": "Bob@Example.com", "city": "York"})
    assert problem(response) == (409, "email_taken")
    assert "bob" not in response.content.decode().lower()
    alice.refresh_from_db()
    assert (alice.email, alice.city) == ("alice@example.com", "")

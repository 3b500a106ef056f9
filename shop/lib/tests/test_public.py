"""Answers for everybody: what a view may look at, and what its answer tells caches."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.test import RequestFactory

from shop.lib.public.answering import KEEP, KEEP_NOT, parameters_of, public
from shop.lib.public.strangers import PersonalError

pytestmark = pytest.mark.once

Looking = Callable[[HttpRequest], Any]


def asked_by_somebody(path: str = "/", *, method: str = "GET", **headers: str) -> HttpRequest:
    request = RequestFactory().generic(method, path, headers=headers)
    request.COOKIES = {"sessionid": "hers"}
    request.META["HTTP_COOKIE"] = "sessionid=hers"
    request.user = "alice"  # type: ignore[assignment]
    request.session = {"cart": 7}  # type: ignore[assignment]
    return request


def answer(view: Looking, request: HttpRequest, *parameters: str) -> Any:
    """Answer as a view for everybody that looks at something, and says what it has seen."""
    return public(generations=["all"], parameters=parameters)(
        lambda asked: HttpResponse(str(view(asked)))
    )(request)


LOOKS: dict[str, Looking] = {
    "user": lambda request: request.user.is_authenticated,
    "user as such": lambda request: bool(request.user),
    "session": lambda request: request.session.get("cart"),
    "a value of the session": lambda request: request.session["cart"],
    "the session's names": lambda request: "cart" in request.session,
    "COOKIES": lambda request: request.COOKIES["sessionid"],
    "a cookie that may be there": lambda request: request.COOKIES.get("sessionid"),
    "messages": lambda request: list(messages.get_messages(request)),
    "token": get_token,
}


@pytest.mark.parametrize("what", LOOKS)
def test_looking_at_who_asks_is_found_out_by_tests(what: str) -> None:
    with pytest.raises(PersonalError):
        answer(LOOKS[what], asked_by_somebody())


@pytest.mark.parametrize(
    ("what", "seen"),
    [
        ("user", "False"),
        ("session", "None"),
        ("the session's names", "False"),
        ("a cookie that may be there", "None"),
        ("messages", "[]"),
    ],
)
def test_in_an_open_shop_there_is_nobody_to_be_seen(settings: Any, what: str, seen: str) -> None:
    settings.TRIPWIRES = False
    response = answer(LOOKS[what], asked_by_somebody())
    assert (response.content.decode(), response["Cache-Control"]) == (seen, KEEP)


def with_cookie(_: HttpRequest) -> HttpResponse:
    response = HttpResponse()
    response.set_cookie("seen", "1")
    return response


def by_language(_: HttpRequest) -> HttpResponse:
    return HttpResponse(headers={"Vary": "Accept-Encoding, Accept-Language"})


def with_token(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_token(request))


@pytest.mark.parametrize("view", [with_cookie, by_language, with_token])
def test_an_answer_to_one_person_is_found_out_and_kept_by_nobody(
    settings: Any, view: Callable[[HttpRequest], HttpResponse]
) -> None:
    with pytest.raises(PersonalError):
        public(generations=["all"])(view)(asked_by_somebody())
    settings.TRIPWIRES = False
    assert public(generations=["all"])(view)(asked_by_somebody())["Cache-Control"] == KEEP_NOT


def test_what_a_view_does_to_its_request_stays_there() -> None:
    request = asked_by_somebody()

    def view(asked: HttpRequest) -> str:
        asked.META["HTTP_HOST"] = "elsewhere"
        return str(asked.META.get("HTTP_COOKIE", ""))

    assert answer(view, request).content == b""
    assert vars(request)["user"] == "alice"
    assert vars(request)["session"] == {"cart": 7}
    assert "HTTP_HOST" not in request.META


def test_a_view_is_told_of_its_own_parameters_only() -> None:
    request = asked_by_somebody("/?b=2&x=1&%61=1&b=3&y&=4")
    assert request.GET["x"] == "1"

    def view(asked: HttpRequest) -> Any:
        return dict(asked.GET.lists()), asked.get_full_path()

    said = answer(view, request, "a", "b").content.decode()
    assert said == "({'b': ['2', '3'], 'a': ['1']}, '/?b=2&%61=1&b=3')"
    assert parameters_of(public(generations=["all"], parameters=["a"])(with_token)) == ("a",)
    assert parameters_of(with_token) is None


@pytest.mark.parametrize("how", [{"method": "POST"}, {"Authorization": "Bearer x"}])
def test_writing_and_asking_with_a_token_is_between_two(how: dict[str, str]) -> None:
    request = asked_by_somebody("/?x=1", **how)
    response = answer(lambda asked: (asked.user, asked.GET["x"]), request)
    assert (response.content, response["Cache-Control"]) == (b"('alice', '1')", KEEP_NOT)


@pytest.mark.parametrize(
    ("status", "kept"), [(200, KEEP), (301, KEEP), (404, KEEP), (429, KEEP_NOT), (503, KEEP_NOT)]
)
def test_what_is_so_for_a_moment_only_is_not_kept(status: int, kept: str) -> None:
    response = public(generations=["all"])(lambda _: HttpResponse(status=status))(
        asked_by_somebody()
    )
    assert response["Cache-Control"] == kept


def test_bodies_have_tags_of_their_own_and_redirects_none() -> None:
    first, second = (answer(lambda _: text, asked_by_somebody()) for text in ("a", "b"))  # noqa: B023
    assert first["ETag"] != second["ETag"]
    moved = public(generations=["all"])(lambda _: HttpResponseRedirect("/"))(asked_by_somebody())
    assert "ETag" not in moved

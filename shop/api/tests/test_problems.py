"""How the API says no."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

import shop
from shop.accounts.models import User
from shop.api.problem_codes import PROBLEMS
from shop.api.problems import answer
from shop.api.tests.calling import Api, mistakes, problem
from shop.cart.models import Cart
from shop.catalog.errors import InvalidProduct, Problem
from shop.checkout.errors import QuotedLine, QuotedPurchase, TotalChanged
from shop.lib.refusals import Refusal

pytestmark = pytest.mark.once

# Other faces' own refusals never come here.
_OTHER_FACES = {"storefront", "backoffice", "ops", "mail"}
_ELSEWHERE = {"tests", "management", "migrations", *_OTHER_FACES}
# What the API refuses without a Refusal.
OWN = {
    "malformed",
    "invalid",
    "idempotency_key_missing",
    "not_authenticated",
    "invalid_token",
    "wrong_credentials",
    "permission_denied",
    "not_found",
    "method_not_allowed",
    "too_large",
    "unsupported_media_type",
    "length_required",
    "server_error",
}


def refusals() -> list[type[Refusal]]:
    """Return every refusal that a client of the API can meet."""
    for module in pkgutil.walk_packages(shop.__path__, "shop."):
        if not _ELSEWHERE & set(module.name.split(".")):
            importlib.import_module(module.name)
    return list(_below(Refusal))


def _below(refusal: type[Refusal]) -> Iterator[type[Refusal]]:
    for found in refusal.__subclasses__():
        yield from _below(found)
        place = found.__module__.split(".")
        if place[0] == "shop" and not _ELSEWHERE & set(place):
            yield found


def test_every_refusal_has_its_problem_and_no_problem_is_left_over() -> None:
    codes = {refusal.code for refusal in refusals()}
    assert {"busy", "not_enough_stock", "session_ended", "invalid_picture"} <= codes
    assert not codes & OWN
    assert codes | OWN == set(PROBLEMS)


def test_sentences_use_only_what_a_refusal_says() -> None:
    for refusal in refusals():
        wanted = set(re.findall(r"{(\w+)", PROBLEMS[refusal.code].detail))
        assert wanted <= {field.name for field in fields(refusal)}, refusal.code
    for code in OWN:
        assert "{" not in PROBLEMS[code].detail


def test_a_refusal_becomes_a_problem_with_its_data() -> None:
    line = QuotedLine(7, "mug", "Mug", 2, Decimal("1.00"), Decimal("2.00"))
    quote = QuotedPurchase(lines=(line,), total=Decimal("2.00"), currency="GBP")
    response = answer(TotalChanged(Decimal("1.50"), Decimal("2.00"), quote=quote), {})
    assert response.status_code == 409
    assert response.data == {
        "type": "urn:novashop:problem:total_changed",
        "title": "Total changed",
        "status": 409,
        "detail": "The order costs 2.00, not 1.50.",
        "code": "total_changed",
        "data": {
            "expected": "1.50",
            "total": "2.00",
            "quote": {
                "lines": [
                    {
                        "variant_id": 7,
                        "sku": "mug",
                        "name": "Mug",
                        "quantity": 2,
                        "unit_price": "1.00",
                        "amount": "2.00",
                    }
                ],
                "total": "2.00",
                "currency": "GBP",
            },
        },
    }
    response = answer(InvalidProduct(sku="{x}", field="price", problem=Problem.NEGATIVE), {})
    assert response.data["detail"] == "{x}: price is negative."


def test_a_fault_of_ours_is_told_without_its_story(api: Api, monkeypatch: Any, caplog: Any) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setattr("shop.cart.actions.open_cart", fail)
    response = Client(raise_request_exception=False).post("/api/carts/")
    assert problem(response) == (500, "server_error")
    assert "secret" not in response.content.decode()
    assert "the secret reason" in caplog.text


def test_a_lock_that_stays_taken_is_no_fault_of_anybody(api: Api, monkeypatch: Any) -> None:
    def locked(**_: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("shop.cart.actions.open_cart", locked)
    response = api.post("carts/")
    assert problem(response) == (503, "busy")
    assert response["Retry-After"] == "2"


def test_nobody_keeps_what_is_somebodys(api: Api, alice: Any) -> None:
    private = [
        api.post("carts/"),
        Api(alice).get("users/me/"),
        Api(alice).get("orders/"),
        api.post("login/", {"username": "a", "password": "b"}),
        api.get("orders/"),
    ]
    assert {response["Cache-Control"] for response in private} == {"no-store"}
    with_token = Api(alice).get("products/")
    assert with_token["Cache-Control"] == "private, no-store"
    for path in ("products/", "categories/", "reviews/"):
        assert api.get(path)["Cache-Control"].startswith("max-age=1,")


def test_error_reporters_hear_of_a_fault(api: Api, monkeypatch: Any) -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the reason")

    monkeypatch.setattr("shop.cart.actions.open_cart", fail)
    # Django's test client listens as they do.
    with pytest.raises(RuntimeError, match="the reason"):
        api.post("carts/")


@pytest.mark.parametrize(
    "path",
    [
        "nothing/",
        "products/x/",
        "products/-1/",
        "products/1.5/",
        "products/9223372036854775808/",
        "products/99999999999999999999/",
        "products/1/x/",
        "products//",
        "orders/1%00/",
        "carts/not-a-uuid/",
        "../admin/",
        "%F0%9F%98%80/",
        "x" * 500,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_an_unknown_address_is_not_found(api: Api, path: str, method: str) -> None:
    assert problem(api.send(method, path, {})) == (404, "not_found")


def test_the_largest_id_is_looked_for(api: Api) -> None:
    assert problem(api.get(f"products/{2**63 - 1}/")) == (404, "unknown_product")


def test_who_forgot_the_last_slash_is_led_on(api: Api) -> None:
    response = api.get("products", sort="price")
    assert (response.status_code, response["Location"]) == (301, "/api/products/?sort=price")
    assert problem(api.get("nothing")) == (404, "not_found")
    assert problem(api.post("carts", {})) == (404, "not_found")


def test_the_root_leads_to_the_documentation(api: Api) -> None:
    response = api.get("")
    assert (response.status_code, response["Location"]) == (302, "/api/docs/")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"not json",
        b'{"username": }',
        b"{} {}",
        b'{"username": NaN}',
        b'{"username": Infinity}',
        b"\xff\xfe",
        b'{"username": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"quantity": ' + b"9" * 5_000 + b"}",
        b" ",
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_what_is_no_json_is_malformed(api: Api, body: bytes) -> None:
    assert problem(api.send("POST", "login/", body)) == (400, "malformed")


@pytest.mark.parametrize("body", [b"[]", b"[1]", b'"text"', b"7", b"true", b"null"])
def test_what_is_no_object_is_refused(api: Api, body: bytes) -> None:
    response = api.send("POST", "login/", body)
    assert mistakes(response) == {"body"}


def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    large = b'{"username": "' + b"x" * 10_000_000 + b'"}'
    assert problem(api.send("POST", "register/", large)) == (413, "too_large")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_other_kinds_of_bodies_are_refused(api: Api, content_type: str) -> None:
    response = api.send("POST", "login/", b"username=a&password=b", content_type=content_type)
    assert problem(response) == (415, "unsupported_media_type")


def test_the_kind_of_a_body_may_say_more(api: Api) -> None:
    response = api.send("POST", "login/", {}, content_type="Application/JSON; charset=UTF-8")
    assert mistakes(response) == {"username", "password"}


def test_a_missing_body_is_an_empty_one(api: Api) -> None:
    assert mistakes(api.send("POST", "login/")) == {"username", "password"}
    assert api.send("POST", "carts/").status_code == 201


@pytest.mark.parametrize("accept", ["", "*/*", "text/html", "application/xml", "nonsense"])
def test_answers_are_json_whatever_is_asked_for(api: Api, accept: str) -> None:
    response = api.send("GET", "products/", Accept=accept)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_markup_comes_back_as_text(api: Api) -> None:
    response = api.get("products/", sort="<script>alert(1)</script>")
    assert mistakes(response) == {"sort"}
    assert response["X-Content-Type-Options"] == "nosniff"


def test_head_is_get_without_a_body(api: Api) -> None:
    response = api.send("HEAD", "products/")
    assert (response.status_code, response.content) == (200, b"")


def test_a_refused_request_leaves_nothing_behind(api: Api) -> None:
    for body in (b"{", b"[]"):
        api.send("POST", "login/", body)
    assert not Cart.objects.exists()


def test_a_body_in_pieces_is_not_taken_for_an_empty_one(alice: Any) -> None:
    pieces = {"Transfer-Encoding": "chunked"}
    answer = Api(alice).send("PATCH", "users/me/", b"", **pieces)

    assert problem(answer) == (411, "length_required")
    alice.refresh_from_db()
    assert alice.city == ""

"""Who has written is remembered by a cookie that says nothing, and nobody else gets one."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from shop.lib.replicas import limits, visits, watch
from shop.lib.replicas.visits import Visit
from shop.storefront.tests.shelves import PUBLIC, address_of, product_of
from tests.builders import put_on_sale

pytestmark = pytest.mark.once

MIDDLEWARE = "shop.lib.replicas.visits.ReplicaMiddleware"


# --- Who has written ------------------------------------------------------------------------------


def writes(statement: str) -> bool:
    visit = Visit(is_patient=True)
    visit.watch(lambda *_: None, statement, (), False, {})
    return visit.has_written


def test_statements_that_write_are_told_from_those_that_read() -> None:
    for statement in (
        "SELECT 1",
        "  select 1 FOR UPDATE",
        "/* request 12 */ SELECT 1",
        'SAVEPOINT "s1"',
        "RELEASE SAVEPOINT s1",
        "SET statement_timeout = 0",
    ):
        assert not writes(statement), statement
    for statement in (
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 1",
        "/* request 12 */ DELETE FROM t",
        "WITH old AS (DELETE FROM t RETURNING *) SELECT * FROM old",
        "REPLACE INTO t VALUES (1)",
        "SELECTED",
    ):
        assert writes(statement), statement


def test_a_statement_that_fails_has_written_nothing() -> None:
    visit = Visit(is_patient=True)

    def fail(*_: Any) -> None:
        raise OperationalError

    with pytest.raises(OperationalError):
        visit.watch(fail, "INSERT INTO t VALUES (1)", (), False, {})
    assert not visit.has_written


@pytest.fixture
def with_replicas(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The middleware as the settings place it, and no replica that is well."""
    before = settings.MIDDLEWARE.index("django.contrib.sessions.middleware.SessionMiddleware")
    settings.MIDDLEWARE = [*settings.MIDDLEWARE]
    settings.MIDDLEWARE.insert(before, MIDDLEWARE)
    monkeypatch.setattr(watch, "pick", lambda: None)


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page_is_the_same_for_everybody_still(
    with_replicas: None, client: Client, name: str
) -> None:
    product = product_of(put_on_sale("mug"))
    first = client.get(address_of(name, product))
    client.post(f"/cart/add/{product.id}/")
    assert visits.COOKIE in client.cookies
    again = client.get(address_of(name, product))

    assert again.content == first.content
    for response in (first, again):
        assert not response.cookies
        assert "Vary" not in response.headers


@pytest.mark.django_db
def test_a_cookie_that_says_nothing_remembers_who_has_written(
    with_replicas: None, client: Client
) -> None:
    product = product_of(put_on_sale("mug"))

    response = client.post(f"/cart/add/{product.id}/")

    cookie = response.cookies[visits.COOKIE]
    assert cookie.value == "1"
    assert cookie["max-age"] == limits.STICKY_SECONDS == 10
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    # To look at the cart, or at a form, writes nothing.
    assert visits.COOKIE not in client.get("/cart/").cookies
    assert visits.COOKIE not in client.get("/accounts/login/").cookies
    # Nor does what is refused.
    assert visits.COOKIE not in client.post("/cart/add/999999/").cookies


@pytest.mark.django_db
def test_programs_get_no_cookie(with_replicas: None, client: Client) -> None:
    made = client.post("/api/carts/", headers={"Authorization": "Bearer nonsense"})
    assert visits.COOKIE not in made.cookies
    # One without a token might be a page's own script.
    made = client.post("/api/carts/")
    assert (made.status_code, visits.COOKIE in made.cookies) == (201, True)


@pytest.mark.django_db
def test_signing_in_counts_as_writing(with_replicas: None, client: Client, alice: Any) -> None:
    alice.set_password("a long way home")
    alice.save()
    form = {"username": "alice", "password": "a long way home"}
    response = client.post("/accounts/login/", form)
    assert response.status_code == 302
    # The session is written outside of the view.
    assert visits.COOKIE in response.cookies

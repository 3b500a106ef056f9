"""Who may use which address: every one of them, method by method."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission

from shop.api.permissions import Who
from shop.api.resources import Resource
from shop.api.tests.calling import Api, give_rights, id_of, problem
from shop.api.urls import urlpatterns

pytestmark = pytest.mark.once

PUBLIC, ANYBODY, SIGNED_IN = Who.PUBLIC, Who.ANYBODY, Who.SIGNED_IN

# What other people's programs rely on. A new address, or a new method of one, has its line here.
WHO_MAY = {
    "POST login/": PUBLIC,
    "POST token/refresh/": PUBLIC,
    "POST logout/": PUBLIC,
    "POST register/": PUBLIC,
    "GET users/": SIGNED_IN,
    "GET users/me/": SIGNED_IN,
    "PATCH users/me/": SIGNED_IN,
    "GET users/<bigid:user_id>/": SIGNED_IN,
    "GET categories/": PUBLIC,
    "POST categories/": "catalog.add_category",
    "GET categories/<bigid:category_id>/": PUBLIC,
    "PATCH categories/<bigid:category_id>/": "catalog.change_category",
    "DELETE categories/<bigid:category_id>/": "catalog.delete_category",
    "POST categories/<bigid:category_id>/picture/": "catalog.change_category",
    "DELETE categories/<bigid:category_id>/picture/": "catalog.change_category",
    "GET products/": PUBLIC,
    "POST products/": "catalog.add_product",
    "GET products/<bigid:product_id>/": PUBLIC,
    "PATCH products/<bigid:product_id>/": "catalog.change_product",
    "DELETE products/<bigid:product_id>/": "catalog.delete_product",
    "POST products/<bigid:product_id>/variants/": "catalog.add_variant",
    "PATCH products/<bigid:product_id>/variants/<bigid:variant_id>/": "catalog.change_variant",
    "DELETE products/<bigid:product_id>/variants/<bigid:variant_id>/": "catalog.delete_variant",
    "POST products/<bigid:product_id>/pictures/": "catalog.add_productimage",
    "PATCH products/<bigid:product_id>/pictures/<bigid:picture_id>/": "catalog.change_productimage",
    "DELETE products/<bigid:product_id>/pictures/<bigid:picture_id>/": (
        "catalog.delete_productimage"
    ),
    "GET products/<bigid:product_id>/stock/": "inventory.view_stocklevel",
    "POST products/<bigid:product_id>/stock/": "inventory.change_stocklevel",
    "GET stock/": "inventory.view_stocklevel",
    "GET carts/": SIGNED_IN,
    "POST carts/": ANYBODY,
    "GET carts/<uuid:cart_id>/": ANYBODY,
    "DELETE carts/<uuid:cart_id>/": ANYBODY,
    "POST carts/<uuid:cart_id>/lines/": ANYBODY,
    "PATCH carts/<uuid:cart_id>/lines/<bigid:line_id>/": ANYBODY,
    "DELETE carts/<uuid:cart_id>/lines/<bigid:line_id>/": ANYBODY,
    "GET orders/": SIGNED_IN,
    "POST orders/": ANYBODY,
    "GET orders/<bigid:order_id>/": ANYBODY,
    "POST orders/<bigid:order_id>/cancel/": ANYBODY,
    "POST orders/<bigid:order_id>/mark-paid/": "orders.change_order",
    "POST orders/<bigid:order_id>/mark-refunded/": "orders.change_order",
    "POST orders/<bigid:order_id>/ship/": "orders.change_order",
    "POST orders/<bigid:order_id>/complete/": "orders.change_order",
    "GET reviews/": PUBLIC,
    "POST reviews/": SIGNED_IN,
    "GET reviews/<bigid:review_id>/": PUBLIC,
    "PATCH reviews/<bigid:review_id>/": "reviews.change_review",
    "GET webhooks/": "events.view_webhook",
    "POST webhooks/": "events.add_webhook",
    "GET webhooks/<bigid:webhook_id>/": "events.view_webhook",
    "PATCH webhooks/<bigid:webhook_id>/": "events.change_webhook",
    "DELETE webhooks/<bigid:webhook_id>/": "events.delete_webhook",
    "POST webhooks/<bigid:webhook_id>/rotate-secret/": "events.change_webhook",
    "POST webhooks/<bigid:webhook_id>/test/": "events.change_webhook",
    "GET webhooks/<bigid:webhook_id>/deliveries/": "events.view_delivery",
    "GET webhooks/<bigid:webhook_id>/deliveries/<bigid:delivery_id>/": "events.view_delivery",
    "POST webhooks/<bigid:webhook_id>/deliveries/<bigid:delivery_id>/resend/": (
        "events.change_delivery"
    ),
    "GET schema/": PUBLIC,
}
# The way to the documentation, the documentation, and whatever is unknown.
NO_RESOURCES = {"", "docs/"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def resources() -> Iterator[tuple[str, type[Resource]]]:
    for pattern in urlpatterns:
        view: Any = pattern.callback
        if str(pattern.pattern) not in NO_RESOURCES:
            yield str(pattern.pattern), view.cls


def path_of(route: str) -> str:
    """Return an address of that form, of something that is not there."""
    path = route.replace("<uuid:cart_id>", str(uuid4()))
    return re.sub(r"<bigid:\w+_id>", "999999", path)


def test_every_method_of_every_address_is_in_the_table() -> None:
    methods = {
        f"{method} {route}": resource.access[method]
        for route, resource in resources()
        for method in METHODS
        if hasattr(resource, method.lower()) and method.lower() in resource.http_method_names
    }
    assert methods == WHO_MAY


def test_no_address_speaks_of_a_method_that_it_does_not_have() -> None:
    for route, resource in resources():
        for method in resource.access:
            assert f"{method} {route}" in WHO_MAY


def test_every_right_exists(db: None) -> None:
    rights = {who for who in WHO_MAY.values() if "." in who}
    assert len(rights) == 22
    for right in rights:
        label, _, codename = right.partition(".")
        assert Permission.objects.filter(
            content_type__app_label=label, codename=codename
        ).exists(), right


@pytest.mark.parametrize(("call", "who"), WHO_MAY.items(), ids=id_of)
def test_whoever_may_comes_in_and_nobody_else(
    api: Api, alice: Any, sam: Any, call: str, who: str
) -> None:
    method, _, route = call.partition(" ")
    path = path_of(route)
    answers = {
        "nobody": api.send(method, path),
        "a wrong token": Api(token="x").send(method, path),
        "alice": Api(alice).send(method, path),
        "staff without the right": Api(sam).send(method, path),
    }
    statuses = {name: response.status_code for name, response in answers.items()}
    if who in {PUBLIC, ANYBODY}:
        assert not {401, 403} & {statuses[name] for name in ("nobody", "alice")}
    else:
        assert problem(answers["nobody"]) == (401, "not_authenticated")
    if who == PUBLIC:
        assert statuses["a wrong token"] == statuses["nobody"]
    else:
        assert problem(answers["a wrong token"]) == (401, "invalid_token")
    if "." not in who:
        assert not {401, 403} & {statuses["alice"], statuses["staff without the right"]}
        return
    assert problem(answers["alice"]) == (403, "permission_denied")
    assert problem(answers["staff without the right"]) == (403, "permission_denied")
    give_rights(sam, who)
    assert Api(sam).send(method, path).status_code not in {401, 403}


@pytest.mark.parametrize("route", [route for route, _ in resources()])
def test_other_methods_are_not_allowed_whoever_asks(api: Api, alice: Any, route: str) -> None:
    known = {call.partition(" ")[0] for call in WHO_MAY if call.partition(" ")[2] == route}
    for client in (api, Api(alice)):
        for method in set(METHODS) - known:
            response = client.send(method, path_of(route), {})
            assert problem(response) == (405, "method_not_allowed")
            allowed = set(response["Allow"].split(", "))
            assert allowed == known | ({"HEAD"} if "GET" in known else set())

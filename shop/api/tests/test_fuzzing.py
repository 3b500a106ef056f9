"""Requests that nobody would think of: whatever comes, the API answers as it says it does."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, cast

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from shop.api.tests.calling import Api
from shop.api.tests.test_access import WHO_MAY
from shop.cart.models import CartLine
from shop.catalog.models import Product, ProductImage
from shop.reviews import actions as reviews
from tests.builders import fill_cart, one_delivery, place, put_on_sale

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 4
# So many operations succeed at least once: otherwise only refusals were looked at.
LEAST_DONE = {"nobody": 6, "a shopper": 15, "staff": 29}

Ids = dict[str, Any]


@pytest.fixture
def boss(sam: Any) -> Any:
    """A member of staff who may do everything."""
    sam.is_superuser = True
    sam.save()
    return sam


@pytest.fixture
def one_connection(db: None) -> Iterator[None]:
    """Keep requests from closing the connection whose transaction the test takes back."""
    ends = (request_started, request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


def something_of_everything(user: Any) -> Ids:
    """Fill the shop with one of each, as far as it can be the user's; return their ids."""
    variant_id = put_on_sale("mug", stock=1_000)
    product = Product.objects.get()
    order_id = place({variant_id: 1}, user=user)
    cart_id = fill_cart({variant_id: 1}, user=user)
    picture = ProductImage.objects.create(product=product, file="pictures/a/a.webp")
    review_id = reviews.write(user_id=user.id, product_id=product.id, rating=5, text="Good.")
    hook, delivery = one_delivery()
    return {
        "cart_id": str(cart_id),
        "category_id": product.category_id,
        "line_id": CartLine.objects.get(cart_id=cart_id).id,
        "order_id": order_id,
        "picture_id": picture.id,
        "product_id": product.id,
        "review_id": review_id,
        "user_id": user.id,
        "variant_id": variant_id,
        "webhook_id": hook.pk,
        "delivery_id": delivery.pk,
    }


def attack(
    operation: Any, mode: GenerationMode, headers: dict[str, str], change: Callable[[Any], None]
) -> set[int]:
    """Send an operation what its description allows, or what it does not; return the statuses."""
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        change(case)
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)
        statuses.add(response.status_code)

    # An address without parameters and without a body cannot be called wrongly.
    with suppress(Unsatisfiable):
        send()
    return statuses


@pytest.mark.long
@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("who", ["nobody", "a shopper", "staff"])
def test_every_answer_is_one_that_was_described(who: str, alice: Any, boss: Any) -> None:
    user = {"nobody": None, "a shopper": alice, "staff": boss}[who]
    ids = something_of_everything(user or alice)
    headers = Api(user).headers

    def aim(case: Any) -> None:
        """Let most requests reach something that is there."""
        body = case.body if isinstance(case.body, dict) else {}
        drawn = repr([case.path_parameters, body])
        if zlib.crc32(drawn.encode("utf-8", "surrogatepass")) % 3:
            case.path_parameters.update({k: v for k, v in ids.items() if k in case.path_parameters})
            known = {name: ids.get(f"{name}_id") for name in body}
            body.update({name: id_ for name, id_ in known.items() if id_ is not None})

    schema = schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())
    operations = [cast("Any", result).ok() for result in schema.get_all_operations()]
    # It leaves out the description that it has just read.
    assert len(operations) == len(WHO_MAY) - 1
    # What removes things comes last.
    operations.sort(key=lambda found: found.method.upper() == "DELETE")
    statuses = {
        (operation.label, mode.value): attack(operation, mode, headers, aim)
        for mode in (GenerationMode.NEGATIVE, GenerationMode.POSITIVE)
        for operation in operations
    }
    done = {label for (label, _), found in statuses.items() if min(found, default=500) < 300}
    assert len(done) >= LEAST_DONE[who], done

"""The API's description of itself."""

import re
import warnings
from io import StringIO
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from shop.api.tests.calling import Api
from shop.api.tests.test_access import WHO_MAY

pytestmark = pytest.mark.once


@pytest.fixture
def schema(api: Api) -> Any:
    return api.get("schema/").json()


def operations(schema: Any) -> dict[str, Any]:
    """Return every operation by its method and address, as WHO_MAY writes them."""
    return {
        f"{method.upper()} {re.sub('{(.*?)}', '<>', path.removeprefix('/api/'))}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_valid_and_made_without_a_warning(db: None) -> None:
    with warnings.catch_warnings():
        # The validator looks up references as it always did.
        warnings.simplefilter("ignore", DeprecationWarning)
        call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_it_is_json_or_yaml(api: Api, schema: Any) -> None:
    assert schema["openapi"] == "3.1.0"
    assert schema["info"]["title"] == "NovaShop API"
    validate_schema(schema)  # type: ignore[no-untyped-call]
    plain = api.send("GET", "schema/", Accept="application/json")
    assert plain["Content-Type"] == "application/json"
    yaml = api.send("GET", "schema/", Accept="application/yaml")
    assert yaml.content.startswith(b"openapi: 3.1.0\n")


def test_every_method_of_every_address_is_described(schema: Any) -> None:
    assert set(operations(schema)) == {re.sub("<.*?>", "<>", call) for call in WHO_MAY}


def test_every_operation_is_told_in_full(schema: Any) -> None:
    ids = [operation["operationId"] for operation in operations(schema).values()]
    assert len(ids) == len(set(ids))
    for operation in operations(schema).values():
        assert operation["summary"]
        assert len(operation["tags"]) == 1
        for parameter in operation.get("parameters", []):
            assert parameter.get("description") or "enum" in str(parameter) or parameter["name"]
        assert "429" in operation["responses"]
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert set(answer["content"]) == {"application/problem+json"}
                examples = answer["content"]["application/problem+json"]["examples"]
                assert all(value["value"]["code"] == code for code, value in examples.items())
                assert answer["description"].startswith("* `")


def test_examples_are_what_they_are_examples_of(schema: Any) -> None:
    shown = {
        f"{name}.{field}": described
        for name, component in schema["components"]["schemas"].items()
        for field, described in component.get("properties", {}).items()
        if "example" in described
    }
    assert shown["Product.price"]["example"] == "12.50"
    assert shown["Address.name"]["example"] == "Alice Able"
    assert len(shown) > 100
    for name, described in shown.items():
        errors = Draft202012Validator(described).iter_errors(described["example"])
        assert not list(errors), name


def test_tokens_are_asked_for_where_they_count(schema: Any) -> None:
    found = operations(schema)
    assert "security" not in found["GET products/"]
    assert "security" not in found["POST login/"]
    assert found["GET orders/"]["security"] == [{"accessToken": []}]
    assert found["POST carts/"]["security"] == [{"accessToken": []}, {}]
    assert found["POST products/"]["security"] == [{"accessToken": []}]
    assert schema["components"]["securitySchemes"]["accessToken"]["scheme"] == "bearer"


def test_a_purchase_says_how_it_is_named(schema: Any) -> None:
    (key,) = operations(schema)["POST orders/"]["parameters"]
    assert (key["name"], key["in"], key["required"]) == ("Idempotency-Key", "header", True)
    assert key["schema"]["maxLength"] == 200


def test_a_list_says_how_it_goes_on(schema: Any) -> None:
    names = {parameter["name"] for parameter in operations(schema)["GET products/"]["parameters"]}
    assert {"cursor", "page_size", "sort", "category", "in_stock"} <= names
    page = schema["components"]["schemas"]["ProductPage"]
    assert set(page["required"]) == {"next", "previous", "results"}


def test_the_documentation_asks_nothing_from_the_net(api: Api) -> None:
    page = api.get("docs/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "//" not in re.sub(r"<!--.*?-->", "", text)
    # No script and no style in the page itself, so that a strict content policy can stand.
    assert "<style" not in text
    assert re.findall(r"<script[^>]*>(.*?)</script>", text) == ["", ""]
    addresses = re.findall(r'(?:src|href)="(.*?)"', text)
    assert len(addresses) == 4
    for address in addresses:
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address
    script = api.get("docs/", script="")
    assert script["Content-Type"] == "application/javascript"
    assert b'url: "/api/schema/"' in script.content.replace(b"\\u002D", b"-")

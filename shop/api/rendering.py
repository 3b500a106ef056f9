"""Bodies of answers, by serializers that are made once."""

from functools import cache
from typing import Any

from rest_framework.serializers import Serializer


def rendered(kind: type[Serializer[Any]], facts: object) -> dict[str, Any]:
    """Return what a serializer of this kind makes of the facts.

    Making a serializer copies all of its fields, and those of the ones inside: for a list of
    products that took longer than everything else together. Once made it only reads, so all
    requests can share it.
    """
    body: dict[str, Any] = _made(kind).to_representation(facts)
    return body


@cache
def _made(kind: type[Serializer[Any]]) -> Serializer[Any]:
    return kind()

"""Ids, and the largest ones there are: what lies beyond them no column of a database holds."""

from typing import Any
from uuid import UUID

from django.urls.converters import IntConverter
from rest_framework import serializers

LARGEST_ID = 2**63 - 1


class IdConverter(IntConverter):
    """An id in an address; what is too large for one is no address of ours."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """Raises ValueError, by which Django takes the address for another one."""
        number = int(value)
        if number > LARGEST_ID:
            raise ValueError("no id is that large")
        return number


class IdField(serializers.IntegerField):
    """An id in a body or a query."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **options)


class UuidField(serializers.UUIDField):
    """A UUID as text; the library would take numbers too."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)

"""What tests of the pages start from."""

from typing import Any

import pytest
from django.contrib.auth.models import Group


@pytest.fixture
def sam(sam: Any) -> Any:
    """A member of staff who handles orders."""
    sam.groups.add(Group.objects.get(name="Orders"))
    return sam

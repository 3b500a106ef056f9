"""A mail server, and an order to write about."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.postbox import Postbox, postbox


@pytest.fixture
def box(settings: Any) -> Iterator[Postbox]:
    """A mail server that the shop sends by."""
    with postbox() as opened:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", opened.port
        yield opened

"""What a verb asks the database, query by query, so that a budget names what it pays for.

And the detector of N+1 (django-zeal): a request or a command that asks for rows one by one fails.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any

import pytest
from django.apps import AppConfig
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.management import BaseCommand
from django.db import connection
from django.test.utils import CaptureQueriesContext
from zeal import zeal_context

from novashop.debugging import NO_ROW_BY_ROW
from novashop.query_log import name_of, opens_or_closes


@contextmanager
def queries_named() -> Iterator[list[str]]:
    """Yield a list that names, after the block, each of its queries: `SELECT cart_cart`.

    Statements that open and close transactions are left out.
    """
    names: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield names
    texts = [query["sql"].lstrip() for query in captured.captured_queries]
    names += [name_of(text) for text in texts if not opens_or_closes(text)]


@contextmanager
def one_by_one_forbidden() -> Iterator[None]:
    """Let requests and commands of this process raise, within the block, when they ask row by row.

    Tests themselves may: they make their rows one after the other.
    """
    _watch_the_models()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "ZEAL_ALLOWLIST", NO_ROW_BY_ROW, raising=False)
        patch.setattr(BaseHandler, "get_response", _watched(BaseHandler.get_response))
        patch.setattr(BaseCommand, "execute", _watched(BaseCommand.execute))
        yield


@cache
def _watch_the_models() -> None:
    AppConfig.create("zeal").ready()


def _watched(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def working(*args: Any, **kwargs: Any) -> Any:
        with zeal_context():
            return work(*args, **kwargs)

    return working

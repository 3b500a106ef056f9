"""Rules decide without a clock, queries only ask, and nobody sends signals or bare tasks."""

from collections.abc import Callable, Iterator

import pytest

from tests.architecture.house import Source, Violation, shop_sources
from tests.architecture.manners import (
    bare_tasks,
    impure_calls,
    impure_imports,
    signals,
    writing_queries,
)

pytestmark = pytest.mark.once

Check = Callable[[Source], Iterator[Violation]]

# Files in which Django's signals are heard all the same, each with its reason.
SIGNALS_HEARD: dict[str, str] = {
    "shop/backoffice/apps.py": "Django says when rights can be given; the audit log asks who acts",
}

RULES = "shop/orders/rules.py"
QUERIES = "shop/orders/queries.py"
ACTIONS = "shop/orders/actions/living.py"


@pytest.mark.parametrize("check", [bare_tasks, impure_calls, impure_imports, writing_queries])
def test_the_shop_has_manners(check: Check) -> None:
    assert not [str(violation) for source in shop_sources() for violation in check(source)]


def test_no_signals_but_those_listed() -> None:
    heard = {source.path: list(signals(source)) for source in shop_sources()}
    surprises = [found for path, found in heard.items() if found and path not in SIGNALS_HEARD]
    assert not [str(violation) for found in surprises for violation in found]
    assert all(heard.get(path) for path in SIGNALS_HEARD), "an entry of SIGNALS_HEARD is not needed"


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (RULES, "import django", True),
        (RULES, "from django.conf import settings", True),
        (RULES, "import os.path", True),
        (RULES, "from time import monotonic", True),
        (RULES, "import httpx", True),
        (RULES, "def f():\n    import random", True),
        ("shop/orders/rules/__init__.py", "import logging", True),
        ("shop/orders/rules/paying.py", "import logging", True),
        ("shop/orders/errors.py", "from rest_framework.exceptions import APIException", True),
        (RULES, "from decimal import Decimal", False),
        (RULES, "from collections.abc import Sequence", False),
        (RULES, "from shop.orders.errors import UnknownOrder", False),
        (ACTIONS, "from django.utils import timezone", False),
        ("shop/orders/tests/test_rules.py", "import random", False),
    ],
)
def test_rules_import_what_is_pure(path: str, text: str, found: bool) -> None:
    assert bool(list(impure_imports(Source.parse(path, text)))) is found


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (RULES, "datetime.now(UTC)", True),
        (RULES, "datetime.datetime.utcnow()", True),
        (RULES, "date.today()", True),
        (RULES, "today()", True),
        (RULES, "uuid4()", True),
        (RULES, "open('prices.csv')", True),
        (RULES, "def f():\n    print(1)", True),
        (RULES, "input()", True),
        (RULES, "shelf.open()", False),
        (RULES, "snow()", False),
        (RULES, "expiry(now=now)", False),
        (ACTIONS, "timezone.now()", False),
    ],
)
def test_rules_call_nothing_that_is_not(path: str, text: str, found: bool) -> None:
    assert bool(list(impure_calls(Source.parse(path, text)))) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from django.dispatch import receiver", True),
        ("import django.dispatch", True),
        ("from django import dispatch", True),
        ("from django.db.models import signals", True),
        ("from django.db.models.signals import post_save", True),
        ("import django.db.models.signals as s", True),
        ("from django.contrib.auth.signals import user_logged_in", True),
        ("from django.db.models import Signal", False),
        ("import signal", False),
    ],
)
def test_signals_are_seen(text: str, found: bool) -> None:
    assert bool(list(signals(Source.parse(ACTIONS, text)))) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("send_mail.delay(1)", True),
        ("send_mail.apply_async((1,), countdown=5)", True),
        ("app.send_task('mail.send')", True),
        ("delay(1)", False),
        ("retry.delay", False),
    ],
)
def test_bare_tasks_are_seen(text: str, found: bool) -> None:
    assert bool(list(bare_tasks(Source.parse(ACTIONS, text)))) is found


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (QUERIES, "Order.objects.create(number='1')", True),
        (QUERIES, "order.save()", True),
        (QUERIES, "Order.objects.filter(id=1).update(number='1')", True),
        (QUERIES, "Order.objects.update(number='1')", True),
        (QUERIES, "Order.objects.bulk_update(orders, ['number'])", True),
        ("shop/orders/queries/lists.py", "order.delete()", True),
        (QUERIES, "counts.update(found)", False),
        (QUERIES, "Order.objects.filter(id=1).first()", False),
        (ACTIONS, "order.save()", False),
        ("shop/orders/tests/test_queries.py", "order.save()", False),
    ],
)
def test_writes_in_queries_are_seen(path: str, text: str, found: bool) -> None:
    assert bool(list(writing_queries(Source.parse(path, text)))) is found

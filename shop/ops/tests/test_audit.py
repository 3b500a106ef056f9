"""`manage.py audit`: what is wrong is named, each invariant of them, and nothing else is."""

import ast
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from shop.checkout.actions import place_order
from shop.checkout.models import Attempt
from shop.events import actions as events
from shop.ops.tests import breaking_letters, breaking_orders  # noqa: F401  (enter their breaks)
from shop.ops.tests.breaking import BREAKS, Break, unconnected, unconstrained
from shop.orders import actions as orders
from shop.orders.models import Order
from tests.builders import draft_of, fill_cart, place, put_on_sale


def audit() -> tuple[str, str]:
    """Return what the audit says, and its complaint."""
    out, complaint = StringIO(), ""
    try:
        call_command("audit", stdout=out)
    except CommandError as error:
        complaint = str(error)
    return out.getvalue(), complaint


@pytest.mark.django_db
def test_an_empty_shop_agrees() -> None:
    assert audit() == ("Everything agrees.\n", "")


@pytest.mark.django_db
def test_a_shop_with_orders_in_every_state_agrees(alice: object) -> None:
    mug = put_on_sale("mug", price="0.10", stock=100)
    put_on_sale("mug", price="0.10", stock=3, location="shed")
    tea = put_on_sale("tea", price="0.20", stock=100)
    put_on_sale("jar", stock=0)
    # Amounts that binary fractions cannot add, and an order from two locations.
    *_, unpaid, paid, shipped, canceled = (place({mug: n, tea: n}, user=alice) for n in range(1, 8))
    place({mug: 74})
    place_order(draft=draft_of(fill_cart({tea: 1}), key="k1"))
    fill_cart({tea: 1})
    orders.mark_paid(order_ids=[paid], by=None)
    orders.ship(order_ids=[shipped], by=None)
    orders.cancel(order_ids=[canceled], by=None)
    orders.settle(order_ids=[Order.objects.order_by("id")[0].id], by=None)
    while events.deliver_due():
        pass

    assert Order.objects.get(id=unpaid).status == "Pending"
    assert audit() == ("Everything agrees.\n", "")


@pytest.mark.django_db
@pytest.mark.parametrize("broken", [each for each in BREAKS if each.without is None], ids=str)
def test_a_broken_invariant_is_named(broken: Break) -> None:
    assert_named(broken)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", [each for each in BREAKS if each.without is not None], ids=str)
def test_what_the_database_refuses_is_named_all_the_same(broken: Break) -> None:
    assert broken.without is not None
    with unconstrained(*broken.without):
        assert_named(broken)


def assert_named(broken: Break) -> None:
    lines = broken.how()
    count = "1 row is" if len(lines) == 1 else f"{len(lines)} rows are"

    assert audit() == ("".join(f"{line}\n" for line in lines), f"{count} wrong.")
    assert any(line.startswith(f"{broken.invariant}: ") for line in lines)


@pytest.mark.django_db(transaction=True)
def test_an_acknowledged_order_that_is_gone_is_named() -> None:
    place_order(draft=draft_of(fill_cart({put_on_sale("mug"): 1}), key="k1"))
    (attempt,) = Attempt.objects.all()
    with unconnected():
        Attempt.objects.update(order_id=999)
        said = audit()
        Attempt.objects.all().delete()

    assert said == (
        f"acknowledged-order: key {attempt}: order 999 is gone\n",
        "1 row is wrong.",
    )


@pytest.mark.once
def test_every_invariant_in_the_code_is_broken_here_and_explained_in_the_docs() -> None:
    text = (settings.BASE_DIR / "docs" / "consistency.md").read_text(encoding="utf-8")
    in_the_code = sorted(set(_invariants_in_the_code()))

    assert in_the_code == sorted({each.invariant for each in BREAKS})
    assert in_the_code == sorted(re.findall(r"^### `([a-z-]+)`$", text, re.MULTILINE))


def _invariants_in_the_code() -> Iterator[str]:
    """Yield what every `Breach(…)` names first, and every `invariant=…`."""
    for path in (settings.BASE_DIR / "shop").rglob("*.py"):
        if "tests" in path.parts or path.name == "breaches.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from _invariants_of(node)


def _invariants_of(call: ast.Call) -> Iterator[str]:
    names = [each.value for each in call.keywords if each.arg == "invariant"]
    if isinstance(call.func, ast.Name) and call.func.id == "Breach":
        names += call.args[:1]
    for name in names:
        # What is put together at run time could not be found here.
        assert isinstance(name, ast.Constant), ast.unparse(call)
        yield str(name.value)

"""The catalogue edited by two at the same moment; each race has a twin that loses unguarded.

SQLite lets one transaction write at a time, so that nobody can race there: the twins, which need
two that overlap, run on the servers.
"""

import threading
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection

from shop.catalog import actions
from shop.catalog.actions import editing, shelving
from shop.catalog.actions._products import variants_of
from shop.catalog.models import Category, Product, Variant
from shop.catalog.rules import ProductFacts, VariantFacts
from tests.races.racing import PATIENCE_SECONDS, meet_after, outcomes, race, without_locks

pytestmark = pytest.mark.django_db(transaction=True)

EDITING = "shop.catalog.actions.editing"


# --- Variants of one product ----------------------------------------------------------------------


def a_product(*skus: str) -> int:
    return actions.add_product(
        product=ProductFacts(name="Shirt", category_id=actions.add_category(name="Clothes")),
        variants=[VariantFacts(sku=sku, price=Decimal("10.00")) for sku in skus],
    )


def change_prices_at_once() -> list[Any]:
    ids = dict(Variant.objects.values_list("sku", "id"))
    return race(
        lambda: actions.change_variant(variant_id=ids["a"], changes={"price": Decimal("20.00")}),
        lambda: actions.change_variant(variant_id=ids["b"], changes={"price": Decimal("30.00")}),
    )


def test_two_editors_leave_the_product_at_the_lowest_price() -> None:
    a_product("a", "b")

    assert change_prices_at_once() == [None, None]

    assert Product.objects.get().price == Decimal("20.00")


@pytest.mark.overlap
def test_twin_without_the_products_lock_its_price_is_nobodys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_product("a", "b")
    without_locks(monkeypatch)
    monkeypatch.setattr(f"{EDITING}.variants_of", meet_after(variants_of, parties=2))

    assert change_prices_at_once() == [None, None]

    assert set(Variant.objects.values_list("price", flat=True)) == {Decimal(20), Decimal(30)}
    assert Product.objects.get().price == Decimal("10.00")


def test_many_editors_of_one_product() -> None:
    product_id = a_product("a", "b", "c")
    ids = dict(Variant.objects.values_list("sku", "id"))

    results = race(
        lambda: actions.change_variant(variant_id=ids["a"], changes={"is_published": False}),
        lambda: actions.remove_variant(variant_id=ids["b"]),
        lambda: actions.change_variant(variant_id=ids["c"], changes={"price": Decimal("40.00")}),
        lambda: actions.add_variant(
            product_id=product_id, variant=VariantFacts(sku="d", price=Decimal("30.00"))
        ),
        lambda: actions.change_product(product_id=product_id, changes={"name": "Vest"}),
    )

    assert outcomes(results) == {"NoneType": 4, "int": 1}
    product = Product.objects.get()
    assert (product.name, product.price) == ("Vest", Decimal("30.00"))
    assert list(Variant.objects.order_by("sku").values_list("sku", flat=True)) == ["a", "c", "d"]


def change_two_things_at_once(product_id: int) -> list[Any]:
    return race(
        lambda: actions.change_product(product_id=product_id, changes={"name": "Vest"}),
        lambda: actions.change_product(product_id=product_id, changes={"description": "Soft."}),
    )


def test_what_two_editors_write_is_both_kept() -> None:
    assert change_two_things_at_once(a_product("a")) == [None, None]

    product = Product.objects.get()
    assert (product.name, product.description) == ("Vest", "Soft.")


@pytest.mark.overlap
def test_twin_without_the_products_lock_one_editor_forgets_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product_id = a_product("a")
    without_locks(monkeypatch)
    monkeypatch.setattr(editing, "_lock", meet_after(editing._lock, parties=2))

    assert change_two_things_at_once(product_id) == [None, None]

    product = Product.objects.get()
    assert (product.name, product.description) in {("Vest", ""), ("Shirt", "Soft.")}


def test_one_number_for_two_products_at_once() -> None:
    shelf = actions.add_category(name="Clothes")

    results = race(
        *(
            lambda name=name: actions.add_product(
                product=ProductFacts(name=name, category_id=shelf, code=name),
                variants=[VariantFacts(sku="a", price=Decimal("10.00"))],
            )
            for name in ("Shirt", "Vest", "Coat")
        )
    )

    assert outcomes(results) == {"int": 1, "SkuTaken": 2}
    assert (Product.objects.count(), Variant.objects.count()) == (1, 1)


# --- Categories -----------------------------------------------------------------------------------


def add_at_once(*names: str, parent_id: int | None = None) -> list[Any]:
    return race(
        *(lambda name=name: actions.add_category(name=name, parent_id=parent_id) for name in names)
    )


def names() -> list[str]:
    assert Category.objects.find_problems() == ([], [], [], [], [])
    return sorted(Category.objects.values_list("name", flat=True))


def test_one_name_twice_at_once_under_one_parent() -> None:
    kitchen = actions.add_category(name="Kitchen")

    results = add_at_once("Mugs", "mugs", " MUGS", parent_id=kitchen)

    assert outcomes(results) == {"int": 1, "CategoryNameTaken": 2}
    assert len(names()) == 2


def test_one_name_twice_at_once_in_an_empty_tree() -> None:
    results = add_at_once("Mugs", "mugs", " MUGS")

    assert outcomes(results) == {"int": 1, "CategoryNameTaken": 2}
    assert len(names()) == 1


def add_in_turn(
    monkeypatch: pytest.MonkeyPatch, add: Callable[[str], int], first: str, then: str
) -> list[Any]:
    """Add the second one when the first has its place in the tree, and is not yet committed.

    Nothing is there to be locked: both find the first place free.
    """
    added, tried = threading.Event(), threading.Event()
    check = shelving._check_name

    def check_and_wait(parent: Category | None, name: str, *, category_id: int | None) -> None:
        check(parent, name, category_id=category_id)
        if not added.is_set():
            added.set()
            tried.wait(1)

    def add_then() -> int:
        added.wait(PATIENCE_SECONDS)
        try:
            return add(then)
        finally:
            tried.set()

    monkeypatch.setattr(shelving, "_check_name", check_and_wait)
    return race(lambda: add(first), add_then)


@pytest.mark.overlap
@pytest.mark.parametrize(("name", "outcome"), [("Garden", "int"), ("kitchen", "CategoryNameTaken")])
def test_who_finds_an_empty_tree_and_then_collides_starts_over(
    monkeypatch: pytest.MonkeyPatch, name: str, outcome: str
) -> None:
    results = add_in_turn(
        monkeypatch, lambda name: actions.add_category(name=name), "Kitchen", name
    )

    assert [type(result).__name__ for result in results] == ["int", outcome]
    assert names() == (["Garden", "Kitchen"] if outcome == "int" else ["Kitchen"])


@pytest.mark.overlap
def test_twin_who_does_not_start_over_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "mysql":
        pytest.skip("a locking read waits for rows that are not committed yet")
    results = add_in_turn(
        monkeypatch, lambda name: shelving._add(name, "", None), "Kitchen", "Garden"
    )

    assert [type(result).__name__ for result in results] == ["int", "IntegrityError"]


@pytest.mark.overlap
def test_twin_without_the_trees_lock_two_neighbours_have_one_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their places are the database's to keep apart; their names are not."""
    kitchen = actions.add_category(name="Kitchen")
    mugs = actions.add_category(name="Mugs", parent_id=kitchen)
    cups = actions.add_category(name="Cups", parent_id=kitchen)
    without_locks(monkeypatch)
    monkeypatch.setattr(shelving, "_check_name", meet_after(shelving._check_name, parties=2))

    results = race(
        *(
            lambda id_=id_: actions.change_category(category_id=id_, changes={"name": "Bowls"})
            for id_ in (mugs, cups)
        )
    )

    assert results == [None, None]
    assert names() == ["Bowls", "Bowls", "Kitchen"]


def test_a_category_is_removed_or_filled() -> None:
    for number in range(5):
        shelf = actions.add_category(name=f"Shelf {number}")
        facts = ProductFacts(name="Shirt", category_id=shelf, code=f"{number}")
        variants = [VariantFacts(sku=f"{number}", price=Decimal("10.00"))]

        filled, removed = race(
            partial(actions.add_product, product=facts, variants=variants),
            partial(actions.remove_category, category_id=shelf),
        )

        happened = type(filled).__name__, type(removed).__name__
        assert happened in {("int", "CategoryIsInUse"), ("UnknownCategory", "NoneType")}


@pytest.mark.overlap
def test_twin_without_the_categorys_lock_one_of_them_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The foreign key sees to it in the end, but nobody is told in a sentence."""
    shelf = actions.add_category(name="Clothes")
    without_locks(monkeypatch)
    checked, removed = threading.Event(), threading.Event()
    check = editing._check_category

    def check_and_wait(category_id: int) -> None:
        check(category_id)
        checked.set()
        removed.wait(PATIENCE_SECONDS)

    def remove() -> None:
        checked.wait(PATIENCE_SECONDS)
        actions.remove_category(category_id=shelf)
        removed.set()

    monkeypatch.setattr(editing, "_check_category", check_and_wait)

    filled, gone = race(
        lambda: actions.add_product(
            product=ProductFacts(name="Shirt", category_id=shelf),
            variants=[VariantFacts(sku="a", price=Decimal("10.00"))],
        ),
        remove,
    )

    # PostgreSQL looks at the foreign key at COMMIT; MariaDB at once, where it is mistaken for the
    # other thing that a database refuses.
    assert type(filled).__name__ in {"IntegrityError", "SkuTaken"}
    assert gone is None

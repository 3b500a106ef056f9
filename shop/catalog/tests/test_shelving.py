"""The tree of categories, one shelf at a time."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from shop.catalog import actions
from shop.catalog.errors import (
    CategoryIsInUse,
    CategoryNameTaken,
    InvalidCategory,
    InvalidCategoryPlace,
    Problem,
    UnknownCategory,
)
from shop.catalog.models import Category, Product
from shop.catalog.rules import DEEPEST_CATEGORY
from shop.catalog.tests.rows import everything
from shop.lib.refusals import Refusal
from tests.builders import put_on_sale

pytestmark = pytest.mark.django_db

NOBODY = 10**9


def refused(verb: Callable[[], Any]) -> Refusal:
    """Return why a verb refuses, having seen that it changed nothing."""
    before = everything()
    with pytest.raises(Refusal) as caught:
        verb()
    assert everything() == before
    return caught.value


def add(name: str, parent_id: int | None = None, **facts: str) -> int:
    return actions.add_category(name=name, parent_id=parent_id, **facts)


def change(category_id: int, **changes: Any) -> None:
    actions.change_category(category_id=category_id, changes=changes)


def tree() -> list[str]:
    """Return every category as its path of names, in the order of the tree, which is whole."""
    assert Category.objects.find_problems() == ([], [], [], [], [])
    return [
        " > ".join([*(above.name for above in Category.objects.get_ancestors(node)), node.name])
        for node in Category.objects.order_by("path")
    ]


def a_column(depth: int) -> list[int]:
    """Stand so many categories on each other; return their ids, the lowest first."""
    ids: list[int] = []
    for number in range(depth):
        ids.append(add(f"{number}", ids[-1] if ids else None))
    return ids


# --- Adding ---------------------------------------------------------------------------------------


def test_each_comes_last_in_its_place() -> None:
    kitchen = add("Kitchen", description="For cooks.")
    garden = add("Garden")
    add("Mugs", kitchen)
    add("Bowls", kitchen)
    add("Attic")
    add("Tools", garden)

    assert tree() == [
        "Kitchen",
        "Kitchen > Mugs",
        "Kitchen > Bowls",
        "Garden",
        "Garden > Tools",
        "Attic",
    ]
    assert Category.objects.get(id=kitchen).description == "For cooks."


def test_space_around_a_name_is_no_part_of_it() -> None:
    mugs = add("  Mugs\n")

    assert tree() == ["Mugs"]
    assert isinstance(refused(lambda: add("Mugs")), CategoryNameTaken)
    change(mugs, name=" Cups ")
    assert tree() == ["Cups"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", Problem.EMPTY),
        (" \n", Problem.EMPTY),
        ("x" * 201, Problem.TOO_LONG),
        ("x\0", Problem.UNPRINTABLE),
    ],
)
def test_a_name_that_none_can_have(name: str, problem: Problem) -> None:
    kitchen = add("Kitchen")

    for verb in (lambda: add(name), lambda: change(kitchen, name=name)):
        refusal = refused(verb)
        assert isinstance(refusal, InvalidCategory)
        assert refusal.problem == problem


def test_the_longest_name() -> None:
    add("  " + "x" * 200 + "  ")

    assert tree() == ["x" * 200]


def test_neighbours_have_names_of_their_own() -> None:
    kitchen, garden = add("Kitchen"), add("Garden")
    add("Mugs", kitchen)

    for verb, name in (
        (lambda: add("KITCHEN"), "Kitchen"),
        (lambda: add(" mugs ", kitchen), "Mugs"),
        (lambda: change(garden, name="kitchen"), "Kitchen"),
    ):
        refusal = refused(verb)
        assert isinstance(refusal, CategoryNameTaken)
        assert refusal.name == name
    # Elsewhere the name is free.
    add("Mugs", garden)
    add("Mugs")
    add("Kitchen", kitchen)
    change(kitchen, name="KITCHEN")


def test_the_tree_goes_so_deep() -> None:
    ids = a_column(DEEPEST_CATEGORY)

    refusal = refused(lambda: add("one more", ids[-1]))

    assert isinstance(refusal, InvalidCategoryPlace)
    assert refusal.category_id is None
    assert len(tree()) == DEEPEST_CATEGORY == 10


# --- Changing and moving --------------------------------------------------------------------------


def test_what_is_named_changes_and_the_rest_stays() -> None:
    kitchen = add("Kitchen", description="For cooks.")
    mugs = add("Mugs", kitchen, description="To drink from.")

    change(mugs, name="Cups")
    assert Category.objects.get(id=mugs).description == "To drink from."
    change(mugs, description="")
    assert Category.objects.get(id=mugs).description == ""
    change(kitchen)

    assert tree() == ["Kitchen", "Kitchen > Cups"]


def test_it_moves_with_everything_below_it() -> None:
    kitchen, garden = add("Kitchen"), add("Garden")
    tools = add("Tools", garden)
    mugs = add("Mugs", kitchen)
    add("Blue", mugs)

    change(mugs, parent_id=tools)
    assert tree() == [
        "Kitchen",
        "Garden",
        "Garden > Tools",
        "Garden > Tools > Mugs",
        "Garden > Tools > Mugs > Blue",
    ]

    change(mugs, parent_id=None, name="Cups")
    assert tree() == ["Kitchen", "Garden", "Garden > Tools", "Cups", "Cups > Blue"]

    change(mugs, parent_id=kitchen)
    change(kitchen, parent_id=tools)
    assert tree() == [
        "Garden",
        "Garden > Tools",
        "Garden > Tools > Kitchen",
        "Garden > Tools > Kitchen > Cups",
        "Garden > Tools > Kitchen > Cups > Blue",
    ]


def test_products_move_along() -> None:
    put_on_sale("mug", category=("Kitchen", "Mugs"))
    garden = add("Garden")
    mugs = Category.objects.get(name="Mugs")

    change(mugs.id, parent_id=garden)

    assert Product.objects.get().category == Category.objects.get(name="Mugs")
    assert tree() == ["Kitchen", "Garden", "Garden > Mugs"]


def test_the_same_place_is_no_move() -> None:
    kitchen = add("Kitchen")
    mugs = add("Mugs", kitchen)
    add("Bowls", kitchen)
    add("Garden")

    change(mugs, parent_id=kitchen)
    change(kitchen, parent_id=None)

    assert tree() == ["Kitchen", "Kitchen > Mugs", "Kitchen > Bowls", "Garden"]


def test_nothing_stands_in_itself() -> None:
    ids = a_column(3)

    for parent_id in ids:
        refusal = refused(partial(change, ids[0], parent_id=parent_id, name="other"))
        assert isinstance(refusal, InvalidCategoryPlace)
        assert refusal.category_id == ids[0]


def test_nothing_moves_deeper_than_the_tree_goes() -> None:
    ids = a_column(DEEPEST_CATEGORY - 1)
    kitchen = add("Kitchen")
    mugs = add("Mugs", kitchen)

    refusal = refused(lambda: change(kitchen, parent_id=ids[-1]))

    assert isinstance(refusal, InvalidCategoryPlace)
    assert refusal.category_id == kitchen
    change(mugs, parent_id=ids[-1])
    assert Category.objects.get(id=mugs).depth == DEEPEST_CATEGORY


def test_nothing_moves_beside_its_namesake() -> None:
    kitchen, garden = add("Kitchen"), add("Garden")
    mugs = add("Mugs", kitchen)
    add("MUGS", garden)

    refusal = refused(lambda: change(mugs, parent_id=garden))

    assert isinstance(refusal, CategoryNameTaken)
    assert refusal.name == "MUGS"
    change(mugs, parent_id=garden, name="Cups")


# --- Removing -------------------------------------------------------------------------------------


def test_an_empty_one_goes() -> None:
    kitchen = add("Kitchen")
    mugs = add("Mugs", kitchen)

    actions.remove_category(category_id=mugs)
    assert tree() == ["Kitchen"]
    actions.remove_category(category_id=kitchen)
    assert tree() == []
    add("Garden")


@pytest.mark.parametrize("is_published", [True, False])
def test_one_with_something_in_it_stays(is_published: bool) -> None:
    put_on_sale("mug", category=("Kitchen", "Mugs"))
    Product.objects.update(is_published=is_published)

    for name in ("Kitchen", "Mugs"):
        category_id = Category.objects.get(name=name).id
        refusal = refused(partial(actions.remove_category, category_id=category_id))
        assert isinstance(refusal, CategoryIsInUse)
        assert refusal.category_id == category_id


@pytest.mark.parametrize(
    "verb",
    [
        lambda _: add("Mugs", NOBODY),
        lambda _: change(NOBODY, name="Mugs"),
        lambda known: change(known, name="Mugs", parent_id=NOBODY),
        lambda _: actions.remove_category(category_id=NOBODY),
    ],
)
def test_one_that_is_not_there(verb: Callable[[int], Any]) -> None:
    kitchen = add("Kitchen")

    refusal = refused(lambda: verb(kitchen))

    assert isinstance(refusal, UnknownCategory)
    assert refusal.category_id == NOBODY

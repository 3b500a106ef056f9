"""One category at a time, as people edit the tree."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError
from django.db.models import QuerySet

from shop.catalog.actions._telling import tell_category
from shop.catalog.actions.clearing import tell_removed
from shop.catalog.errors import (
    CategoryIsInUse,
    CategoryNameTaken,
    InvalidCategoryPlace,
    UnknownCategory,
)
from shop.catalog.models import Category, Product
from shop.catalog.rules import DEEPEST_CATEGORY, check_category_name
from shop.lib.transactions import durable


def add_category(*, name: str, description: str = "", parent_id: int | None = None) -> int:
    """Add a category as the last one in its place, the top where no parent is named.

    Returns its id. Raises InvalidCategory, UnknownCategory, InvalidCategoryPlace or
    CategoryNameTaken.
    """
    name = name.strip()
    check_category_name(name)
    try:
        return _add(name, description, parent_id)
    except IntegrityError:
        # An empty tree has nothing to lock: somebody has just put up the first category. Now it
        # is there to be seen.
        return _add(name, description, parent_id)


@durable
def _add(name: str, description: str, parent_id: int | None) -> int:
    tree = _lock_tree()
    parent = _find(tree, parent_id) if parent_id is not None else None
    _check_place(parent, height=1, category_id=None)
    values = {"name": name, "description": description}
    new = (
        Category.objects.add_child(parent, values) if parent else Category.objects.add_root(values)
    )
    # Only now: whoever was faster in an empty tree has certainly been seen by its place.
    _check_name(parent, name, category_id=new.pk)
    tell_category("added", new.pk)
    return int(new.pk)


@durable
def change_category(*, category_id: int, changes: Mapping[str, Any]) -> None:
    """Change a category's `name`, `description` or `parent_id` (None: it stands at the top).

    With another parent it moves, with everything below it, to the last place there. Raises
    UnknownCategory, InvalidCategory, InvalidCategoryPlace or CategoryNameTaken.
    """
    tree = _lock_tree()
    category = _find(tree, category_id)
    above = Category.objects.get_parent(category)
    parent = above
    if "parent_id" in changes:
        parent_id = changes["parent_id"]
        parent = _find(tree, parent_id) if parent_id is not None else None
    name = changes.get("name", category.name).strip()
    check_category_name(name)
    _check_name(parent, name, category_id=category_id)
    category.name = name
    category.description = changes.get("description", category.description)
    category.save(update_fields=["name", "description"])
    if parent != above:
        _move(category, parent)
    tell_category("changed", category_id)


@durable
def remove_category(*, category_id: int) -> None:
    """Remove an empty category. Raises UnknownCategory or CategoryIsInUse."""
    category = _find(_lock_tree(), category_id)
    if not category.is_leaf() or Product.objects.filter(category_id=category_id).exists():
        raise CategoryIsInUse(category_id=category_id)
    tell_removed([str(category.image)] if category.image else [])
    tell_category("removed", category_id)
    category.delete()


def _lock_tree() -> "QuerySet[Category]":
    """Lock the whole tree: places depend on their neighbours' places."""
    tree: QuerySet[Category] = Category.objects.select_for_update().order_by("path")
    list(tree)
    return tree


def _find(tree: "QuerySet[Category]", category_id: int) -> Category:
    found: Category | None = next((node for node in tree if node.pk == category_id), None)
    if found is None:
        raise UnknownCategory(category_id=category_id)
    return found


def _move(category: Category, parent: Category | None) -> None:
    if parent is not None and parent.path.startswith(category.path):
        raise InvalidCategoryPlace(category_id=category.pk)
    deepest = max(node.depth for node in Category.objects.get_tree(category))
    _check_place(parent, height=deepest - category.depth + 1, category_id=category.pk)
    if parent is not None:
        Category.objects.move(category, parent, "last-child")
    else:
        Category.objects.move(category, Category.objects.get_root(category), "last-sibling")


def _check_place(parent: Category | None, *, height: int, category_id: int | None) -> None:
    """Raise InvalidCategoryPlace where so many levels do not fit below the parent."""
    if (parent.depth if parent else 0) + height > DEEPEST_CATEGORY:
        raise InvalidCategoryPlace(category_id=category_id)


def _check_name(parent: Category | None, name: str, *, category_id: int | None) -> None:
    """Raise CategoryNameTaken where a neighbour has the name, in whatever case."""
    neighbours = (
        Category.objects.get_children(parent) if parent else Category.objects.get_root_nodes()
    )
    for neighbour in neighbours:
        if neighbour.pk != category_id and neighbour.name.casefold() == name.casefold():
            raise CategoryNameTaken(name=neighbour.name)

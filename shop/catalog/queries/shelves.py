"""Reads about the tree of categories."""

from django.db.models import Q, QuerySet

from shop.catalog.errors import UnknownCategory
from shop.catalog.models import Category


def top_categories(*, besides: int | None = None) -> "QuerySet[Category]":
    """Return the shelves nearest to the door and those right on them, in the order of the tree.

    `besides` names one that is wanted wherever it stands.
    """
    wanted = Q(depth__lte=2) if besides is None else Q(depth__lte=2) | Q(id=besides)
    found: QuerySet[Category] = Category.objects.filter(wanted).order_by("path")
    return found


def category(category_id: int) -> Category:
    """Return one category, in one query. Raises UnknownCategory."""
    found: Category | None = Category.objects.filter(id=category_id).first()
    if found is None:
        raise UnknownCategory(category_id=category_id)
    return found


def way_to(category: Category) -> list[Category]:
    """Return the categories above one, the highest first; at most one query."""
    return [] if category.is_root() else list(Category.objects.get_ancestors(category))


def around(category: Category) -> tuple[list[Category], list[Category]]:
    """Return the categories above one, the highest first, and those right on it: one query."""
    steps = range(category.steplen, len(category.path), category.steplen)
    above = Q(path__in=[category.path[:step] for step in steps])
    below = Q(path__startswith=category.path, depth=category.depth + 1)
    found = list(Category.objects.filter(above | below).order_by("path"))
    return (
        [node for node in found if node.depth < category.depth],
        [node for node in found if node.depth > category.depth],
    )


def category_paths() -> dict[tuple[str, ...], int]:
    """Return the id of every category by the names on the way to it, in one query.

    Of two that share their names the first one counts.
    """
    names: dict[str, tuple[str, ...]] = {}
    found: dict[tuple[str, ...], int] = {}
    rows = Category.objects.order_by("path").values_list("path", "name", "id")
    for path, name, category_id in rows:
        names[path] = (*names.get(path[: -Category.steplen], ()), name)
        found.setdefault(names[path], category_id)
    return found

"""Finding the way along paths of category names, and making it where there is none."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from shop.catalog.models import Category

Path = tuple[str, ...]
_BASE = len(Category.alphabet)


def category_ids(paths: Collection[Path]) -> dict[Path, int]:
    """Return the id of the category at the end of each path, having made what is missing.

    Names are compared without regard to case. The number of queries does not depend on how many
    categories there are or have to be made, which is why they are not added one by one.
    """
    tree = _read(Category.objects.all())
    if any(tree.find(path) is None for path in paths):
        # Whoever adds categories at the same time waits here, or, in an empty shop, collides with
        # us on the unique place in the tree.
        tree = _read(Category.objects.select_for_update())
        _write(tree, tree.grow(paths))
    return {path: tree.ids[place] for path in paths if (place := tree.find(path))}


@dataclass(slots=True)
class _Tree:
    """All categories by their place: treebeard's path, four characters for each level."""

    ids: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    children: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    last: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, place: str, name: str) -> None:
        parent, step = place[: -Category.steplen], place[-Category.steplen :]
        self.names[place] = name
        self.children[parent].setdefault(name.casefold(), place)
        self.last[parent] = max(self.last[parent], int(step, _BASE))

    def find(self, path: Path) -> str | None:
        """Return the place at the end of the path, if every step of it exists."""
        place: str | None = ""
        for name in path:
            place = self.children[place].get(name.casefold()) if place is not None else None
        return place

    def grow(self, paths: Iterable[Path]) -> list[str]:
        """Add what is missing along the paths; return the new places."""
        new = []
        for path in paths:
            place = ""
            for name in path:
                known = self.children[place].get(name.casefold())
                if known is None:
                    known = place + _step(self.last[place] + 1)
                    self.add(known, name)
                    new.append(known)
                place = known
        return new


def _read(categories: "Iterable[Category]") -> _Tree:
    tree = _Tree()
    for category in categories:
        tree.add(category.path, category.name)
        tree.ids[category.path] = category.id
    return tree


def _write(tree: _Tree, new: Collection[str]) -> None:
    Category.objects.bulk_create(
        Category(
            path=place,
            depth=len(place) // Category.steplen,
            numchild=len(tree.children[place]),
            name=tree.names[place],
        )
        for place in new
    )
    parents = {place[: -Category.steplen] for place in new} & tree.ids.keys()
    Category.objects.bulk_update(
        [Category(id=tree.ids[place], numchild=len(tree.children[place])) for place in parents],
        ["numchild"],
    )
    tree.ids |= dict(Category.objects.filter(path__in=new).values_list("path", "id"))


def _step(number: int) -> str:
    """Return the last characters of the path of a parent's so-many-eth child."""
    digits = ""
    while number:
        number, digit = divmod(number, _BASE)
        digits = Category.alphabet[digit] + digits
    return digits.rjust(Category.steplen, Category.alphabet[0])

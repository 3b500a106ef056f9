"""How the packages of `shop/` may come to each other, and what their files are called."""

import ast
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.architecture.house import (
    Import,
    Source,
    Violation,
    imports_of,
    is_face,
    is_toolbox,
    rows,
)

DOORS = frozenset({"rules", "queries", "actions", "errors"})
FILE_NAMES = frozenset({"errors", "rules", "models", "queries", "actions", "tasks"})

# The only package whose business is everybody's tables: Django's admin is made of models.
SEES_MODELS = "backoffice"
HAS_COMMANDS = "ops"

_FREE_FILES = {"__init__.py", "apps.py"}
_FREE_FOLDERS = {"migrations", "templates", "tests"}
_PACKAGES = frozenset[str]().union(*rows())
_CALLS_BY_NAME = {"get_model", "import_module", "import_string"}


def closed_doors(source: Source) -> Iterator[Violation]:
    """Other packages come in by rules, queries, actions and errors only.

    For types alone (`if TYPE_CHECKING:`) a model can be named too: what a query returns has a name.
    """
    if source.is_test:
        return
    doors = DOORS | ({"models"} if source.package == SEES_MODELS else set())
    rule = f"goes past the doors of shop/: {', '.join(sorted(doors))}"
    for found in imports_of(source):
        open_here = doors | ({"models"} if found.only_for_types else set())
        if not _is_open(found, package=source.package, doors=open_here):
            yield source.violation(found.node, f"{found.dotted} {rule}")


def _is_open(found: Import, *, package: str, doors: frozenset[str]) -> bool:
    root, *inside = found.module
    if root != "shop":
        return True
    if len(inside) < 2 and found.name:
        # `from shop.orders import actions` names a door as `from shop.orders.actions import` does.
        inside.append(found.name)
    if inside and (inside[0] == package or is_toolbox(inside[0])):
        return True
    # The door itself and not what is behind it: `orders.actions`, never `orders.actions.living`.
    return len(inside) == 2 and inside[1] in doors


def reached_by_name(source: Source) -> Iterator[Violation]:
    """Nobody goes round the doors by importing another package, or getting its model, by name."""
    if source.is_test:
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or _called(node) not in _CALLS_BY_NAME:
            continue
        for argument in node.args[:1]:
            text = str(argument.value) if isinstance(argument, ast.Constant) else ""
            named = text.removeprefix("shop.").split(".")[0]
            if named in _PACKAGES - {source.package} and not is_toolbox(named):
                yield source.violation(node, f"{text!r} goes round the doors: import it")


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func).rsplit(".", 1)[-1]


def uses_of_tests(source: Source) -> Iterator[Violation]:
    """The shop runs without its tests."""
    if source.is_test:
        return
    for found in imports_of(source):
        root, *inside = found.dotted.split(".")
        if root == "tests" or (root == "shop" and "tests" in inside):
            yield source.violation(found.node, f"{found.dotted} is for tests only")


def furnished_halls(source: Source) -> Iterator[Violation]:
    """`shop/<package>/__init__.py` imports nothing, or every door would lead through it."""
    if source.path.endswith("/__init__.py") and not source.role:
        for found in imports_of(source):
            yield source.violation(
                found.node, "a package's own __init__.py imports nothing: every door leads by it"
            )


def wrong_place(path: PurePosixPath) -> str | None:
    """Say what is wrong with the place of a file of `shop/`, None where it is right."""
    package, *inside = path.parts[1:]
    if not inside:
        return None if package == "__init__.py" else "shop/ holds packages, no files"
    if "management" in inside and package != HAS_COMMANDS:
        return f"management commands live in shop/{HAS_COMMANDS}/"
    if is_face(package) or is_toolbox(package) or _is_named(inside):
        return None
    return f"none of the six names: {', '.join(sorted(FILE_NAMES))}"


def _is_named(inside: list[str]) -> bool:
    if len(inside) > 1:
        return inside[0] in FILE_NAMES | _FREE_FOLDERS
    return inside[0] in _FREE_FILES | {f"{name}.py" for name in FILE_NAMES}

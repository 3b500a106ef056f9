"""What the architecture tests know of the house: its rows, its files, and what a file imports."""

import ast
import os
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINTER_FILE = ROOT / ".importlinter"

# Folders without code of ours, besides those whose names begin with a dot.
_NOT_OURS = {"__pycache__", "migrations", "node_modules", "var"}


@cache
def rows() -> tuple[frozenset[str], ...]:
    """Return the packages of `shop/` row by row, the lowest row first."""
    config = ConfigParser()
    config.read_string(LINTER_FILE.read_text(encoding="utf-8"))
    lines = config["importlinter:contract:rows"]["layers"].split("\n")
    names = [frozenset(name.strip(" ()") for name in line.split("|")) for line in lines if line]
    return tuple(reversed(names))


@cache
def row_of(package: str) -> int:
    """Return the number of the row in which a package stands; the lowest is 1."""
    return next(number for number, row in enumerate(rows(), start=1) if package in row)


def is_face(package: str) -> bool:
    """Tell whether people or machines reach the shop by this package: the top row."""
    return package in rows()[-1]


def is_toolbox(package: str) -> bool:
    """Tell whether this package knows no shop: the bottom row."""
    return package in rows()[0]


@dataclass(frozen=True, slots=True)
class Violation:
    """A line that breaks a rule of the house."""

    path: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}"


@dataclass(frozen=True, slots=True)
class Source:
    """A Python file below `shop/`; `path` is relative to the root of the repository."""

    path: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> "Source":
        """Read a file's text. Raises SyntaxError."""
        return cls(path=path, tree=ast.parse(text, filename=path))

    @property
    def module(self) -> tuple[str, ...]:
        """The dotted name of the module, in parts."""
        parts = self.path.removesuffix(".py").split("/")
        return tuple(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        """The package of `shop/` it belongs to, empty for `shop/__init__.py`."""
        return self.module[1] if len(self.module) > 1 else ""

    @property
    def role(self) -> str:
        """The name of its file or folder inside the package: `rules`, `actions`, `views`."""
        return self.module[2] if len(self.module) > 2 else ""

    @property
    def is_test(self) -> bool:
        """Tell whether it lies in a folder of tests."""
        return "tests" in self.module

    def violation(self, node: "ast.stmt | ast.expr", rule: str) -> Violation:
        """Return a violation by this piece of the file."""
        return Violation(path=self.path, line=node.lineno, rule=rule)


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a file imports: `from module import name`, or `import module` without one.

    `bound` is what the file calls it.
    """

    node: ast.stmt
    module: tuple[str, ...]
    name: str | None
    bound: str
    only_for_types: bool

    @property
    def dotted(self) -> str:
        """Everything it names, in one string."""
        return ".".join([*self.module, *([self.name] if self.name else [])])


def imports_of(source: Source) -> Iterator[Import]:
    """Yield every import of a file, wherever in it it stands."""
    for_types = set(_type_checking_nodes(source.tree))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                module = tuple(alias.name.split("."))
                yield Import(node, module, None, alias.asname or module[0], node in for_types)
        elif isinstance(node, ast.ImportFrom):
            module = _origin(node, source)
            for alias in node.names:
                bound = alias.asname or alias.name
                yield Import(node, module, alias.name, bound, node in for_types)


def _origin(node: ast.ImportFrom, source: Source) -> tuple[str, ...]:
    """Return the module after `from`, a relative one made absolute."""
    named = tuple(node.module.split(".")) if node.module else ()
    if not node.level:
        return named
    is_package = source.path.endswith("/__init__.py")
    up = node.level - is_package
    return source.module[: len(source.module) - up] + named


def _type_checking_nodes(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for statement in node.body:
                yield from ast.walk(statement)


@cache
def shop_sources() -> tuple[Source, ...]:
    """Return every Python file below `shop/` but migrations, tests included."""
    paths = (path for path in own_python_files() if path.parts[0] == "shop")
    return tuple(
        Source.parse(path.as_posix(), (ROOT / path).read_text(encoding="utf-8")) for path in paths
    )


@cache
def own_python_files() -> tuple[Path, ...]:
    """Return all Python files of ours but migrations, relative to the root of the repository."""
    found: list[Path] = []
    for folder, below, files in os.walk(ROOT):
        below[:] = [name for name in below if name not in _NOT_OURS and name[0] != "."]
        found += [Path(folder, name).relative_to(ROOT) for name in files if name.endswith(".py")]
    return tuple(sorted(found))

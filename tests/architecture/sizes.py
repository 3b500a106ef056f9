"""How long our files and functions are. `python -m tests.architecture.sizes` prints the figures."""

import ast
import sys
from collections.abc import Iterator, Mapping
from math import ceil
from pathlib import Path
from statistics import median

from tests.architecture.house import ROOT, own_python_files

LONGEST_FILE = 400
LONGEST_FUNCTION = 40

# What an exception may be shorter than written down before it has to be written down anew.
_SLACK = 5


def file_sizes() -> dict[str, int]:
    """Return the lines of every file of ours that is not empty."""
    texts = {path.as_posix(): _read(path) for path in own_python_files()}
    return {name: len(text.splitlines()) for name, text in texts.items() if text}


def function_sizes() -> dict[str, int]:
    """Return the lines of every function of ours, from `def` to its end; `path::Class.name`."""
    return {
        f"{path.as_posix()}::{name}": size
        for path in own_python_files()
        for name, size in functions_in(_read(path))
    }


def functions_in(text: str) -> Iterator[tuple[str, int]]:
    """Yield the name and the lines of each function of a module, of inner ones as well."""
    yield from _functions_below(ast.parse(text), prefix="")


def _functions_below(node: ast.AST, *, prefix: str) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        inner = prefix
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{prefix}{child.name}."
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield inner[:-1], (child.end_lineno or child.lineno) - child.lineno + 1
        yield from _functions_below(child, prefix=inner)


def _read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def complaints(sizes: Mapping[str, int], *, limit: int, exceptions: Mapping[str, int]) -> list[str]:
    """Say what is too long, and which exceptions have to go or to shrink."""
    return [
        *_too_long(sizes, limit=limit, exceptions=exceptions),
        *_outlived(sizes, limit=limit, exceptions=exceptions),
    ]


def _too_long(
    sizes: Mapping[str, int], *, limit: int, exceptions: Mapping[str, int]
) -> Iterator[str]:
    for name, size in sizes.items():
        allowed = exceptions.get(name, limit)
        if size > allowed:
            yield f"{name} has {size} lines, {allowed} are allowed: split it"


def _outlived(
    sizes: Mapping[str, int], *, limit: int, exceptions: Mapping[str, int]
) -> Iterator[str]:
    for name, allowed in exceptions.items():
        size = sizes.get(name)
        if size is None:
            yield f"{name} is gone: take it off the exceptions"
        elif size <= limit:
            yield f"{name} is within {limit} lines: take it off the exceptions"
        elif size < allowed - _SLACK:
            yield f"{name} has shrunk to {size} lines: write {size} for {allowed}"


def summary(sizes: Mapping[str, int]) -> str:
    """Say the median, the size nine in ten stay within, and the longest by name."""
    ordered = sorted(sizes.values())
    ninth = ordered[ceil(len(ordered) * 0.9) - 1]
    longest = max(sizes, key=lambda name: sizes[name])
    return (
        f"{len(sizes)}, median {median(ordered):g}, p90 {ninth}, "
        f"longest {sizes[longest]} ({longest})"
    )


if __name__ == "__main__":
    sys.stdout.write(f"files:     {summary(file_sizes())}\n")
    sys.stdout.write(f"functions: {summary(function_sizes())}\n")

"""What may not be done in a file of `shop/`, whatever it imports: one function for each habit."""

import ast
from collections.abc import Iterator

from tests.architecture.house import Source, Violation, imports_of

# What rules and errors may import besides the shop: pure parts of the standard library. That they
# reach nothing else by way of the shop is checked by import-linter.
PURE_LIBRARY = {
    "__future__",
    "abc",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "string",
    "textwrap",
    "types",
    "typing",
    "unicodedata",
    "uuid",
}

_CLOCK_AND_CHANCE = {"now", "today", "utcnow", "uuid1", "uuid4"}
_INPUT_AND_OUTPUT = {"breakpoint", "eval", "exec", "input", "open", "print", "__import__"}
_SIGNALS = {"django.dispatch", "django.db.models.signals", "django.contrib.auth.signals"}
_BARE_TASKS = {"apply_async", "delay", "send_task"}
_CARRIERS = "shop/events/actions/transports/"
_WRITES = {
    "abulk_create",
    "acreate",
    "adelete",
    "asave",
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "save",
    "update_or_create",
}


def impure_imports(source: Source) -> Iterator[Violation]:
    """Rules and errors import the shop and pure parts of the standard library, nothing else."""
    if source.role not in {"rules", "errors"}:
        return
    for found in imports_of(source):
        if found.module[0] not in PURE_LIBRARY | {"shop"} and not found.only_for_types:
            yield source.violation(
                found.node, f"{found.dotted}: {source.role} import nothing that is not pure"
            )


def impure_calls(source: Source) -> Iterator[Violation]:
    """Rules decide on what they are given: no clock, no chance, no input, no output."""
    if source.role not in {"rules", "errors"}:
        return
    for node, name, is_method in _calls(source):
        if name in _CLOCK_AND_CHANCE or (name in _INPUT_AND_OUTPUT and not is_method):
            yield source.violation(node, f"{name}(): {source.role} are given what they depend on")


def signals(source: Source) -> Iterator[Violation]:
    """Reading a verb shows everything that happens: nothing listens to it behind its back."""
    for found in imports_of(source):
        module = ".".join(found.module)
        if module in _SIGNALS or found.dotted in _SIGNALS:
            yield source.violation(found.node, "no signals between our own packages: call or emit")


def bare_tasks(source: Source) -> Iterator[Violation]:
    """Work for later starts from an event or the schedule, or it is lost with the process.

    What carries the events themselves is where that ends.
    """
    if source.path.startswith(_CARRIERS):
        return
    for node, name, is_method in _calls(source):
        if name in _BARE_TASKS and is_method:
            yield source.violation(node, f".{name}(): work for later starts from an event")


def writing_queries(source: Source) -> Iterator[Violation]:
    """Queries ask; writing is for actions."""
    if source.role != "queries" or source.is_test:
        return
    for node, name, is_method in _calls(source):
        if is_method and (name in _WRITES or (name == "update" and _is_queryset(node))):
            yield source.violation(node, f".{name}(): queries ask, actions write")


def _is_queryset(node: ast.Call) -> bool:
    """Tell a queryset's `update` from a dictionary's, by what it is called on."""
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    return isinstance(receiver, ast.Call) or ast.unparse(receiver).endswith("objects")


def _calls(source: Source) -> Iterator[tuple[ast.Call, str, bool]]:
    """Yield each call with the last part of what is called, and whether a dot stands before it."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            yield node, node.func.attr, True
        elif isinstance(node.func, ast.Name):
            yield node, node.func.id, False

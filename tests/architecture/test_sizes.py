"""A file stays within 400 lines and a function within 40; the exceptions can only become fewer."""

import pytest

from tests.architecture.sizes import (
    LONGEST_FILE,
    LONGEST_FUNCTION,
    complaints,
    file_sizes,
    function_sizes,
    functions_in,
    summary,
)

pytestmark = pytest.mark.once

# What is too long, and how long it is: to be split, never to be added to.
LONG_FILES: dict[str, int] = {}
LONG_FUNCTIONS: dict[str, int] = {}


def test_files_are_short() -> None:
    sizes = file_sizes()
    assert {"manage.py", "shop/lib/fields.py", "tests/architecture/sizes.py"} <= sizes.keys()
    assert not complaints(sizes, limit=LONGEST_FILE, exceptions=LONG_FILES)


def test_functions_are_short() -> None:
    sizes = function_sizes()
    assert {"manage.py::main", "shop/lib/fields.py::ExactCharField.db_parameters"} <= sizes.keys()
    assert not complaints(sizes, limit=LONGEST_FUNCTION, exceptions=LONG_FUNCTIONS)


def test_functions_are_measured_from_def_to_their_end() -> None:
    text = """
@decorated
def outer(a):
    '''Says something.'''

    async def inner():
        return a

    return inner

class Thing:
    class Inner:
        def method(self): ...
"""
    assert dict(functions_in(text)) == {"outer": 7, "outer.inner": 2, "Thing.Inner.method": 1}


@pytest.mark.parametrize(
    ("size", "exceptions", "complaint"),
    [
        (40, {}, None),
        (41, {}, "a has 41 lines, 40 are allowed: split it"),
        (60, {"a": 60}, None),
        (61, {"a": 60}, "a has 61 lines, 60 are allowed: split it"),
        (55, {"a": 60}, None),
        (54, {"a": 60}, "a has shrunk to 54 lines: write 54 for 60"),
        (40, {"a": 60}, "a is within 40 lines: take it off the exceptions"),
        (40, {"b": 60}, "b is gone: take it off the exceptions"),
    ],
)
def test_exceptions_only_shrink(
    size: int, exceptions: dict[str, int], complaint: str | None
) -> None:
    expected = [complaint] if complaint else []
    assert complaints({"a": size}, limit=40, exceptions=exceptions) == expected


def test_summary_names_the_longest() -> None:
    sizes = {f"f{size}": size for size in range(1, 11)}
    assert summary(sizes) == "10, median 5.5, p90 9, longest 10 (f10)"

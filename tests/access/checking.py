"""Whether the matrix speaks of every route of the shop, and of nothing else."""

from collections.abc import Iterable, Iterator

from tests.access import matrix_admin, matrix_api, matrix_pages
from tests.access.routes import Route
from tests.access.rows import route_of

_TABLES = {
    "admin/": ("tests/access/matrix_admin.py", matrix_admin.MATRIX),
    "api/": ("tests/access/matrix_api.py", matrix_api.MATRIX),
    "": ("tests/access/matrix_pages.py", matrix_pages.MATRIX),
}


def gaps(routes: Iterable[Route]) -> list[str]:
    """Return, a sentence each, what has to be added to the matrix, and what taken out of it."""
    known = list(routes)
    return [*_missing(known), *_left_over(known)]


def _missing(routes: Iterable[Route]) -> Iterator[str]:
    for route in routes:
        label, verb = matrix_admin.place_of(route)
        file, table = _table_of(route)
        if not label:
            if route.address not in {route_of(key) for key in table}:
                yield f"{route} has no row: say in MATRIX of {file} what its methods answer"
        elif label not in matrix_admin.MODELS:
            yield f"{route} has no row: say in MODELS of {file} who may do what to {label}"
        elif matrix_admin.made_row(route) is None:
            yield f"{route} has no row: say in MODELS of {file} who may press {verb!r} of {label}"


def _left_over(routes: Iterable[Route]) -> Iterator[str]:
    addresses = {route.address for route in routes}
    for file, table in _TABLES.values():
        for key in table:
            if route_of(key) not in addresses:
                yield f"{key} is no route: take it out of MATRIX of {file}"
    places = {matrix_admin.place_of(route) for route in routes}
    for label, kind in matrix_admin.MODELS.items():
        for verb in ("changelist", *kind.buttons):
            if (label, verb) not in places:
                yield f"{label} has no {verb!r}: take it out of MODELS of {_TABLES['admin/'][0]}"


def _table_of(route: Route) -> tuple[str, Iterable[str]]:
    return next(found for prefix, found in _TABLES.items() if route.address.startswith(prefix))

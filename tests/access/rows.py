"""What a row of the matrix is: an address, and what everybody gets there by each method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# A word for 302 to the page where one signs in.
SIGN_IN = "sign-in"
NO_SUCH_METHOD = "405"

Table = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """What everybody gets at an address: a status, or SIGN_IN, by method and person.

    `case` says which of several rows with this route it is: whose cart it is about, for example.
    """

    route: str
    case: str
    cells: Mapping[str, Mapping[str, str]]
    address: str = ""
    bodies: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.route} [{self.case}]" if self.case else self.route


def read_table(
    table: Table,
    people: Sequence[str],
    *,
    bodies: Mapping[str, str],
    addresses: Mapping[str, str],
    others: str,
) -> list[Row]:
    """Return the rows of a table; `others` is what a method answers that a row does not name.

    `bodies` are what is sent instead of nothing, by method and key: `POST cart/`. `addresses` are
    those of routes that are regular expressions, and of those that need a query. Raises ValueError
    for one of them that belongs to no row.
    """
    lost = bodies.keys() - {f"{method} {key}" for method in METHODS for key in table}
    lost |= addresses.keys() - table.keys()
    if lost:
        raise ValueError(f"these belong to no row: {sorted(lost)}")
    return [
        _row(key, {"ANY": others, **methods}, people, bodies, addresses.get(key, ""))
        for key, methods in table.items()
    ]


def route_of(key: str) -> str:
    """Return the route of a key: `cart/ [ordered]` is about `cart/`."""
    return key.partition(" [")[0]


def _row(
    key: str,
    methods: Mapping[str, str],
    people: Sequence[str],
    bodies: Mapping[str, str],
    address: str,
) -> Row:
    said = {method: methods.get(method, methods["ANY"]) for method in METHODS}
    return Row(
        route=route_of(key),
        case=key.partition(" [")[2].removesuffix("]"),
        cells={
            method: dict(zip(people, words.split(), strict=True)) for method, words in said.items()
        },
        address=address or route_of(key),
        bodies={m: bodies[f"{m} {key}"] for m in METHODS if f"{m} {key}" in bodies},
    )

"""How quick the shop has to be while a crowd is in it.

The figures are for two cores that the servers, the database and the load generator share. Up to
CROWD people they are what somebody at a screen calls quick. More people than that may wait longer,
in proportion; nobody may get an error.
"""

from dataclasses import dataclass

# So many people two cores are there for.
CROWD = 200
# Fewer answers than these say nothing about one in twenty.
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Group:
    """Addresses that are alike. Nineteen answers in twenty come within `p95_ms`."""

    name: str
    what: str
    p95_ms: int


GROUPS = (
    Group("pages", "home, categories, lists, products, search", 500),
    Group("own", "cart, checkout, orders, and what changes a cart", 500),
    Group("order", "POST /checkout/ and POST /api/orders/", 400),
    Group("door", "signing in and up: a password is hashed, on purpose slowly", 800),
    Group("api", "GET under /api/", 500),
    Group("change", "other writes under /api/", 500),
    Group("files", "style sheets, scripts, pictures", 100),
)

# Pages, forms and calls for each person and second, files not counted. People think for seconds, so
# this hardly depends on the shop, until it is so slow that they wait for it instead. Those who only
# look around think longest: in a shop that answers half of it in 20 ms they come to 0.166.
RATE_PER_PERSON = 0.16


def limit_ms(group: Group, *, users: int, slack: float) -> float:
    """Return how long nineteen of twenty may take with so many people in the shop."""
    return group.p95_ms * max(1.0, users / CROWD) * slack


def least_rate(*, users: int, slack: float) -> float:
    """Return how much so many people get done in a second at least."""
    return RATE_PER_PERSON * min(users, CROWD) / slack

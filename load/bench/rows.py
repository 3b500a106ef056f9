"""The rows of the table: what each measures, and which limit it is held against.

* A page that everybody sees could come out of nginx's own cache: `product_page` is held against
  `cached_static`.
* Whatever is made anew for a request could be the same 24 rows through the ORM and a serializer
  and nothing else: lists, searches and API answers, and the page without its caches, are held
  against `bare_view`.
* Whatever writes could be a transaction of a few prepared statements: an order is held against the
  order-shaped one over many rows or one, and putting something in a cart, which locks a row that
  nobody else wants, against the one over many.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class UnknownRowError(Exception):
    """The message says which row there is not, and which there are."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `limit` is the name of the row that it cannot be faster than."""

    name: str
    limit: str | None
    what: str


ROWS = (
    Row("static_page", None, "nginx: a file, the product page byte for byte"),
    Row("cached_static", "static_page", "nginx: that body out of its own cache"),
    Row("bare_view", None, "Django: 24 products, one serializer, no middleware"),
    Row("pgbench_spread", None, "PostgreSQL: order-shaped transactions, many rows"),
    Row("pgbench_hot", None, "PostgreSQL: order-shaped transactions, one row"),
    Row("product_page", "cached_static", "a product's page"),
    Row("product_page_uncached", "bare_view", "a product's page, made anew each time"),
    Row("product_page_half", "product_page_uncached", "the same at half of that rate"),
    Row(
        "browser_mix", "cached_static", "pages of 4,000 products, some wanted far more than others"
    ),
    Row("product_list", "bare_view", "the first page of all products"),
    Row("search", "bare_view", "a search with results"),
    Row("api_product", "bare_view", "a product, from the API"),
    Row("api_list", "bare_view", "24 products, from the API"),
    Row("add_to_cart", "pgbench_spread", "the form that puts something in a cart"),
    Row("order_spread", "pgbench_spread", "POST /api/orders/, all products in turn"),
    Row("order_hot", "pgbench_hot", "POST /api/orders/, 128 buyers of the same product"),
    Row("order_hot_16", "pgbench_hot", "the same, 16 buyers"),
    Row("action_spread", "pgbench_spread", "place_order by 2 processes of 32 threads, no HTTP"),
    Row("action_hot", "pgbench_hot", "the same, everybody the same product"),
)
NAMES = tuple(row.name for row in ROWS)


def chosen(text: str) -> Sequence[Row]:
    """Return the rows that `text` names, separated by commas, in the table's order; all for none.

    Raises UnknownRowError.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in NAMES:
            raise UnknownRowError(f"there is no row {name!r}; there are {', '.join(NAMES)}")
    return [row for row in ROWS if row.name in names or not names]

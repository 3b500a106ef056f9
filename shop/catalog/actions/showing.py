"""What is kept of the catalogue for everybody, and letting it be made anew when it changes.

Whoever tells that products or categories have changed (`_telling`) lets them be shown anew: what
was kept of them holds no longer as soon as the transaction is committed. Should the process die
just then, whoever hears the news sees to it.
"""

from collections.abc import Collection, Iterable

from shop.catalog.rules import CATALOGUE, CATEGORIES, PRODUCT
from shop.events import actions as events
from shop.lib.public.generations import renew_after_commit
from shop.lib.transactions import require_transaction


def generations_of(product_ids: Iterable[int] = (), *, categories: bool = False) -> list[str]:
    """Return what changes with these products, or with the names and pictures of categories.

    Parts come before the wholes that are made of them: where a cache takes one away after the
    other, nobody makes a whole that holds of parts that are about to hold no longer.
    """
    names = [PRODUCT.format(product_id=product_id) for product_id in product_ids]
    return [*names, CATEGORIES, CATALOGUE] if categories else [*names, CATALOGUE]


def show_anew(
    product_ids: Iterable[int] = (), *, categories: bool = False, besides: Collection[str] = ()
) -> None:
    """Let something be shown as it is now that is no change of a product itself; tell so.

    `besides` are other generations. Raises OutsideTransactionError.
    """
    require_transaction()
    names = [*besides, *generations_of(product_ids, categories=categories)]
    renew_after_commit(names)
    events.emit(name="catalogue.changed", subject="catalogue", payload={"generations": names})

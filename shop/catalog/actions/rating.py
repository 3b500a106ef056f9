"""What products remember of their reviews."""

from collections.abc import Callable, Collection, Mapping

from shop.catalog.actions._products import lock_products, write_products
from shop.catalog.actions.showing import show_anew
from shop.catalog.rules import REVIEWS, Stars
from shop.lib.transactions import require_transaction

_NO_STARS = Stars(sum=0, count=0)


def lock(*, product_ids: Collection[int]) -> None:
    """Lock products in key order, for those who write what belongs to them.

    Before they write it: rows that name a product hold it, and two who hold it can both not lock
    it any more. Raises OutsideTransactionError.
    """
    require_transaction()
    lock_products(product_ids)


def rate(
    *, product_ids: Collection[int], stars: Callable[[Collection[int]], Mapping[int, Stars]]
) -> None:
    """Write down what reviewers say of products; `stars` counts it, by product.

    It is asked once the products are locked, so that it sees what others wrote meanwhile. Raises
    OutsideTransactionError.
    """
    require_transaction()
    products = lock_products(product_ids)
    counted = stars(products)
    for product_id, product in products.items():
        given = counted.get(product_id, _NO_STARS)
        product.rating = given.rating
        product.rating_rank = given.rating or 0
        product.review_count = given.count
    write_products(list(products.values()), {"rating", "rating_rank", "review_count"})
    show_anew(products, besides=[REVIEWS])

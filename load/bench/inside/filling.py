"""People with a token and a full cart, as many as a run of orders needs; and stock for all."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import cycle, islice
from typing import Any
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import connection

from shop.accounts.models import User
from shop.accounts.rules import email_key, username_key
from shop.api.tokens import Access
from shop.cart.models import Cart, CartLine
from shop.catalog import actions as catalog_actions
from shop.catalog import queries as catalog
from shop.catalog.models import Product, Variant
from shop.catalog.rules import Offer, ProductRow
from shop.inventory import actions as inventory
from shop.inventory.models import StockLevel, StockLocation
from shop.orders.models import Order

# More than can be ordered in any run.
_UNITS = 1_000_000_000
_ROWS_AT_ONCE = 2_000
_PRODUCTS = 4_000
_ROWS_OF_PRODUCTS = 500
_NAME = "bench-"
# In the shop itself a token lives for ten minutes.
_LONGEST_RUN = timedelta(hours=2)


def facts(*, many: bool) -> dict[str, Any]:
    """Fill the shelves, with `many` products if so, and return what there is to see and to buy."""
    if many:
        _add_products()
    goods = _goods()
    location = StockLocation.objects.filter(is_active=True).earliest("position", "id")
    units = {offer.variant_id: _UNITS for offer in goods}
    inventory.receive(units=units, location_code=location.code, reference="bench")
    return {
        "product": goods[0].product_id,
        "products": list(dict.fromkeys(offer.product_id for offer in goods)),
        "categories": list(Product.objects.values_list("category_id", flat=True).distinct()),
        "search": _frequent_word(),
        # One variant of each of some products, for carts.
        "goods": [[offer.product_id, offer.variant_id] for offer in goods],
    }


def buyers(*, count: int, hot: bool) -> list[tuple[str, str]]:
    """Return the access token and the cart of so many people, each with one line in it.

    Everybody has the same product in it (`hot`), or all products are there in turn.
    """
    goods = _goods()
    return _with_carts(count, [goods[0]] if hot else goods)


def flash_sale(*, units: int, count: int) -> tuple[int, list[tuple[str, str]]]:
    """Put a new product of so many units on sale, and one of it in the carts of so many people.

    Returns its variant, and everybody's access token and cart. Who went away empty from the sale
    before has no cart any more.
    """
    sku = f"flash-{uuid4().hex[:12]}"
    row = ProductRow(sku=sku, name="Flash sale lantern", price=Decimal("20.00"))
    catalog_actions.put_products(rows=[row])
    variant_id = catalog.variant_ids_by_sku([sku])[sku]
    location = StockLocation.objects.filter(is_active=True).earliest("position", "id")
    inventory.receive(units={variant_id: units}, location_code=location.code, reference=sku)
    Cart.objects.filter(open_for__username__startswith=_NAME).delete()
    return variant_id, _with_carts(count, [catalog.offers([variant_id])[variant_id]])


def sold(variant_id: int) -> dict[str, int]:
    """Return how many orders have a variant, and what its stock says."""
    levels = StockLevel.objects.filter(variant_id=variant_id)
    return {
        "orders": Order.objects.filter(lines__variant_id=variant_id).count(),
        "on_hand": sum(level.on_hand for level in levels),
        "promised": sum(level.promised for level in levels),
    }


def _with_carts(count: int, goods: Sequence[Offer]) -> list[tuple[str, str]]:
    """Return the access token and the cart of so many people, who have the goods in turn."""
    users = _without_cart(count)
    carts = [Cart(user=user, open_for=user) for user in users]
    lines = [
        CartLine(cart=cart, variant_id=offer.variant_id, quantity=1)
        for cart, offer in zip(carts, cycle(goods), strict=False)
    ]
    Cart.objects.bulk_create(carts, batch_size=_ROWS_AT_ONCE)
    CartLine.objects.bulk_create(lines, batch_size=_ROWS_AT_ONCE)
    _let_the_database_look(User, Cart, CartLine)
    return [(_token(user), str(cart.id)) for user, cart in zip(users, carts, strict=True)]


def _add_products() -> None:
    """Let there be so many products that hardly two orders want the same one."""
    paths = list(catalog.category_paths())
    rows = [
        ProductRow(
            sku=f"{_NAME}{number}",
            name=f"Harbour lamp {number}",
            price=Decimal(number % 90 + 10),
            category=paths[number % len(paths)],
            description="A lamp for the window, with a wick that lasts a winter. " * 4,
        )
        for number in range(_PRODUCTS)
    ]
    for begin in range(0, len(rows), _ROWS_OF_PRODUCTS):
        catalog_actions.put_products(rows=rows[begin : begin + _ROWS_OF_PRODUCTS], update=False)


def _goods() -> Sequence[Offer]:
    """Return all that can be bought, the oldest first."""
    ids = list(Variant.objects.order_by("id").values_list("id", flat=True))
    offers = catalog.offers(ids)
    return [offers[id_] for id_ in ids if offers[id_].is_sold]


def _frequent_word() -> str:
    """Return the word that most products have in their names."""
    names = Product.objects.filter(is_published=True).values_list("name", flat=True)
    words = Counter(word for name in names for word in set(name.lower().split()) if len(word) > 3)
    # Of words that are as frequent, always the same one.
    return min(words, key=lambda word: (-words[word], word))


def _without_cart(count: int) -> list[User]:
    """Return so many people who have no open cart; those who are missing are made."""
    ours = User.objects.filter(username__startswith=_NAME)
    free = ours.filter(open_cart__isnull=True).order_by("id")
    people = list(islice(free.iterator(), count))
    first = ours.count()
    # Nobody signs in with it, and making one for each would take all day.
    password = make_password(None)
    new = [_person(first + number, password) for number in range(count - len(people))]
    User.objects.bulk_create(new, batch_size=_ROWS_AT_ONCE)
    return people + new


def _person(number: int, password: str) -> User:
    name, email = f"{_NAME}{number}", f"{_NAME}{number}@example.org"
    return User(
        username=name,
        username_key=username_key(name),
        email=email,
        email_key=email_key(email),
        password=password,
        first_name="Maya",
        last_name="Rowe",
    )


def _token(user: User) -> str:
    token = Access()
    token.set_exp(lifetime=_LONGEST_RUN)
    token["user_id"] = user.id
    token["version"] = user.token_version
    token["family"] = str(uuid4())
    return str(token)


def _let_the_database_look(*models: type[User] | type[Cart] | type[CartLine]) -> None:
    """Tell the planner of so many new rows now, as a shop that runs for long has told it."""
    analyze = "ANALYZE TABLE" if connection.vendor == "mysql" else "ANALYZE"
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"{analyze} {connection.ops.quote_name(model._meta.db_table)}")

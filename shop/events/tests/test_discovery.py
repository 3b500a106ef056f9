"""The tasks of every package are found when the shop starts."""

import pytest

from shop.events.actions.registering import entries

pytestmark = pytest.mark.once


def test_what_the_shop_does_by_itself() -> None:
    intervals = {
        name: entry.interval.total_seconds()
        for name, entry in entries.items()
        if name.startswith("shop.")
    }

    assert intervals == {
        "shop.accounts.tasks.forget_token_families": 3600,
        "shop.cart.tasks.tell_abandoned_carts": 300,
        "shop.catalog.tasks.make_renditions": 2,
        "shop.checkout.tasks.forget_old_attempts": 3600,
        "shop.events.tasks.forget_delivered_events": 3600,
        "shop.events.tasks.forget_old_deliveries": 3600,
        "shop.inventory.tasks.end_expired_holds": 2,
        "shop.inventory.tasks.forget_hold_terms": 3600,
        "shop.letters.tasks.tell_returned_products": 30,
        "shop.letters.tasks.write_to_staff": 60,
        "shop.orders.tasks.expire_unpaid_orders": 2,
    }
    # A run may take longer than the time to the next one, and no one joins in.
    assert all(entry.lease.total_seconds() >= 30 for entry in entries.values())

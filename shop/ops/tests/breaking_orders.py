"""Breaking what must always be true of orders: see breaking.py."""

from shop.catalog.models import Product
from shop.checkout.actions import place_order
from shop.inventory.models import StockLevel
from shop.ops.tests.breaking import breaks, change
from shop.orders import actions as orders
from shop.orders.models import Allocation, Order, OrderLine
from tests.builders import draft_of, fill_cart, place, put_on_sale


@breaks("order-goods")
def goods_that_are_not_the_sum_of_the_lines() -> list[str]:
    order_id = place({put_on_sale("mug", price="0.10"): 1, put_on_sale("tea", price="0.20"): 1})
    number = change(order_id, goods_total="0.31", total="0.31")
    return [f"order-goods: order {number}: its lines are 0.30, its goods 0.31"]


@breaks("order-lines")
def goods_without_any_line() -> list[str]:
    order_id = place({put_on_sale("mug", price="12.50"): 1})
    OrderLine.objects.all().delete()
    StockLevel.objects.update(promised=0)
    number = change(order_id)
    return [
        f"order-lines: order {number}: has no lines",
        f"order-goods: order {number}: its lines are 0.00, its goods 12.50",
    ]


@breaks("order-total")
def a_total_that_does_not_add_up() -> list[str]:
    order_id = place({put_on_sale("mug", price="12.50"): 1})
    number = change(order_id, shipping_total="3.00", tax_total="0.30", discount_total="0.10")
    return [f"order-total: order {number}: 12.50 + 3.00 + 0.30 - 0.10 is not 12.50"]


@breaks("line-amount")
def an_amount_that_is_not_price_times_quantity() -> list[str]:
    order_id = place({put_on_sale("mug", price="12.50"): 2})
    OrderLine.objects.update(unit_price="12.49")
    number = change(order_id)
    return [f"line-amount: order {number} line 1: 2 x 12.49 is not 25.00"]


@breaks("line-allocation")
def a_pending_order_without_all_its_stock() -> list[str]:
    order_id = place({put_on_sale("mug"): 3})
    Allocation.objects.update(quantity=2)
    StockLevel.objects.update(promised=2)
    return [f"line-allocation: order {change(order_id)} line 1: 2 of 3 units are live, 2 allocated"]


@breaks("line-allocation")
def a_shipped_order_whose_stock_never_left() -> list[str]:
    order_id = place({put_on_sale("mug"): 3})
    orders.ship(order_ids=[order_id], by=None)
    Allocation.objects.all().delete()
    return [
        f"line-allocation: order {change(order_id)} line 1: 0 of 3 units are shipped, 0 allocated"
    ]


@breaks("line-allocation")
def a_canceled_order_that_keeps_its_stock() -> list[str]:
    order_id = place({put_on_sale("mug"): 3})
    orders.cancel(order_ids=[order_id], by=None)
    Allocation.objects.update(state="Live")
    return [
        f"line-allocation: order {change(order_id)} line 1: 0 of 3 units are released, 3 allocated",
        "stock-promises: variant mug at main: promised 0, but 3 allocated and 0 held",
    ]


@breaks("line-allocation")
def a_shipped_line_that_is_promised_stock_as_well() -> list[str]:
    order_id = place({put_on_sale("mug", stock=3): 3})
    orders.ship(order_ids=[order_id], by=None)
    put_on_sale("mug", stock=5, location="shed")
    level_id = StockLevel.objects.get(location__code="shed").id
    line_id = OrderLine.objects.get().id
    Allocation.objects.create(line_id=line_id, level_id=level_id, quantity=2)
    StockLevel.objects.filter(id=level_id).update(promised=2)
    return [
        f"line-allocation: order {change(order_id)} line 1: 3 of 3 units are shipped, 5 allocated"
    ]


@breaks("allocation-variant")
def stock_of_something_else() -> list[str]:
    order_id = place({put_on_sale("mug", stock=3): 3})
    tea = put_on_sale("tea", stock=3)
    StockLevel.objects.update(promised=0)
    StockLevel.objects.filter(variant_id=tea).update(promised=3)
    Allocation.objects.update(level=StockLevel.objects.get(variant_id=tea))
    Product.objects.filter(variants=tea).update(in_stock=False)
    Product.objects.exclude(variants=tea).update(in_stock=True)
    return [
        f"allocation-variant: order {change(order_id)} line 1: is allocated from the stock of tea"
    ]


@breaks("order-completion")
def completed_before_the_goods_left() -> list[str]:
    order_id = place({put_on_sale("mug"): 1})
    number = change(order_id, status="Completed", payment_state="Paid")
    return [f"order-completion: order {number}: completed, but Paid and Unshipped"]


@breaks("order-completion")
def completed_before_the_money_came() -> list[str]:
    order_id = place({put_on_sale("mug"): 1})
    orders.ship(order_ids=[order_id], by=None)
    number = change(order_id, status="Completed")
    return [f"order-completion: order {number}: completed, but Unpaid and Shipped"]


@breaks("one-order-per-origin", without=(Order, "order_origin_once"))
def a_cart_that_is_two_orders() -> list[str]:
    mug = put_on_sale("mug")
    cart_id, other_id = fill_cart({mug: 1}), fill_cart({mug: 1})
    place_order(draft=draft_of(cart_id))
    change(place_order(draft=draft_of(other_id)).order_id, origin=f"cart:{cart_id}")
    return [
        f"one-order-per-origin: origin cart:{cart_id}: there are 2 of them",
        f"ordered-cart: cart {other_id}: was ordered, but is no order",
    ]


@breaks("one-order-per-number", without=(Order, "order_number_once"))
def a_number_that_two_buyers_have() -> list[str]:
    mug = put_on_sale("mug")
    place({mug: 1})
    change(place({mug: 1}), number="ABC")
    change(place({mug: 2}), number="ABC")
    return ["one-order-per-number: number ABC: there are 2 of them"]

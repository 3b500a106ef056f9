"""Somebody with a browser who buys: from a product's page to the order."""

import random
from collections.abc import Callable
from decimal import Decimal

from load import pages
from load.answers import Answer, Refusal, check
from load.catalogue import Product
from load.journal import Acknowledged
from load.pages import Cart, Fields, Form, OrderPage, ProductPage
from load.people.visitor import Visitor, leads_to, leads_to_or_no

Units = dict[int, int]


class Shopper(Visitor):
    """The steps of buying, one page each. A Refusal says that there are too few left."""

    abstract = True
    # Seconds between two pages.
    step = (2.0, 6.0)

    @property
    def takes_no(self) -> bool:
        """Whether they may be told that there is too little: not where there is plenty."""
        return not self.world.catalogue.has_plenty

    def see_product(self, product: Product) -> ProductPage:
        def reading(answer: Answer) -> ProductPage:
            return pages.product(answer, name=product.name)

        return self.open(f"/products/{product.id}/", name="pages /products/[id]/", read=reading)

    def put_in_cart(self, product: Product, form: Form, units: int) -> int | Refusal:
        """Choose one of the variants that the page offers; return which."""
        variant = random.choice(product.in_stock)
        query = f"?variant={variant.id}&quantity={units}"
        name = "own /cart/add/[id]/"
        ask = self.open(
            f"{form.action}{query}", name=name, read=lambda page: pages.form(page, form.action)
        )
        self.think(*self.step)
        fields = ask.filled(variant=str(variant.id), quantity=str(units))
        put = self.send(form.action, fields, name=name, read=self._leads_to("/cart/"))
        return put if isinstance(put, Refusal) else variant.id

    def see_cart(self, units: Units) -> Cart:
        """Open the cart; it has to hold exactly so much of each variant, at the right prices."""

        def reading(answer: Answer) -> Cart:
            found = pages.cart(answer)
            self._check_cart(found, units)
            return found

        return self.open("/cart/", name="own /cart/", read=reading)

    def change_quantity(self, cart: Cart, units: Units) -> Units | Refusal:
        """Want one more of the first line; return what the cart holds then."""
        line = cart.lines[0]
        variant_id = self._variant_id(line)
        fields = line.form.filled(quantity=str(line.quantity + 1))
        name = "own /cart/"
        changed = self.send("/cart/", fields, name=name, read=self._leads_to("/cart/"))
        return changed if isinstance(changed, Refusal) else {**units, variant_id: line.quantity + 1}

    def see_checkout(self, total: Decimal) -> Form | Refusal:
        def reading(answer: Answer) -> Form | Refusal:
            if self.takes_no and answer.status == 302 and answer.location() == "/cart/":
                return Refusal("too few left")
            return pages.checkout(answer, total=total)

        return self.open("/checkout/", name="own /checkout/", read=reading)

    def place_order(self, fields: Fields, *, total: Decimal, units: Units) -> OrderPage | Refusal:
        """Send the checkout's form, and look at the order it leads to."""
        reading = self._leads_to("/orders/")
        placed = self.send("/checkout/", fields, name="order /checkout/", read=reading)
        if isinstance(placed, Refusal):
            return placed
        order_id = int(placed.split("/")[2])
        self.world.journal.acknowledged(Acknowledged(order_id, str(total), units))

        def seeing(answer: Answer) -> OrderPage:
            order = pages.order(answer, total=total)
            check(order.units == sum(units.values()), f"{order.units} units were ordered")
            return order

        order = self.open(placed, name="own /orders/[id]/", read=seeing)
        self._see_orders(order_id, order.number)
        return order

    def _see_orders(self, order_id: int, number: str) -> None:
        self.think(*self.step)

        def reading(answer: Answer) -> None:
            found = pages.order_numbers(answer)
            check(found.get(order_id) == number, f"order {number} is not among one's orders")

        self.open("/orders/", name="own /orders/", read=reading)

    def _leads_to(self, start: str) -> Callable[[Answer], str | Refusal]:
        return leads_to_or_no(start) if self.takes_no else leads_to(start)

    def _check_cart(self, cart: Cart, units: Units) -> None:
        found = {self._variant_id(line): line.quantity for line in cart.lines}
        check(found == units, f"the cart holds {found}, and should hold {units}")

    def _variant_id(self, line: pages.Line) -> int:
        """Return which variant a line shows, having checked its price."""
        product = self.world.catalogue.by_id.get(line.product_id)
        for variant in product.variants if product else ():
            if variant.title == line.title:
                check(line.price == variant.price, f"{line.title} costs {line.price} in the cart")
                return variant.id
        return 0

"""Somebody who comes to buy, with an account or without, and sometimes leaves all the same."""

import random

from locust import task
from locust.exception import RescheduleTask

from load import pages
from load.pages import Cart, Fields
from load.people.shopper import Shopper, Units
from load.people.visitor import granted, leads_to
from load.people.world import PASSWORD, Account, new_account, new_name

ADDRESS = {
    "name": "Robin Load",
    "line1": "7 Harbour Row",
    "city": "Whitby",
    "postcode": "YO21 3PU",
    "country": "GB",
}


class Buyer(Shopper):
    """A purchase takes about a minute.

    Of ten who buy, five stay guests; the others sign in, or open an account where there is none to
    come back to. One in seven leaves with a full cart, one in twelve from the checkout.
    """

    weight = 20
    pause = (5.0, 15.0)

    @task
    def buy(self) -> None:
        self.arrive()
        units = self._fill_cart()
        self.think(*self.step)
        cart = self.see_cart(units)
        if random.random() < 0.3:
            units = self._change_mind(cart, units)
            cart = self.see_cart(units)
        self.think(*self.step)
        if random.random() < 1 / 7:
            return
        account = self._say_who(units) if random.random() < 0.5 else None
        if account is not None:
            units = account.cart
            cart = self.see_cart(units)
        self._check_out(cart, units, account)
        if account is not None:
            self.world.accounts.append(account)

    def _fill_cart(self) -> Units:
        units: Units = {}
        for product in random.sample(self.world.catalogue.for_buyers, k=random.randint(1, 3)):
            page = self.see_product(product)
            self.think(*self.step)
            if page.form is None:
                continue
            count = random.choices((1, 2, 3), weights=(7, 2, 1))[0]
            put = granted(self.put_in_cart(product, page.form, count))
            units[put] = units.get(put, 0) + count
            self.see_cart(units)
            self.think(*self.step)
        if not units:
            raise RescheduleTask
        return units

    def _change_mind(self, cart: Cart, units: Units) -> Units:
        return granted(self.change_quantity(cart, units))

    def _check_out(self, cart: Cart, units: Units, account: Account | None) -> None:
        form = granted(self.see_checkout(cart.total))
        self.think(5.0, 12.0)
        if random.random() < 1 / 12:
            return
        email = account.email if account else f"{new_name()}@example.com"
        fields = typed(form.fields, email)
        granted(self.place_order(fields, total=cart.total, units=units))
        if account is not None:
            account.cart = {}
        self.think(*self.step)

    def _say_who(self, units: Units) -> Account:
        """Sign in or up; what was in the guest's cart joins what the account's own holds."""
        known = self.world.accounts
        is_known = bool(known) and random.random() < 0.7
        account = known.popleft() if is_known else new_account()
        door = "/accounts/login/" if is_known else "/accounts/signup/"
        form = self.open(
            f"{door}?next=/checkout/", name=f"own {door}", read=lambda page: pages.form(page, door)
        )
        self.think(4.0, 10.0)
        typed = {"username": account.username, "password": PASSWORD}
        if not is_known:
            typed |= {"email": account.email, "first_name": "Robin", "last_name": "Load"}
        self.send(door, form.filled(**typed), name=f"door {door}", read=leads_to("/checkout/"))
        account.cart = _together(account.cart, units)
        return account


def typed(fields: Fields, email: str) -> Fields:
    """Fill in the checkout: of an address book the first address, unless there is none yet."""
    if fields.get("to", "another") != "another":
        return {**fields, "email": email}
    return {**fields, **ADDRESS, "email": email}


def _together(one: Units, other: Units) -> Units:
    return {each: one.get(each, 0) + other.get(each, 0) for each in {**one, **other}}

"""Somebody who looks around: nothing personal, every page the same for all."""

import contextlib
import random
from urllib.parse import quote_plus

from locust import task
from locust.exception import RescheduleTask

from load import pages
from load.answers import Answer, check
from load.pages import Listing
from load.people.visitor import Visitor

_LOOK = (3.0, 8.0)


class Browser(Visitor):
    """Home, categories, lists narrowed down and leafed through, products, search.

    A page every five and a half seconds. Now and then somebody new, who has to fetch all files.
    """

    weight = 60
    pause = _LOOK

    def on_start(self) -> None:
        super().on_start()
        # Whoever finds the door shut comes again; it has been counted.
        with contextlib.suppress(RescheduleTask):
            self._home()

    @task(1)
    def arrive_anew(self) -> None:
        self.arrive()
        self._home()

    @task(2)
    def home(self) -> None:
        self._home()

    @task(5)
    def browse_category(self) -> None:
        category = random.choice(self.world.catalogue.categories)

        def reading(answer: Answer) -> Listing:
            found = pages.listing(answer)
            title = pages.heading(answer.text)
            check(title == category.name, f"category {category.name!r} is headed {title!r}")
            return found

        found = self.open(f"/{category.id}/", name="pages /[category]/", read=reading)
        self.think(*_LOOK)
        self._look_at_one(found)

    @task(6)
    def leaf_through(self) -> None:
        found = self._list("/products/")
        self.think(*_LOOK)
        if random.random() < 0.5 and found.sortings:
            found = self._list(random.choice(found.sortings))
            self.think(*_LOOK)
        for _ in range(random.randint(0, 2)):
            if found.following:
                found = self._next_page(found)
                self.think(*_LOOK)
        self._look_at_one(found)

    @task(4)
    def narrow_down(self) -> None:
        found = self._list("/products/")
        for _ in range(random.randint(1, 2)):
            self.think(*_LOOK)
            if found.narrower:
                found = self._list(random.choice(found.narrower))
        self.think(*_LOOK)
        self._look_at_one(found)

    @task(12)
    def look_at_product(self) -> None:
        self._product(random.choice(self.world.catalogue.products).id)

    @task(5)
    def search(self) -> None:
        name = random.choice(self.world.catalogue.products).name
        words = [word for word in name.split() if word.isalpha() and len(word) > 2] or [name]
        word = random.choice(words).lower()

        def reading(answer: Answer) -> Listing:
            found = pages.listing(answer)
            names = [card.name for card in found.cards]
            is_there = name in names or bool(found.following)
            check(is_there, f"a search for {word!r} does not find {name!r}")
            return found

        found = self.open(f"/search/?q={quote_plus(word)}", name="pages /search/", read=reading)
        self.think(*_LOOK)
        self._look_at_one(found)

    def _home(self) -> None:
        def reading(answer: Answer) -> None:
            text = answer.expect(200).text
            check(pages.heading(text).startswith("Welcome"), "this is not the home page")
            check(bool(pages.listing(answer).cards), "the home page shows no products")

        self.open("/", name="pages /", read=reading)

    def _list(self, address: str) -> Listing:
        return self.open(address, name="pages /products/", read=pages.listing)

    def _next_page(self, before: Listing) -> Listing:
        def reading(answer: Answer) -> Listing:
            found = pages.listing(answer)
            check(bool(found.cards), "the next page of the list is empty")
            # What is rated meanwhile moves in a list that is sorted by ratings.
            is_settled = "sort=rating" not in before.following
            twice = {*before.cards} & {*found.cards}
            check(not (is_settled and twice), "a product is on two pages of a list")
            return found

        return self.open(before.following, name="pages /products/", read=reading)

    def _look_at_one(self, found: Listing) -> None:
        if found.cards:
            self._product(random.choice(found.cards).product_id)

    def _product(self, product_id: int) -> None:
        product = self.world.catalogue.by_id.get(product_id)
        if product is None:
            return

        def reading(answer: Answer) -> None:
            page = pages.product(answer, name=product.name)
            prices = {variant.price for variant in product.variants}
            check(page.price in prices, f"{product.name!r} costs {page.price} on its page")

        self.open(f"/products/{product_id}/", name="pages /products/[id]/", read=reading)

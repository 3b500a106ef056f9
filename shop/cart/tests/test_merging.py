"""What a guest has put into a cart is there after signing in: added to what was there before."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.accounts.actions import register
from shop.accounts.models import User
from shop.accounts.rules import NewPerson
from shop.cart import actions, queries
from shop.cart.errors import CartIsOrdered, UnknownCart
from shop.cart.models import Cart, CartLine
from shop.cart.rules import LARGEST_QUANTITY, MOST_LINES
from shop.cart.tests.carts import everything, line_of, lines_of, version_of
from shop.catalog import actions as catalog
from shop.catalog.models import Product, Variant
from shop.catalog.rules import ProductRow
from shop.lib.refusals import Refusal
from tests.builders import NOON, fill_cart, place, put_on_sale
from tests.queries import queries_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]


def refused(verb: Callable[[], Any]) -> Refusal:
    """Return why a verb refuses, having seen that it changed nothing."""
    before = everything()
    with pytest.raises(Refusal) as caught:
        verb()
    assert everything() == before
    return caught.value


def many_variants(count: int) -> list[int]:
    """Put one product with so many variants into the catalogue; nothing of it in stock."""
    catalog.put_products(
        rows=[
            ProductRow(sku=f"v{number:03}", name="Thing", price=Decimal(1), product="thing")
            for number in range(count)
        ]
    )
    return list(Variant.objects.order_by("sku").values_list("id", flat=True))


def lay(cart_id: UUID, variant_ids: list[int], quantity: int = 1) -> None:
    """Put lines into a cart past every check."""
    CartLine.objects.bulk_create(
        CartLine(cart_id=cart_id, variant_id=id_, quantity=quantity) for id_ in variant_ids
    )


# --- Merging --------------------------------------------------------------------------------------


def test_both_carts_become_one(alice: User) -> None:
    mug, tea, jug = put_on_sale("mug"), put_on_sale("tea"), put_on_sale("jug")
    own = fill_cart({mug: 2, jug: 1}, user=alice)
    guests = fill_cart({tea: 3, mug: 4})

    assert actions.merge(cart_id=guests, user_id=alice.id) == own

    assert lines_of(own) == {"mug": 6, "jug": 1, "tea": 3}
    assert version_of(own) == 3
    assert list(Cart.objects.values_list("id", flat=True)) == [own]
    assert queries.open_cart_of(alice.id) == own
    assert not queries.is_anybodys(guests)


def test_who_had_no_cart_has_one(alice: User) -> None:
    mug = put_on_sale("mug")
    guests = fill_cart({mug: 2})

    own = actions.merge(cart_id=guests, user_id=alice.id)

    assert own != guests
    assert queries.open_cart_of(alice.id) == own
    assert lines_of(own) == {"mug": 2}
    assert Cart.objects.count() == 1


def test_an_empty_guests_cart_leaves_things_as_they_are(alice: User) -> None:
    mug = put_on_sale("mug")
    own = fill_cart({mug: 2}, user=alice)

    assert actions.merge(cart_id=fill_cart({}), user_id=alice.id) == own

    assert lines_of(own) == {"mug": 2}


def test_lines_that_nothing_is_added_to_keep_their_rows_and_places(alice: User) -> None:
    mug, tea, jug = put_on_sale("mug"), put_on_sale("tea"), put_on_sale("jug")
    own = fill_cart({mug: 1, tea: 1}, user=alice)
    kept = [line_of(own, mug), line_of(own, tea)]

    actions.merge(cart_id=fill_cart({jug: 1, tea: 1}), user_id=alice.id)

    assert [line_of(own, mug), line_of(own, tea)] == kept
    assert list(CartLine.objects.order_by("id").values_list("variant__sku", "quantity")) == [
        ("mug", 1),
        ("tea", 2),
        ("jug", 1),
    ]


def test_what_is_out_of_stock_or_hidden_moves_along_to_be_seen(alice: User) -> None:
    mug, tea = put_on_sale("mug", stock=2), put_on_sale("tea")
    own, guests = fill_cart({mug: 2}, user=alice), fill_cart({mug: 2, tea: 1})
    product_id = Product.objects.get(code="tea").id
    catalog.set_published(product_ids=[product_id], is_published=False)

    actions.merge(cart_id=guests, user_id=alice.id)

    assert lines_of(own) == {"mug": 4, "tea": 1}


def test_quantities_add_up_as_far_as_a_cart_goes(alice: User) -> None:
    mug, tea = many_variants(2)
    own, guests = fill_cart({}, user=alice), fill_cart({})
    lay(own, [mug, tea], LARGEST_QUANTITY - 1)
    lay(guests, [mug], 1)
    lay(guests, [tea], 2)

    actions.merge(cart_id=guests, user_id=alice.id)

    assert lines_of(own) == {"v000": LARGEST_QUANTITY, "v001": LARGEST_QUANTITY}


def test_what_there_is_no_room_for_is_left_out(alice: User) -> None:
    variants = many_variants(MOST_LINES + 3)
    own, guests = fill_cart({}, user=alice), fill_cart({})
    lay(own, variants[: MOST_LINES - 1])
    # The first of these has room; the last needs none.
    lay(guests, [variants[-1], variants[-2], variants[-3], variants[0]], 5)

    actions.merge(cart_id=guests, user_id=alice.id)

    lines = lines_of(own)
    assert len(lines) == MOST_LINES == 200
    assert lines["v202"] == 5
    assert lines["v000"] == 6
    assert not {"v201", "v200"} & set(lines)
    assert Cart.objects.count() == 1


def test_a_cart_ordered_before_stays_as_it_was(alice: User) -> None:
    mug = put_on_sale("mug")
    place({mug: 1}, user=alice)
    ordered = Cart.objects.get()
    before = Cart.objects.filter(id=ordered.id).values_list().get(), lines_of(ordered.id)

    own = actions.merge(cart_id=fill_cart({mug: 3}), user_id=alice.id)

    assert own != ordered.id
    assert lines_of(own) == {"mug": 3}
    assert (Cart.objects.filter(id=ordered.id).values_list().get(), lines_of(ordered.id)) == before


def test_when_it_was_used_last(alice: User) -> None:
    mug = put_on_sale("mug")
    with time_machine.travel(NOON, tick=False) as clock:
        own, guests = fill_cart({mug: 1}, user=alice), fill_cart({mug: 1})
        clock.shift(timedelta(hours=1))
        actions.merge(cart_id=guests, user_id=alice.id)

    assert Cart.objects.get(id=own).updated_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize("lines", [1, 50])
def test_merging_is_as_many_queries_for_one_line_and_fifty(alice: User, lines: int) -> None:
    variants = many_variants(2 * lines)
    own, guests = fill_cart({}, user=alice), fill_cart({})
    lay(own, variants[:lines])
    lay(guests, variants[: lines - lines // 2] + variants[lines:])

    with queries_named() as names:
        actions.merge(cart_id=guests, user_id=alice.id)

    assert len(lines_of(own)) == 2 * lines
    assert names == [
        "SELECT cart_cart",
        "SELECT cart_cart",
        "SELECT cart_cartline",
        "UPDATE cart_cartline",
        "INSERT cart_cartline",
        "DELETE cart_cartline",
        "DELETE cart_cart",
        "UPDATE cart_cart",
    ]


# --- Refused --------------------------------------------------------------------------------------


def test_a_cart_that_is_somebodys_is_unknown(alice: User, bob: User) -> None:
    mug = put_on_sale("mug")
    bobs, alices = fill_cart({mug: 1}, user=bob), fill_cart({mug: 1}, user=alice)
    place({mug: 1}, user=bob)

    for cart_id in (bobs, alices, uuid4()):
        refusal = refused(partial(actions.merge, cart_id=cart_id, user_id=alice.id))
        assert isinstance(refusal, UnknownCart)


def test_a_refusal_opens_no_cart(alice: User) -> None:
    assert isinstance(
        refused(lambda: actions.merge(cart_id=uuid4(), user_id=alice.id)), UnknownCart
    )
    assert Cart.objects.count() == 0


def test_an_ordered_cart_is_merged_no_more(alice: User) -> None:
    mug = put_on_sale("mug")
    place({mug: 1})
    guests = Cart.objects.get().id

    refusal = refused(lambda: actions.merge(cart_id=guests, user_id=alice.id))

    assert isinstance(refusal, CartIsOrdered)


def test_a_merged_cart_is_merged_no_more(alice: User, bob: User) -> None:
    mug = put_on_sale("mug")
    guests = fill_cart({mug: 1})
    actions.merge(cart_id=guests, user_id=alice.id)

    for user in (alice, bob):
        refusal = refused(partial(actions.merge, cart_id=guests, user_id=user.id))
        assert isinstance(refusal, UnknownCart)
    refusal = refused(lambda: actions.add(cart_id=guests, variant_id=mug, quantity=1))
    assert isinstance(refusal, UnknownCart)


# --- Any story ------------------------------------------------------------------------------------

people = st.integers(0, 1)
products = st.integers(0, 2)
amounts = st.sampled_from([-1, 0, 1, 2, 40_000, 99_999, LARGEST_QUANTITY, LARGEST_QUANTITY + 1])
steps = st.one_of(
    st.tuples(st.just("register"), people),
    st.tuples(st.just("arrive")),
    st.tuples(st.just("add"), st.integers(0, 5), products, amounts),
    st.tuples(st.just("remove"), st.integers(0, 5), products),
    st.tuples(st.just("merge"), st.integers(0, 5), people),
)


class Story:
    """Guests and people with their carts, and what should be in them."""

    def __init__(self, variants: list[int]) -> None:
        self.variants = variants
        self.people: dict[int, int] = {}
        self.carts: list[UUID] = []
        self.owners: dict[UUID, int | None] = {}
        self.wanted: dict[UUID, dict[int, int]] = {}

    def register(self, person: int) -> None:
        name = f"person{person}"
        new = NewPerson(username=name, email=f"{name}@example.com")
        if person in self.people:
            with pytest.raises(Refusal):
                register(person=new, password="a password nobody has")
            return
        self.people[person] = register(person=new, password="a password nobody has")
        self._know(actions.open_cart(user_id=self.people[person]), self.people[person])

    def arrive(self) -> None:
        self._know(actions.open_cart(user_id=None), None)

    def _know(self, cart_id: UUID, owner: int | None) -> None:
        self.carts.append(cart_id)
        self.owners[cart_id] = owner
        self.wanted[cart_id] = {}

    def _cart(self, pick: int) -> UUID:
        return self.carts[pick % len(self.carts)] if self.carts else uuid4()

    def add(self, pick: int, product: int, amount: int) -> None:
        cart_id, variant_id = self._cart(pick), self.variants[product]
        held = self.wanted.get(cart_id, {}).get(variant_id, 0)
        fits = amount >= 1 and held + amount <= LARGEST_QUANTITY and cart_id in self.wanted
        self._expect(
            fits, lambda: actions.add(cart_id=cart_id, variant_id=variant_id, quantity=amount)
        )
        if fits:
            self.wanted[cart_id][variant_id] = held + amount

    def remove(self, pick: int, product: int) -> None:
        cart_id, variant_id = self._cart(pick), self.variants[product]
        line = CartLine.objects.filter(cart_id=cart_id, variant_id=variant_id).first()
        fits = variant_id in self.wanted.get(cart_id, {})
        assert (line is not None) == fits
        line_id = line.id if line else 10**9
        self._expect(fits, lambda: actions.remove(cart_id=cart_id, line_id=line_id))
        if fits:
            del self.wanted[cart_id][variant_id]

    def merge(self, pick: int, person: int) -> None:
        cart_id = self._cart(pick)
        if person not in self.people:
            return
        fits = cart_id in self.wanted and self.owners[cart_id] is None
        own = self._expect(
            fits, lambda: actions.merge(cart_id=cart_id, user_id=self.people[person])
        )
        if not fits:
            return
        assert self.owners[own] == self.people[person]
        for variant_id, quantity in self.wanted.pop(cart_id).items():
            held = self.wanted[own].get(variant_id, 0)
            self.wanted[own][variant_id] = min(held + quantity, LARGEST_QUANTITY)

    def _expect(self, fits: bool, verb: Callable[[], Any]) -> Any:
        if fits:
            return verb()
        return refused(verb)

    def check(self) -> None:
        found: dict[UUID, dict[int, int]] = {
            id_: {} for id_ in Cart.objects.values_list("id", flat=True)
        }
        for cart_id, variant_id, quantity in CartLine.objects.values_list(
            "cart_id", "variant_id", "quantity"
        ):
            assert variant_id not in found[cart_id]
            assert 1 <= quantity <= LARGEST_QUANTITY
            found[cart_id][variant_id] = quantity
        assert found == self.wanted
        assert Cart.objects.filter(open_for__isnull=False).count() == len(self.people)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=st.lists(steps, min_size=5, max_size=25))
def test_whatever_happens_a_cart_has_each_thing_once_and_no_impossible_number(
    story: list[tuple[Any, ...]], settings: Any
) -> None:
    # Hashing well takes too long for so many people.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    undo = transaction.atomic()
    # As Django's TestCase does it: a transaction that durable verbs do not see.
    setattr(undo, "_from_testcase", True)  # noqa: B010  (Django's own, not in stubs)
    with undo:
        skus = ("mug", "tea", "jug")
        play = Story([put_on_sale(sku, stock=2 * LARGEST_QUANTITY) for sku in skus])
        for verb, *facts in story:
            getattr(play, verb)(*facts)
            play.check()
        transaction.set_rollback(True)

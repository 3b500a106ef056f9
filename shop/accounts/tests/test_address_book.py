"""The address book: everybody's own, each place once, and not without end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from shop.accounts import actions, queries
from shop.accounts.errors import AddressBookIsFull, UnknownAddress, UnknownUser
from shop.accounts.models import Address, User
from shop.accounts.rules import MOST_ADDRESSES, AddressFields
from shop.accounts.tests.people import everything
from shop.lib.refusals import Refusal
from shop.lib.texts import UnprintableText
from tests.builders import NOON
from tests.queries import queries_named

pytestmark = pytest.mark.django_db

NOBODY = 10**9
HOME = AddressFields(
    name="Alice Able",
    line1="1 High Street",
    line2="Flat 2",
    city="Leeds",
    postcode="LS1 4AP",
    country="GB",
)
WORK = AddressFields(name="Alice Able", line1="2 Low Street", city="York", country="GB")


def refused(verb: Callable[[], Any]) -> Refusal:
    """Return why a verb refuses, having seen that it changed nothing."""
    before = everything()
    with pytest.raises(Refusal) as caught:
        verb()
    assert everything() == before
    return caught.value


@pytest.mark.parametrize("field", ["name", "line1", "line2", "city", "postcode", "country"])
def test_what_cannot_be_printed_is_no_address(alice: User, field: str) -> None:
    refusal = refused(lambda: keep(alice, replace(HOME, **{field: "a\u202eb"})))

    assert isinstance(refusal, UnprintableText)
    assert refusal.field == field


def keep(user: User, address: AddressFields = HOME, **options: Any) -> int:
    return actions.keep_address(user_id=user.id, address=address, **options)


def test_an_address_is_kept_as_it_was_said(alice: User) -> None:
    address_id = keep(alice)

    address = queries.address(user_id=alice.id, address_id=address_id)
    assert (address.name, address.line1, address.line2) == ("Alice Able", "1 High Street", "Flat 2")
    assert (address.city, address.postcode, address.country) == ("Leeds", "LS1 4AP", "GB")


def test_the_last_used_comes_first_in_one_query(alice: User, bob: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        home = keep(alice)
        clock.shift(timedelta(hours=1))
        work = keep(alice, WORK)
        keep(bob)
        assert [address.id for address in queries.addresses_of(alice.id)] == [work, home]
        clock.shift(timedelta(hours=1))
        assert keep(alice) == home

    with queries_named() as names:
        found = queries.addresses_of(alice.id)

    assert names == ["SELECT accounts_address"]
    assert [address.id for address in found] == [home, work]
    assert found[0].used_at == NOON + timedelta(hours=2)


def test_what_is_there_already_is_not_added_twice(alice: User) -> None:
    assert keep(alice) == keep(alice)
    assert keep(alice, replace(HOME, line2="")) != keep(alice)

    assert Address.objects.count() == 2


def test_two_people_can_live_in_one_house(alice: User, bob: User) -> None:
    assert keep(alice) != keep(bob)


def test_an_address_is_changed_in_its_place(alice: User) -> None:
    home, work = keep(alice), keep(alice, WORK)

    assert keep(alice, replace(HOME, line1="9 High Street"), address_id=home) == home

    lines = {address.id: address.line1 for address in queries.addresses_of(alice.id)}
    assert lines == {home: "9 High Street", work: "2 Low Street"}


def test_a_book_has_room_for_so_many(alice: User, bob: User) -> None:
    addresses = [replace(WORK, line1=f"{number} Low Street") for number in range(MOST_ADDRESSES)]
    ids = [keep(alice, address) for address in addresses]

    refusal = refused(lambda: keep(alice))

    assert isinstance(refusal, AddressBookIsFull)
    assert refusal.limit == MOST_ADDRESSES == 20
    # What needs no room goes on.
    assert keep(alice, addresses[0]) == ids[0]
    assert keep(alice, HOME, address_id=ids[1]) == ids[1]
    keep(bob)
    actions.remove_address(user_id=alice.id, address_id=ids[2])
    keep(alice, addresses[2])


def test_nobody_has_no_book() -> None:
    refusal = refused(lambda: actions.keep_address(user_id=NOBODY, address=HOME))

    assert isinstance(refusal, UnknownUser)
    assert refusal.user_id == NOBODY


def test_an_address_that_is_taken_out_is_gone(alice: User) -> None:
    home, work = keep(alice), keep(alice, WORK)

    actions.remove_address(user_id=alice.id, address_id=home)

    assert [address.id for address in queries.addresses_of(alice.id)] == [work]


@pytest.mark.parametrize(
    "verb",
    [
        lambda user, address_id: queries.address(user_id=user.id, address_id=address_id),
        lambda user, address_id: keep(user, WORK, address_id=address_id),
        lambda user, address_id: actions.remove_address(user_id=user.id, address_id=address_id),
    ],
)
def test_somebody_elses_address_is_unknown_like_none(
    alice: User, bob: User, verb: Callable[[User, int], Any]
) -> None:
    home = keep(alice)

    for address_id in (home, NOBODY):
        refusal = refused(partial(verb, bob, address_id))
        assert isinstance(refusal, UnknownAddress)
        assert refusal.address_id == address_id

"""Every row exactly once, forwards and backwards, whatever the order, the ties and the changes."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import get_user_model
from django.core.signing import Signer
from pytest_django import DjangoAssertNumQueries

from shop.lib.keyset import InvalidCursor, Page, page

if TYPE_CHECKING:
    from shop.accounts.models import User
else:
    User = get_user_model()

pytestmark = pytest.mark.django_db

BY_NAME = ("first_name", "id")
NEWEST_FIRST = ("-date_joined", "-id")
MIXED = ("first_name", "-date_joined", "id")
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def people(*names: str) -> list[int]:
    """Add people with these first names, of whom always two join at the same moment."""
    return [
        User.objects.create(
            username=f"person{number}",
            first_name=name,
            date_joined=MIDNIGHT + timedelta(microseconds=number // 2),
        ).id
        for number, name in enumerate(names)
    ]


def at(cursor: str | None = None, *, ordering: tuple[str, ...] = BY_NAME) -> "Page[User]":
    return page(User.objects.all(), ordering=ordering, size=2, cursor=cursor)


def ids(found: "Page[User]") -> list[int]:
    return [person.id for person in found.items]


def walk(ordering: tuple[str, ...], *, backwards: bool = False) -> list[list[int]]:
    """Return the ids of all pages, from the first to the last or the other way."""
    found = at(ordering=ordering)
    pages = [ids(found)]
    while found.next:
        found = at(found.next, ordering=ordering)
        pages.append(ids(found))
    if backwards:
        pages = [ids(found)]
        while found.previous:
            found = at(found.previous, ordering=ordering)
            pages.append(ids(found))
    return pages


def test_a_short_list_is_one_page() -> None:
    two = people("Ann", "Bob")
    found = at()
    assert ids(found) == two
    assert (found.next, found.previous) == (None, None)


def test_an_empty_list_is_one_page() -> None:
    assert at() == Page(items=[], next=None, previous=None)


@pytest.mark.parametrize("ordering", [BY_NAME, NEWEST_FIRST, MIXED, ("id",), ("-id",)])
@pytest.mark.parametrize("names", ["AAAAA", "ABABAB", "CBA", "AB", "CABBAGE"])
def test_every_row_comes_once_in_both_directions(ordering: tuple[str, ...], names: str) -> None:
    people(*names)
    expected = list(User.objects.order_by(*ordering).values_list("id", flat=True))
    pages = [expected[start : start + 2] for start in range(0, len(expected), 2)]
    assert walk(ordering) == pages
    assert walk(ordering, backwards=True) == pages[::-1]


def test_the_ends_lead_no_further() -> None:
    people(*"ABCDE")
    first = at()
    second = at(first.next)
    third = at(second.next)
    assert first.previous is None
    assert third.next is None
    assert ids(at(third.previous)) == ids(second)
    assert at(second.previous) == first


def test_going_back_shows_the_first_page_whole() -> None:
    """Before C there is only A left, which would be half a page."""
    people(*"ABCD")
    second = at(at().next)
    User.objects.filter(first_name="B").delete()
    back = at(second.previous)
    assert [person.first_name for person in back.items] == ["A", "C"]
    assert back.previous is None


def test_rows_that_come_and_go_shift_nothing() -> None:
    people(*"BDFH")
    first = at()
    assert [person.first_name for person in first.items] == ["B", "D"]
    User.objects.filter(first_name="B").delete()
    User.objects.create(username="early", first_name="A")
    assert [person.first_name for person in at(first.next).items] == ["F", "H"]


def test_the_row_a_cursor_stands_for_may_be_gone() -> None:
    people(*"ABCD")
    first = at()
    User.objects.filter(first_name="B").delete()
    assert [person.first_name for person in at(first.next).items] == ["C", "D"]


def test_a_page_whose_rows_are_all_gone_leads_back() -> None:
    people(*"ABCD")
    first = at()
    User.objects.filter(first_name__gt="B").delete()
    found = at(first.next)
    assert (found.items, found.next) == ([], None)
    assert ids(at(found.previous)) == ids(first)


def test_names_with_everything_in_them_keep_their_place() -> None:
    names = ["", "\u00c5sa \u2764", 'quote " and , comma', "zzz" * 40, "zzz" * 45]
    people(*names)
    expected = list(User.objects.order_by(*BY_NAME).values_list("id", flat=True))
    assert [id_ for found in walk(BY_NAME) for id_ in found] == expected


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "\0",
        ":",
        "a:b",
        "\u2764:\u2764",
        "W2ZhbHNlLCJBIiwiMSJd:forged",
        pytest.param("a" * 10_000, id="long"),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    people(*"ABC")
    with pytest.raises(InvalidCursor):
        at(cursor)


def test_a_cursor_of_another_list_is_refused() -> None:
    people(*"ABC")
    with pytest.raises(InvalidCursor):
        at(Signer(salt="another list").sign_object([False, "A", "1"]))


def test_a_cursor_of_another_order_is_refused() -> None:
    people(*"ABC")
    cursor = at(ordering=NEWEST_FIRST).next
    with pytest.raises(InvalidCursor):
        at(cursor, ordering=BY_NAME)


def test_a_cursor_that_was_cut_short_is_refused() -> None:
    people(*"ABC")
    cursor = at().next or ""
    with pytest.raises(InvalidCursor):
        at(cursor[:-1])


def test_the_same_page_has_the_same_cursor() -> None:
    people(*"ABC")
    assert at().next == at().next


def test_a_column_that_is_null_is_an_error() -> None:
    people(*"ABC")
    with pytest.raises(ValueError, match="NULL"):
        page(User.objects.all(), ordering=("last_login", "id"), size=2)


def test_a_page_is_one_query_and_the_way_back_to_the_start_two(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    people(*"ABCDEFG")
    with django_assert_num_queries(1):
        first = at()
    with django_assert_num_queries(1):
        second = at(first.next)
    last = at(at(second.next).next)
    with django_assert_num_queries(1):
        at(last.previous)
    with django_assert_num_queries(2):
        at(second.previous)

"""By what lists are narrowed down, as addresses say it: one way of saying each thing."""

from decimal import Decimal

import pytest

from shop.showcase.errors import InvalidFilter
from shop.showcase.rules import Filters, Pairs, Sorting, last

EVERYTHING = Filters(
    category=12,
    price_from=Decimal("5"),
    price_to=Decimal("20.50"),
    options=(("colour", "blue"), ("colour", "red"), ("size", "m")),
    in_stock=True,
)
IN_ONE_WAY: Pairs = (
    ("category", "12"),
    ("price_from", "5"),
    ("price_to", "20.50"),
    ("options", "colour:blue,colour:red,size:m"),
    ("in_stock", "1"),
)


def parse(*pairs: tuple[str, str]) -> Filters:
    """Parse what an address says, as a browser would send it."""
    parameters: dict[str, list[str]] = {}
    for name, text in pairs:
        parameters.setdefault(name, []).append(text)
    return Filters.parse(parameters)


def test_an_address_without_filters_leaves_nothing_out() -> None:
    assert parse() == Filters()
    assert Filters().pairs == ()


def test_filters_and_their_address_say_the_same() -> None:
    assert parse(*IN_ONE_WAY) == EVERYTHING
    assert EVERYTHING.pairs == IN_ONE_WAY


@pytest.mark.parametrize(
    "pairs",
    [
        tuple(reversed(IN_ONE_WAY)),
        (*IN_ONE_WAY, ("utm_source", "letter"), ("page", "3")),
        (("options", "size:m"), ("options", "colour:red"), *IN_ONE_WAY[:3], *IN_ONE_WAY[4:],
         ("options", "colour:blue")),
        (*IN_ONE_WAY[:3], ("options", " size:m,,Colour:RED ,colour:blue,size:m"), *IN_ONE_WAY[4:]),
        (("category", "7"), ("category", ""), *IN_ONE_WAY, ("price_to", " ")),
        (("price_from", "005.00"), ("price_to", "20.5"), *IN_ONE_WAY[:1], *IN_ONE_WAY[3:]),
    ],
    ids=["order", "strangers", "several", "unsorted", "empty", "zeros"],
)  # fmt: skip
def test_what_is_said_in_other_ways_is_understood(pairs: Pairs) -> None:
    assert parse(*pairs).pairs == IN_ONE_WAY


@pytest.mark.parametrize("name", ["category", "price_from", "price_to", "options", "in_stock"])
@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_an_empty_value_says_nothing(name: str, text: str) -> None:
    assert parse((name, text)) == Filters()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *[
            ("category", text)
            for text in ("abc", "-1", "0", "1.5", "1e3", "٣", "\0", str(2**63), "9" * 40)
        ],
        *[
            (name, text)
            for name in ("price_from", "price_to")
            for text in ("abc", "-1", "NaN", "Infinity", "1e5", "1" + "0" * 30, "5.123", "5,5",
                         "1_000", "٣", ".5", "5.", "\0", "0x10", "<script>")
        ],
        *[
            ("options", text)
            for text in ("red", "colour", "colour:", ":red", "a:b:c", "colour:r ed", "a:b;c:d",
                         "colour:red\0", "c" * 41 + ":red", "<script>:x", "colour:red|blue")
        ],
        ("options", ",".join(f"colour:{number}" for number in range(21))),
        *[("in_stock", text) for text in ("yes", "true", "2", "-1", "1.0")],
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(name: str, text: str) -> None:
    """Ignored, it would show what nobody has asked for."""
    with pytest.raises(InvalidFilter) as refusal:
        parse((name, text))
    assert refusal.value.data == {"name": name}


@pytest.mark.parametrize(
    ("name", "text", "filters"),
    [
        ("category", str(2**63 - 1), Filters(category=2**63 - 1)),
        ("price_from", "0", Filters(price_from=Decimal(0))),
        ("price_to", "999999999999.99", Filters(price_to=Decimal("999999999999.99"))),
        ("options", "Größe:xl.2_a-b", Filters(options=(("grösse", "xl.2_a-b"),))),
        ("options", ",".join(f"c:{n:02}" for n in range(20)),
         Filters(options=tuple(("c", f"{n:02}") for n in range(20)))),
        ("in_stock", "0", Filters()),
    ],
)  # fmt: skip
def test_what_is_just_possible_is_understood(name: str, text: str, filters: Filters) -> None:
    assert parse((name, text)) == filters


def test_a_price_of_nothing_is_not_no_price() -> None:
    assert parse(("price_to", "0")).pairs == (("price_to", "0"),)


def test_values_are_kept_apart_by_their_option() -> None:
    assert EVERYTHING.by_option == {"colour": ("blue", "red"), "size": ("m",)}
    assert Filters().by_option == {}


def test_a_choice_is_made_and_taken_back() -> None:
    red = Filters(in_stock=True).toggled("colour", "red")
    both = red.toggled("colour", "blue")
    assert both.pairs == (("options", "colour:blue,colour:red"), ("in_stock", "1"))
    assert both.toggled("colour", "red").pairs == (("options", "colour:blue"), ("in_stock", "1"))
    assert red.toggled("colour", "red") == Filters(in_stock=True)


@pytest.mark.parametrize(
    ("texts", "said"), [([], ""), (["a"], "a"), (["a", " b "], "b"), (["a", ""], "a"), ([" "], "")]
)
def test_the_last_word_counts(texts: list[str], said: str) -> None:
    assert last({"sort": texts}, "sort") == said
    assert last({}, "sort") == ""


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("", ("name", "id")),
        ("name", ("name", "id")),
        ("price", ("price", "id")),
        ("price_desc", ("-price", "-id")),
        ("newest", ("-created_at", "-id")),
        ("rating", ("-rating_rank", "-id")),
    ],
)
def test_an_order_is_found_by_its_name(name: str, columns: tuple[str, ...]) -> None:
    assert Sorting.named(name).columns == columns


@pytest.mark.parametrize("name", ["NAME", "-price", "nonsense", "name,price", "\0", "1"])
def test_another_order_is_refused(name: str) -> None:
    with pytest.raises(InvalidFilter) as refusal:
        Sorting.named(name)
    assert refusal.value.data == {"name": "sort"}

"""The demo's words: what a first visitor reads is complete, plausible and written only once."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

Row = dict[str, str]

DEMO = Path(__file__).parents[1] / "demo"


def rows_of(name: str) -> list[Row]:
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def products() -> dict[str, list[Row]]:
    """The lines of every product, by its code: a simple product's code is its SKU."""
    lines = defaultdict(list)
    for row in rows_of("catalogue.csv"):
        lines[row["product"] or row["sku"]].append(row)
    return lines


def reviews() -> dict[str, list[Row]]:
    written = defaultdict(list)
    for row in rows_of("reviews.csv"):
        written[row["product"]].append(row)
    return written


def twice(texts: Iterable[str]) -> list[str]:
    """The texts that stand more than once, however they are cased and spaced."""
    counts = Counter(" ".join(text.lower().split()) for text in texts)
    return [text for text, count in counts.items() if text and count > 1]


def every_text() -> Iterator[str]:
    yield from (row["description"] for row in rows_of("catalogue.csv"))
    yield from (row["description"] for row in rows_of("categories.csv"))
    yield from (row["text"] for row in rows_of("reviews.csv"))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        (
            "catalogue.csv",
            "sku,product,name,description,category,price,regular_price,options,stock",
        ),
        ("categories.csv", "path,description"),
        ("reviewers.csv", "username,first_name,last_name,city"),
        ("reviews.csv", "product,username,rating,text,days_ago"),
    ],
)
def test_files_have_their_columns_and_whole_lines(name: str, columns: str) -> None:
    rows = rows_of(name)

    assert {tuple(row) for row in rows} == {tuple(columns.split(","))}
    assert [row for row in rows for cell in row.values() if cell != cell.strip()] == []


# --- Products -------------------------------------------------------------------------------------


def test_seventy_two_products_stand_nine_by_nine_on_two_levels() -> None:
    shelves = Counter(lines[0]["category"] for lines in products().values())

    assert shelves == {
        "Kitchen > Tea and coffee": 9,
        "Kitchen > Cooking": 9,
        "Living room > Light": 9,
        "Living room > Textiles": 9,
        "Desk > Writing": 9,
        "Desk > Order": 9,
        "Garden > Tools": 9,
        "Garden > Birds": 9,
    }


def test_skus_and_names_are_unique() -> None:
    assert twice(row["sku"] for row in rows_of("catalogue.csv")) == []
    assert twice(lines[0]["name"] for lines in products().values()) == []


def test_every_product_is_described() -> None:
    short = [code for code, lines in products().items() if len(lines[0]["description"]) < 80]
    loud = [code for code, lines in products().items() if "!" in lines[0]["description"]]

    assert (short, loud) == ([], [])


def test_lines_of_one_product_differ_in_their_options_alone() -> None:
    for code, lines in products().items():
        assert len({(line["name"], line["category"]) for line in lines}) == 1, code
        assert len({line["options"].split("=")[0] for line in lines}) == 1, code
        assert len({line["options"] for line in lines}) == len(lines), code
        assert all(line["sku"].startswith(code) for line in lines), code


def test_twenty_products_have_variants() -> None:
    sizes = Counter(len(lines) for lines in products().values())

    assert sizes == {1: 52, 2: 1, 3: 18, 4: 1}


def test_some_are_sold_out_and_some_nearly() -> None:
    counts = {code: [int(line["stock"]) for line in lines] for code, lines in products().items()}

    assert [code for code, stock in counts.items() if not any(stock)] == [
        "drip-brass",
        "lamp-reading",
        "rug-runner",
        "socks-house",
        "clock-desk",
        "hotel-insect",
    ]
    assert len([code for code, stock in counts.items() if 0 in stock and any(stock)]) >= 4
    assert len([n for stock in counts.values() for n in stock if 1 <= n <= 5]) >= 8
    assert max(n for stock in counts.values() for n in stock) == 400


def test_eleven_products_are_reduced() -> None:
    reduced = [
        code for code, lines in products().items() if any(line["regular_price"] for line in lines)
    ]

    assert len(reduced) == 11
    for row in rows_of("catalogue.csv"):
        assert Decimal(row["price"]) > 0
        if row["regular_price"]:
            assert Decimal(row["regular_price"]) > Decimal(row["price"]), row["sku"]


def test_every_category_and_the_ones_above_are_described() -> None:
    leaves = {lines[0]["category"] for lines in products().values()}
    tops = {leaf.split(" > ")[0] for leaf in leaves}
    categories = rows_of("categories.csv")

    assert sorted(row["path"] for row in categories) == sorted(leaves | tops)
    assert [row["path"] for row in categories if len(row["description"]) < 60] == []


# --- Reviews --------------------------------------------------------------------------------------


def test_every_product_has_two_to_thirty_reviews() -> None:
    counts = {code: len(rows) for code, rows in reviews().items()}

    assert counts.keys() == products().keys()
    assert {code: count for code, count in counts.items() if not 2 <= count <= 30} == {}
    assert 500 <= sum(counts.values()) <= 600


def test_one_person_reviews_a_product_once() -> None:
    written = Counter((row["product"], row["username"]) for row in rows_of("reviews.csv"))

    assert [pair for pair, count in written.items() if count > 1] == []


def test_forty_people_write_and_all_are_known() -> None:
    people = rows_of("reviewers.csv")
    authors = {row["username"] for row in rows_of("reviews.csv")}

    assert {person["username"] for person in people} == authors
    assert len(people) == len(authors) == 40
    assert all(all(person.values()) for person in people)
    assert twice(f"{person['first_name']} {person['last_name'][0]}" for person in people) == []


def test_ratings_are_mixed_and_differ_by_product() -> None:
    ratings = Counter(int(row["rating"]) for row in rows_of("reviews.csv"))
    averages = [sum(int(row["rating"]) for row in rows) / len(rows) for rows in reviews().values()]

    assert set(ratings) == {1, 2, 3, 4, 5}
    assert ratings[5] > ratings[4] > ratings[3] > ratings[2] > ratings[1]
    assert min(averages) < 3.5
    assert max(averages) > 4.7


def test_days_lie_within_two_years() -> None:
    days = [int(row["days_ago"]) for row in rows_of("reviews.csv")]

    assert 1 <= min(days) <= max(days) <= 700


def test_some_say_nothing() -> None:
    texts = [row["text"] for row in rows_of("reviews.csv")]

    assert 0.05 < texts.count("") / len(texts) < 0.1


# --- All of it ------------------------------------------------------------------------------------


def test_no_text_stands_twice() -> None:
    assert twice(every_text()) == []


def test_no_text_tells_an_address() -> None:
    assert [text for text in every_text() if "@" in text or "http" in text or "<" in text] == []

"""`manage.py replay_orders`: a month of another shop's sales, each invoice one order."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core import mail

from shop.catalog import actions as catalog
from shop.catalog import queries as catalog_queries
from shop.catalog.models import Product
from shop.catalog.rules import PriceChange, ProductRow
from shop.events import actions as events
from shop.inventory.models import StockMovement
from shop.ops.tests.retail import (
    HEADER,
    Month,
    everything,
    line,
    movements,
    replay,
    summary,
    write,
)
from shop.orders.models import Order, OrderLine
from tests.builders import place, put_on_sale, stock_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_agrees")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a test puts its first file."""
    return tmp_path / "december.csv"


def variant(sku: str) -> int:
    return catalog_queries.variant_ids_by_sku([sku])[sku]


def test_the_summary(file: Path) -> None:
    write(
        file,
        [
            line(1001, "MUG", "Mug", 600, price="2.555"),
            line(1001, "MUG", "Mug", 1, price="2.555"),
            line(1002, "TEA", "Tea", 2, price="1000"),
            line(1002, "TEA", "Tea", -2),
            line(1003, "TEA", "", 5),
            line("C1002", "TEA", "Tea", -1),
            line("C1002", "MUG", "Mug", -1),
            line("A1", "B", "Adjust bad debt", 1),
        ],
    )

    assert replay(file) == (
        0,
        "orders    2 (2 placed now, 0 placed before)\n"
        "lines     3\n"
        "units     603\n"
        "value     3,538.56\n"
        "rejected  2 lines\n"
        "skipped   2 invoices\n",
        "",
    )


def test_an_invoice_becomes_a_finished_order(file: Path) -> None:
    replay(write(file, [line(quantity=6, price="2.50", at="2010-12-01 08:26:00")]))

    order = Order.objects.get()
    assert (order.origin, order.status, order.payment_state, order.fulfilment_state) == (
        "online-retail:1001",
        "Completed",
        "Paid",
        "Shipped",
    )
    assert (order.placed_at, order.expires_at, order.payment_method) == (
        datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        None,
        "elsewhere",
    )
    assert (order.goods_total, order.shipping_total, order.total, order.currency) == (
        Decimal("15.00"),
        Decimal("0.00"),
        Decimal("15.00"),
        "GBP",
    )
    history = order.history.order_by("id").values_list("kind", flat=True)
    assert list(history) == ["paid", "shipped", "completed"]


def test_its_lines_become_the_orders_lines(file: Path) -> None:
    tea = line(1001, "TEA", '"Tea, green"', 2, "2010-12-01 08:27:00", "0.85")
    replay(write(file, [line(quantity=6, price="2.554"), tea, tea]))

    lines = OrderLine.objects.order_by("position")
    assert list(
        lines.values_list("position", "sku", "name", "quantity", "unit_price", "amount")
    ) == [
        (1, "MUG", "Mug", 6, Decimal("2.55"), Decimal("15.30")),
        (2, "TEA", "Tea, green", 2, Decimal("0.85"), Decimal("1.70")),
        (3, "TEA", "Tea, green", 2, Decimal("0.85"), Decimal("1.70")),
    ]


def test_nobody_gets_mail(file: Path) -> None:
    replay(write(file, [line()]))

    while events.deliver_due():
        pass

    assert (Order.objects.get().email, mail.outbox) == ("", [])


@pytest.mark.parametrize(
    ("customer", "country", "name", "city", "code"),
    [
        ("", "Unspecified", "", "Unspecified", ""),
        ("12345", "Channel Islands", "Customer 12345", "Channel Islands", ""),
        ("12345.0", "USA", "Customer 12345", "", "US"),
        ("12345.0", "EIRE", "Customer 12345", "", "IE"),
    ],
)
def test_where_an_order_goes(
    file: Path, customer: str, country: str, name: str, city: str, code: str
) -> None:
    replay(write(file, [line(customer=customer, country=country)]))

    order = Order.objects.get()
    assert (order.name, order.city, order.country) == (name, city, code)


def test_a_product_has_its_first_name_and_its_last_price(file: Path) -> None:
    write(
        file,
        [
            line(1003, name="MUG?", price="9.00", at="2010-12-03 10:00:00"),
            line(1001, name="mug", price="2.00", at="2010-12-01 10:00:00"),
            line(1002, name="Mug", price="4.00", at="2010-12-02 10:00:00"),
        ],
    )

    replay(file)

    product = Product.objects.get()
    assert (product.code, product.name, product.price, product.category.name) == (
        "MUG",
        "mug",
        Decimal("9.00"),
        "Online Retail",
    )
    assert (product.is_published, product.in_stock) == (True, False)


def test_codes_that_differ_only_in_case_are_two_products(file: Path) -> None:
    replay(write(file, [line(sku="85123a", quantity=2), line(sku="85123A", quantity=3)]))

    assert Product.objects.count() == 2
    assert sorted(movements("received")) == [2, 3]
    assert OrderLine.objects.get(variant=variant("85123a")).quantity == 2


def test_what_is_sold_is_received_once_and_shipped_line_by_line(file: Path) -> None:
    write(
        file,
        [
            line(1001, "MUG", quantity=2),
            line(1001, "MUG", quantity=3),
            line(1002, "MUG", quantity=5),
            line(1002, "TEA", quantity=80995),
        ],
    )

    replay(file)

    numbers = dict(Order.objects.values_list("origin", "number"))
    first, second = numbers["online-retail:1001"], numbers["online-retail:1002"]
    found = StockMovement.objects.order_by("id")
    assert list(found.values_list("level__variant__sku", "reason", "quantity", "reference")) == [
        ("MUG", "received", 10, "online-retail"),
        ("TEA", "received", 80995, "online-retail"),
        ("MUG", "shipped", -2, first),
        ("MUG", "shipped", -3, first),
        ("MUG", "shipped", -5, second),
        ("TEA", "shipped", -80995, second),
    ]
    assert (stock_of(variant("MUG")), stock_of(variant("TEA"))) == ((0, 0), (0, 0))


def test_only_what_the_shop_does_not_have_is_received(file: Path) -> None:
    mug = put_on_sale("MUG", stock=7)
    tea = put_on_sale("TEA", stock=100)
    place({mug: 3})

    replay(write(file, [line(sku="MUG", quantity=10), line(sku="TEA", quantity=10)]))

    assert movements("received") == [7, 100, 6]
    assert (stock_of(mug), stock_of(tea)) == ((3, 3), (90, 0))


def test_a_rerun_changes_nothing(tmp_path: Path) -> None:
    month = Month(9)
    file = month.write(tmp_path / "december.csv")
    assert replay(file) == (0, month.summary(now=9), "")
    before = everything()

    assert replay(file) == (0, month.summary(now=0, before=9), "")

    assert everything() == before
    month.must_have_come()


def test_a_second_month_adds_to_the_first(tmp_path: Path) -> None:
    december = write(tmp_path / "12.csv", [line(1001, "MUG", quantity=2, price="2.00")])
    january = write(
        tmp_path / "01.csv",
        [
            line(2001, "MUG", "MUG NEW", quantity=3, at="2011-01-05 10:00:00", price="3.00"),
            line(2001, "TEA", "Tea", quantity=1, at="2011-01-05 10:00:00", price="1.00"),
        ],
    )
    replay(december)

    assert replay(january).out == summary(now=1, lines=2, units=4, value="10.00")
    assert replay(december, january).out == summary(
        now=0, before=2, lines=3, units=6, value="14.00"
    )

    assert movements("received") == [2, 3, 1]
    assert list(OrderLine.objects.order_by("id").values_list("name", flat=True)) == [
        "Mug",
        "Mug",
        "Tea",
    ]


def test_what_the_merchant_changed_stays(file: Path) -> None:
    mug = put_on_sale("MUG", name="Our mug", price="9.99", stock=0, category=("Kitchen",))
    catalog.put_products(
        rows=[ProductRow(sku="JAR", name="Jar", price=Decimal(5), is_published=False)]
    )
    replay(write(file, [line(sku="MUG"), line(sku="TEA"), line(sku="JAR")]))
    catalog.set_prices(prices=[PriceChange(variant("TEA"), Decimal("7.77"))])
    later = write(file.with_name("later.csv"), [line(1002, "MUG"), line(1002, "TEA")])

    replay(file, later)

    assert list(
        Product.objects.order_by("code").values_list("code", "name", "price", "category__name")
    ) == [
        ("JAR", "Jar", None, "Uncategorised"),
        ("MUG", "Our mug", Decimal("9.99"), "Kitchen"),
        ("TEA", "Mug", Decimal("7.77"), "Online Retail"),
    ]
    # An order is called what the catalogue calls it, and costs what was paid.
    assert set(OrderLine.objects.filter(variant=mug).values_list("name", "unit_price")) == {
        ("Our mug", Decimal("2.50"))
    }


def test_an_invoice_that_cannot_be_an_order_is_named_and_the_others_placed(file: Path) -> None:
    write(
        file,
        [
            line(1001, "MUG", quantity=2),
            line(1001, "S" * 100),
            line(1002, "TEA", quantity=3),
            line(1003, "TEA", quantity=1),
            line(1003, "MUG", quantity=10**10),
            line(1004, "GOLD", "Gold", quantity=2_000_000, price="999999.99"),
            line(1005, "LONG", "x" * 256),
        ],
    )

    result = replay(file)

    assert result.status == 1
    assert result.out == summary(now=1, lines=1, units=3, value="7.50")
    assert result.err.splitlines() == [
        f"{'S' * 100!r} cannot be a product: the sku is longer than 64 letters.",
        "'LONG' cannot be a product: the name is longer than 255 letters.",
        f"invoice 1001: 1 of {'S' * 100!r} at 2.50 cannot be sold.",
        "invoice 1003: 10,000,000,000 of 'MUG' at 2.50 cannot be sold.",
        "invoice 1004: it comes to 1,999,999,980,000.00, more than the shop can write down.",
        "invoice 1005: 1 of 'LONG' at 2.50 cannot be sold.",
        "4 invoices were refused. The others are orders.",
    ]
    assert (Order.objects.get().origin, movements("received")) == ("online-retail:1002", [3])


def test_a_long_list_of_refused_invoices_is_cut(file: Path) -> None:
    write(file, [line(number, "S" * 65) for number in range(1001, 1024)])

    _, _, err = replay(file)

    assert err.splitlines()[20:] == [
        "invoice 1020: 1 of '" + "S" * 65 + "' at 2.50 cannot be sold.",
        "and 3 more",
        "23 invoices were refused. The others are orders.",
    ]


@pytest.mark.parametrize(
    "content",
    [
        "",
        HEADER.replace(",Quantity", ""),
        f"{HEADER}\n{line()}\n1002,TEA,Tea",
        f"{HEADER}\n{line()}\n{line(quantity='six')}\n",
        f"{HEADER}\n{line()}\n{line(name=chr(34) + 'Mug')}\n",
    ],
)
def test_files_that_cannot_be_read_change_nothing(file: Path, content: str) -> None:
    file.write_text(content, encoding="utf-8")
    good = write(file.with_name("good.csv"), [line(7)])
    before = everything()

    for files in ((file,), (good, file), (good, file.with_name("missing.csv")), (file.parent,)):
        result = replay(*files)
        assert (result.status, result.out) == (1, "")
        assert "Nothing was changed" in result.err.splitlines()[-1]

    assert everything() == before


def test_lines_that_cannot_be_read_are_listed(file: Path) -> None:
    lines = [line(), "1001,MUG", *(line(quantity="six") for _ in range(20))]

    result = replay(write(file, lines))

    listed = result.err.splitlines()
    assert listed[:2] == [
        f"{file}, line 3: 2 cells where the header has 8.",
        f"{file}, line 4: the quantity 'six' is no number.",
    ]
    assert listed[20:] == [
        "and 1 more",
        "21 lines cannot be read. Nothing was changed: mend them, or take them out, and run the "
        "command again.",
    ]

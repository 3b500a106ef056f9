"""The sheet that an invoice is drawn on. Its library is read when the first one is printed."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from fpdf import FPDF, FontFace

from shop.lib.amounts import written
from shop.lib.countries import country_names
from shop.orders.rules import PaymentMethod

if TYPE_CHECKING:
    from datetime import datetime

    from shop.letters.models import Invoice
    from shop.orders.models import Order

# It tells of every table of a font that it reads.
logging.getLogger("fontTools").setLevel(logging.WARNING)

_FONTS = Path(__file__).with_name("fonts")
_INK, _QUIET, _LINE, _ACCENT = (31, 36, 38), (93, 95, 91), (214, 208, 196), (20, 86, 106)
_MARGIN = 20
# What the columns take of the width: item, quantity, each, amount.
_COLUMNS = (54, 12, 17, 17)
_MINUS = "\N{MINUS SIGN}"


class Paper(FPDF):
    """A sheet that ends with the page's number."""

    def __init__(self, *, order: "Order", invoice: "Invoice") -> None:
        super().__init__(format="A4")
        self.order, self.invoice = order, invoice
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN + 5)
        self.add_font("DejaVu", "", _FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_creation_date(invoice.issued_at)
        self.set_title(f"Invoice {invoice.number}")
        self.set_author(settings.SHOP_NAME)
        self.set_lang("en")
        self.add_page()

    def footer(self) -> None:
        self.set_y(-_MARGIN)
        self.write_in(8, _QUIET)
        words = f"{settings.SHOP_NAME} · Invoice {self.invoice.number} · Page {self.page_no()}"
        self.cell(0, 5, f"{words} of {{nb}}", align="C")

    def write_in(self, size: int, ink: tuple[int, int, int] = _INK, style: str = "") -> None:
        self.set_font("DejaVu", style, size)
        self.set_text_color(*ink)

    def head(self) -> None:
        """Who sells, and which invoice of theirs this is."""
        self.write_in(18, _ACCENT, "B")
        self.multi_cell(0, 9, settings.SHOP_NAME, new_x="LMARGIN", new_y="NEXT")
        self.write_in(9, _QUIET)
        for line in settings.SHOP_ADDRESS.split(","):
            self.cell(0, 4.5, line.strip(), new_x="LMARGIN", new_y="NEXT")
        self.ln(10)
        self.write_in(22, style="B")
        self.cell(0, 10, f"Invoice {self.invoice.number}", new_x="LMARGIN", new_y="NEXT")
        self.ln(4)

    def parties(self) -> None:
        """Who bought, beside the facts."""
        top = self.get_y()
        self._block("Billed to", _address_of(self.order), x=_MARGIN)
        bottom = self.get_y()
        self.set_y(top)
        self._block("About", _facts_of(self.order, self.invoice), x=self.epw / 2 + _MARGIN)
        self.set_y(max(bottom, self.get_y()))
        self.ln(8)

    def _block(self, title: str, lines: list[str], *, x: float) -> None:
        width = self.epw / 2 - 4
        self.set_x(x)
        self.write_in(8, _QUIET, "B")
        self.cell(width, 6, title.upper(), new_x="LEFT", new_y="NEXT")
        self.write_in(10)
        for line in lines:
            self.set_x(x)
            self.multi_cell(width, 5.2, line, new_x="LEFT", new_y="NEXT", align="L")

    def lines(self) -> None:
        """What was bought: on each page that it takes, below the same heading."""
        self.write_in(9)
        self.set_draw_color(*_LINE)
        heading = FontFace(emphasis="BOLD", color=_QUIET)
        with self.table(
            borders_layout="HORIZONTAL_LINES",
            col_widths=_COLUMNS,
            text_align=("LEFT", "RIGHT", "RIGHT", "RIGHT"),
            headings_style=heading,
            line_height=5,
            v_align="TOP",
            padding=(1.6, 1),
        ) as table:
            table.row(("Item", "Quantity", "Each", "Amount"))
            for line in self.order.lines.all():
                name = ", ".join(part for part in (line.name, line.variant_title) if part)
                table.row(
                    (
                        f"{name}\n{line.sku}",
                        str(line.quantity),
                        written(line.unit_price, self.order.currency),
                        written(line.amount, self.order.currency),
                    )
                )

    def totals(self) -> None:
        """What it comes to, in one piece."""
        rows = _totals_of(self.order)
        if self.will_page_break(7 * len(rows) + 12):
            self.add_page()
        self.ln(3)
        for place, (words, amount) in enumerate(rows, start=1):
            is_last = place == len(rows)
            self.write_in(11 if is_last else 10, style="B" if is_last else "")
            self.set_x(_MARGIN + self.epw / 2)
            self.cell(self.epw / 4, 7, words)
            self.cell(self.epw / 4, 7, amount, align="R", new_x="LMARGIN", new_y="NEXT")


def _address_of(order: "Order") -> list[str]:
    country = country_names().get(order.country, order.country)
    town = " ".join(part for part in (order.postcode, order.city) if part)
    lines = [order.name, order.line1, order.line2, town, country, order.email]
    return [line for line in lines if line]


def _facts_of(order: "Order", invoice: "Invoice") -> list[str]:
    return [
        f"Invoice of {_day(invoice.issued_at)}",
        f"Order {order.number}",
        f"Ordered on {_day(order.placed_at)}",
        f"{PaymentMethod(order.payment_method).label}, received",
    ]


def _totals_of(order: "Order") -> list[tuple[str, str]]:
    """Return the sums of an order; what there is none of is not mentioned."""
    currency = order.currency
    parts = [
        ("Goods", order.goods_total, ""),
        ("Shipping", order.shipping_total, ""),
        ("Tax", order.tax_total, ""),
        ("Discount", order.discount_total, _MINUS),
    ]
    rows = [(name, sign + written(amount, currency)) for name, amount, sign in parts if amount]
    return [*rows, ("Total paid", written(order.total, currency))]


def _day(at: "datetime") -> str:
    return date_format(timezone.localtime(at), "j F Y")

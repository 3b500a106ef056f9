"""What the shop does not send."""

from dataclasses import dataclass
from typing import ClassVar

from shop.lib.refusals import Refusal


@dataclass(eq=False)
class UnknownLetter(Refusal):
    """There is no such letter."""

    code: ClassVar[str] = "unknown_letter"
    letter_id: int


@dataclass(eq=False)
class UnknownLink(Refusal):
    """A link that the shop has not made, or that is not whole any more."""

    code: ClassVar[str] = "unknown_link"


@dataclass(eq=False)
class NoInvoice(Refusal):
    """There is no invoice for this order: it was not paid here, or not yet."""

    code: ClassVar[str] = "no_invoice"
    order_id: int

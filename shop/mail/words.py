"""What letters say: a subject, a heading and a sentence or two for each kind."""

from dataclasses import dataclass

from shop.letters.rules import LetterKind


@dataclass(frozen=True, slots=True)
class Words:
    """What a kind of letter says first; `{number}` is that of the order."""

    subject: str
    heading: str
    lead: str


WORDS: dict[LetterKind, Words] = {
    LetterKind.PLACED: Words(
        "Your order {number}",
        "Thank you for your order",
        "We have it, and everything in it is set aside for you.",
    ),
    LetterKind.PAID: Words(
        "Your payment for order {number}",
        "Your payment has arrived",
        "Thank you. Your invoice is attached to this letter.",
    ),
    LetterKind.SHIPPED: Words(
        "Your order {number} is on its way",
        "Your order is on its way",
        "We have packed it and sent it to the address below.",
    ),
    LetterKind.CANCELED: Words(
        "Your order {number} is canceled",
        "Your order is canceled",
        "Nothing of it will be sent.",
    ),
    LetterKind.EXPIRED: Words(
        "Your order {number} was not paid in time",
        "Your order was not paid in time",
        "We kept the goods for you as long as we had promised, and your payment did not arrive. So"
        " the order is canceled. If you have sent the money since, it will be sent back to you.",
    ),
    LetterKind.REFUNDED: Words(
        "The money for order {number} is on its way back",
        "We have sent your money back",
        "It takes your bank a few days to show it.",
    ),
    LetterKind.BACK_IN_STOCK: Words(
        "{name} is back",
        "It is back",
        "You asked us to tell you when it is there again. Now it is, for as long as it lasts.",
    ),
    LetterKind.LEFT_CART: Words(
        "Still in your cart",
        "Still in your cart",
        "You have put these aside and not ordered them. Here they are, at what they cost today.",
    ),
    LetterKind.LOW_STOCK: Words(
        "Running low",
        "Running low",
        "So few are left of these that it is time to order more.",
    ),
    LetterKind.TROUBLE: Words(
        "The shop needs somebody to look at it",
        "The shop needs somebody to look at it",
        "This did not work, though it was tried. Orders go on meanwhile.",
    ),
}

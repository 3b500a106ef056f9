"""Whether drafts can become orders: decided on what the caller has loaded."""

from shop.checkout.rules.allowances import Allowances, Claim
from shop.checkout.rules.buyers import LONGEST_CUSTOMER, Buyer, customers_of, with_account
from shop.checkout.rules.drafts import (
    AgreedLine,
    Draft,
    Key,
    Outcome,
    Placed,
    Refused,
    Replayed,
)
from shop.checkout.rules.plans import (
    LARGEST_AGREED_QUANTITY,
    Plan,
    plan_agreed,
    plan_cart,
    with_quote,
)

__all__ = [
    "LARGEST_AGREED_QUANTITY",
    "LONGEST_CUSTOMER",
    "AgreedLine",
    "Allowances",
    "Buyer",
    "Claim",
    "Draft",
    "Key",
    "Outcome",
    "Placed",
    "Plan",
    "Refused",
    "Replayed",
    "customers_of",
    "plan_agreed",
    "plan_cart",
    "with_account",
    "with_quote",
]

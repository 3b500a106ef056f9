"""The people of the demo: accounts that everybody knows the password of, and reviewers."""

from dataclasses import dataclass

from shop.accounts import queries as accounts

# Printed when the shop opens. A shop that strangers reach does not open with it.
PASSWORD = "tern-and-tide"  # noqa: S105  (known to everybody, by design)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """Somebody to sign in as; `groups` and `is_superuser` are rights in the back office."""

    username: str
    first_name: str
    last_name: str
    city: str
    what: str
    groups: tuple[str, ...] = ()
    is_superuser: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether the back office is open to them."""
        return self.is_superuser or bool(self.groups)


ACCOUNTS = (
    DemoAccount(
        username="maya", first_name="Maya", last_name="Rowe", city="Leeds", what="a shopper"
    ),
    DemoAccount(
        username="owner",
        first_name="Olu",
        last_name="Adeyemi",
        city="Whitby",
        what="staff, with every right",
        is_superuser=True,
    ),
    DemoAccount(
        username="catalogue",
        first_name="Cato",
        last_name="Lindqvist",
        city="Whitby",
        what="staff for products and stock",
        groups=("Catalogue",),
    ),
    DemoAccount(
        username="orders",
        first_name="Orla",
        last_name="Byrne",
        city="Whitby",
        what="staff for orders",
        groups=("Orders",),
    ),
)


def open_accounts() -> list[DemoAccount]:
    """Return the demo's accounts that its known password still opens, in one query."""
    names = set(accounts.with_password([account.username for account in ACCOUNTS], PASSWORD))
    found = [account for account in ACCOUNTS if account.username in names]
    return sorted(found, key=lambda account: account.username)

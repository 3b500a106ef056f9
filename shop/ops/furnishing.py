"""Making an empty shop the demo's: its catalogue, pictures, people, reviews and first orders.

Every step does only what is not there yet, so that a start that was interrupted is finished by the
next one.
"""

import contextlib
import csv
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from shop.accounts import actions as account_actions
from shop.accounts import queries as accounts
from shop.accounts.rules import NewPerson
from shop.catalog import actions as catalog_actions
from shop.catalog import queries as catalog
from shop.ops.demo_people import ACCOUNTS, PASSWORD, DemoAccount, open_accounts
from shop.reviews import actions as reviews
from shop.reviews.rules import ReviewRow, author

DEMO = Path(__file__).resolve().parent / "demo"
CATALOGUE = DEMO / "catalogue.csv"
_PRODUCT_PICTURES = DEMO / "pictures" / "products"
_CATEGORY_PICTURES = DEMO / "pictures" / "categories"
# Two of three reviewers have bought what they speak of.
_BUYERS = (True, True, False)


@contextlib.contextmanager
def unfinished() -> Iterator[None]:
    """Remember that the shop is being furnished, until it is."""
    _marker().touch()
    yield
    _marker().unlink(missing_ok=True)


def is_unfinished() -> bool:
    """Tell whether somebody began to furnish the shop and was interrupted."""
    return _marker().exists()


def _marker() -> Path:
    return Path(settings.DATA_DIR) / "furnishing"


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """Yield the lines of one of the demo's own tables."""
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def describe_categories() -> None:
    """Give the categories their texts and pictures."""
    ids = catalog.category_paths()
    for row in rows_of("categories.csv"):
        path = tuple(row["path"].split(" > "))
        catalog_actions.change_category(
            category_id=ids[path], changes={"description": row["description"]}
        )
        with (_CATEGORY_PICTURES / f"{_slug(row['path'])}.webp").open("rb") as file:
            catalog_actions.set_category_picture(category_id=ids[path], file=file)


def hang_pictures() -> None:
    """Give every product that has none its picture, and one for each colour that has its own."""
    codes = {row["product"] or row["sku"]: row["name"] for row in rows_of("catalogue.csv")}
    ids = catalog.product_ids_by_code(codes)
    hung = catalog.first_pictures(ids.values())
    for code, product_id in ids.items():
        if product_id not in hung:
            _hang(product_id, code, name=codes[code])


def _hang(product_id: int, code: str, *, name: str) -> None:
    """Hang a picture for each colour that has its own, the product's where none has."""
    ids = catalog.variant_ids_by_title(product_id)
    own = {
        title: path
        for title in ids
        if (path := _PRODUCT_PICTURES / f"{code}--{title.casefold()}.webp").exists()
    }
    for title, path in own.items():
        with path.open("rb") as file:
            catalog_actions.add_picture(
                product_id=product_id,
                file=file,
                alt=f"{name}, {title.casefold()}",
                variant_id=ids[title],
            )
    if not own:
        with (_PRODUCT_PICTURES / f"{code}.webp").open("rb") as file:
            catalog_actions.add_picture(product_id=product_id, file=file, alt=name)


def open_demo_accounts() -> None:
    """Open the accounts that the shop prints when it opens."""
    known = accounts.ids_by_username([account.username for account in ACCOUNTS])
    for account in ACCOUNTS:
        if account.username not in known:
            _open(account)


def _open(account: DemoAccount) -> None:
    user_id = account_actions.register(
        person=NewPerson(
            username=account.username,
            email=f"{account.username}@example.com",
            first_name=account.first_name,
            last_name=account.last_name,
            city=account.city,
            address="1 Harbour Road",
        ),
        password=PASSWORD,
    )
    if account.is_staff:
        account_actions.appoint(
            user_id=user_id, groups=account.groups, is_superuser=account.is_superuser
        )


def lock_demo_accounts() -> int:
    """Lock the accounts whose password everybody knows; return how many."""
    names = [account.username for account in open_accounts()]
    ids = accounts.ids_by_username(names)
    account_actions.set_active(user_ids=ids.values(), is_active=False)
    return len(ids)


def bring_reviews() -> None:
    """Let the demo's reviewers, who have no passwords, say what they have to say."""
    authors = {
        row["username"]: author(first_name=row["first_name"], last_name=row["last_name"])
        for row in rows_of("reviewers.csv")
    }
    user_ids = _reviewers()
    rows = list(rows_of("reviews.csv"))
    product_ids = catalog.product_ids_by_code({row["product"] for row in rows})
    now = timezone.now()
    reviews.put_reviews(
        # The oldest first, so that the newest of a product is the one written last.
        rows=[
            ReviewRow(
                product_id=product_ids[row["product"]],
                user_id=user_ids[row["username"]],
                author=authors[row["username"]],
                rating=int(row["rating"]),
                text=row["text"],
                bought_it=_BUYERS[place % len(_BUYERS)],
                created_at=_days_ago(row, now),
            )
            for place, row in enumerate(sorted(rows, key=lambda row: -int(row["days_ago"])))
        ]
    )


def _reviewers() -> Mapping[str, int]:
    people = list(rows_of("reviewers.csv"))
    names = [person["username"] for person in people]
    known = accounts.ids_by_username(names)
    for person in people:
        if person["username"] not in known:
            account_actions.register(
                person=NewPerson(email=f"{person['username']}@example.com", **person),
                password=None,
            )
    return accounts.ids_by_username(names)


def _days_ago(row: Mapping[str, str], now: datetime) -> datetime:
    return now - timedelta(days=int(row["days_ago"]))


def _slug(path: str) -> str:
    return path.casefold().replace(" > ", "-").replace(" ", "-")

"""Whoever has asked is told, once, that a product is there again, or what they left in a cart."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from django.utils import timezone

from shop.accounts import queries as accounts
from shop.catalog import queries as catalog
from shop.letters.actions.writing import write
from shop.letters.models import CartConsent, Letter, Reminder
from shop.letters.queries import email_of
from shop.letters.rules import LetterKind, address_key
from shop.lib.transactions import durable, require_transaction

_TOLD_AT_ONCE = 100


@durable
def ask_for_reminder(*, product_id: int, email: str) -> None:
    """Tell this address when the product is there again; asked twice, it is told once.

    Raises UnknownProduct.
    """
    catalog.published_product(product_id)
    reminder = Reminder(
        product_id=product_id, email=email, email_key=address_key(email), asked_at=timezone.now()
    )
    Reminder.objects.bulk_create([reminder], ignore_conflicts=True)


@durable
def stop_reminders(*, seal: str) -> None:
    """Tell an address of nothing any more that it has asked for. Raises UnknownLink."""
    email = email_of(seal)
    Reminder.objects.filter(email_key=email).delete()
    CartConsent.objects.filter(user__email_key=email).delete()


@durable
def set_cart_consent(*, user_id: int, agrees: bool) -> None:
    """Keep whether somebody wants a letter about what they leave in a cart."""
    if agrees:
        consent = CartConsent(user_id=user_id, agreed_at=timezone.now())
        CartConsent.objects.bulk_create([consent], ignore_conflicts=True)
    else:
        CartConsent.objects.filter(user_id=user_id).delete()


def write_about_cart(*, cart_id: UUID, user_id: int) -> None:
    """Write to somebody who wants it what is left in their cart, once for each cart.

    Raises OutsideTransactionError.
    """
    require_transaction()
    consent = CartConsent.objects.select_for_update().filter(user_id=user_id).first()
    if consent is None or consent.cart_id == cart_id:
        return
    user = accounts.find(user_id)
    if not user.is_active:
        return
    consent.cart_id = cart_id
    consent.save(update_fields=["cart_id"])
    write(
        [
            Letter(
                kind=LetterKind.LEFT_CART.value,
                recipient=user.email,
                facts=[str(cart_id)],
            )
        ]
    )


def tell_returned() -> int:
    """Write to whoever waits for what is there again; return how many letters that were."""
    told = 0
    # The usual case costs no transaction: on SQLite that would take the write lock.
    # Where nobody was told, somebody else is telling them at this moment.
    while (ids := _waiting()) and (count := _tell(ids)):
        told += count
    return told


def _waiting() -> list[int]:
    found = Reminder.objects.filter(product__in_stock=True, product__is_published=True)
    return list(found.order_by("id").values_list("id", flat=True)[:_TOLD_AT_ONCE])


@durable
def _tell(ids: Sequence[int]) -> int:
    skip_locked = connection.features.has_select_for_update_skip_locked
    rows = Reminder.objects.select_for_update(skip_locked=skip_locked).filter(id__in=ids)
    reminders = list(rows.order_by("id"))
    write(
        [
            Letter(
                kind=LetterKind.BACK_IN_STOCK.value,
                product_id=reminder.product_id,
                recipient=reminder.email,
            )
            for reminder in reminders
        ]
    )
    Reminder.objects.filter(id__in=[reminder.id for reminder in reminders]).delete()
    return len(reminders)

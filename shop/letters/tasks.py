"""When people are written to."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from shop.catalog import queries as catalog
from shop.catalog.rules import full_name
from shop.events import actions as events
from shop.events import queries as event_queries
from shop.events.errors import UnknownWebhook
from shop.events.rules import Notice, WebhookState
from shop.letters import actions
from shop.letters.rules import LetterKind


@events.on("order.placed", is_quick=True)
def confirm_order(notice: Notice) -> None:
    """Tell the buyer what was ordered, and how to pay."""
    actions.write_about_order(order_id=notice.payload["order_id"], kind=LetterKind.PLACED)


@events.on("order.paid", is_quick=True)
def acknowledge_payment(notice: Notice) -> None:
    """Issue the invoice, and send it to the buyer."""
    actions.issue_invoice(order_id=notice.payload["order_id"])
    actions.write_about_order(order_id=notice.payload["order_id"], kind=LetterKind.PAID)


@events.on("order.shipped", "order.canceled", "order.expired", "order.refunded", is_quick=True)
def tell_buyer(notice: Notice) -> None:
    """Tell the buyer what has become of the order."""
    kind = LetterKind(notice.name.removeprefix("order."))
    actions.write_about_order(order_id=notice.payload["order_id"], kind=kind)


@events.on("cart.abandoned", is_quick=True)
def remind_of_cart(notice: Notice) -> None:
    """Tell whoever wants it what they left in their cart."""
    if (user_id := notice.payload["user_id"]) is not None:
        actions.write_about_cart(cart_id=UUID(notice.payload["cart_id"]), user_id=user_id)


@events.on("stock.low", is_quick=True)
def gather_low_stock(notice: Notice) -> None:
    """Tell staff of what runs low."""
    left = {level["variant_id"]: level["available"] for level in notice.payload["levels"]}
    facts = [
        f"{full_name(offer.name, offer.title)} ({offer.sku}): {left[offer.variant_id]} left"
        for offer in catalog.offers(left).values()
        if offer.is_sold
    ]
    actions.gather(kind=LetterKind.LOW_STOCK, facts=facts)


@events.on("event.set_aside", is_quick=True)
def gather_set_aside(notice: Notice) -> None:
    """Tell staff of what the shop has given up."""
    event_id, name = notice.payload["event_id"], notice.payload["name"]
    error = event_queries.error_of(event_id)
    actions.gather(kind=LetterKind.TROUBLE, facts=[f"Given up: event {event_id}, {name}. {error}"])


@events.on("schedule.failed", is_quick=True)
def gather_failed_work(notice: Notice) -> None:
    """Tell staff of periodic work that fails."""
    entry = notice.payload["entry"]
    error = event_queries.error_of_entry(entry)
    actions.gather(kind=LetterKind.TROUBLE, facts=[f"Failing: {entry}. {error}"])


_WHY_DISABLED = {
    WebhookState.FAILING.value.lower(): "it has accepted nothing for a day",
    WebhookState.GONE.value.lower(): "its receiver answers that it is gone (410)",
}


@events.on("webhook.disabled", is_quick=True)
def tell_of_disabled_webhook(notice: Notice) -> None:
    """Tell those who can mend it that a program outside is told nothing any more."""
    with suppress(UnknownWebhook):
        url = event_queries.find_webhook(notice.payload["webhook_id"]).url
        why = _WHY_DISABLED[notice.payload["reason"]]
        fact = f"Webhook disabled: {url}, for {why}. What waits for it is kept."
        actions.tell_staff_who_may(right="events.change_webhook", facts=[fact])


@events.every(timedelta(minutes=1))
def write_to_staff() -> None:
    """Send staff what was gathered for them."""
    actions.tell_staff(now=timezone.now())


@events.every(timedelta(seconds=30))
def tell_returned_products() -> None:
    """Tell whoever has asked that a product is there again."""
    actions.tell_returned()

"""A letter is a row and an event: whoever hears it sends the mail, outside of any transaction."""

from collections.abc import Sequence

from django.utils import timezone

from shop.events import actions as events
from shop.events.rules import News
from shop.letters.models import Letter
from shop.letters.queries import find
from shop.letters.rules import LetterKind, is_bought_here
from shop.lib.transactions import durable, require_transaction
from shop.orders import queries as orders


def write_about_order(*, order_id: int, kind: LetterKind) -> None:
    """Write to whoever placed the order; to nobody where an import did, or nobody is known.

    Raises OutsideTransactionError.
    """
    require_transaction()
    customer = orders.customer(order_id)
    if customer is not None and customer.email and is_bought_here(customer.origin):
        write([Letter(kind=kind.value, order_id=order_id, recipient=customer.email)])


@durable
def send_again(*, letter_id: int, by: int) -> None:
    """Send a mail of the same kind to the same person once more, as things are now.

    Raises UnknownLetter.
    """
    first = find(letter_id)
    again = Letter(
        kind=first.kind,
        order_id=first.order_id,
        product_id=first.product_id,
        recipient=first.recipient,
        facts=first.facts,
        by_id=by,
    )
    write([again])


def note_sent(*, letter_id: int) -> None:
    """Write down that the mail is out."""
    Letter.objects.filter(id=letter_id, sent_at__isnull=True).update(sent_at=timezone.now())


def write(letters: Sequence[Letter]) -> None:
    """Keep these letters, and tell that they are to be sent.

    Each is a subject of its own: one that cannot be delivered holds up no other.
    """
    for letter in letters:
        letter.written_at = timezone.now()
        # One by one: not every database tells the ids of many.
        letter.save(force_insert=True)
    events.emit_all(
        news=[
            News(
                name="letter.written",
                subject=f"letter:{letter.id}",
                payload={"letter_id": letter.id, "kind": letter.kind},
            )
            for letter in letters
        ]
    )

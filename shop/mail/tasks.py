"""When letters leave the house."""

from shop.events import actions as events
from shop.events.rules import Notice
from shop.mail import sending


@events.on("letter.written", is_outside=True, queue="mail")
def send_letter(notice: Notice) -> None:
    """Hand the letter to the mail server."""
    sending.send(letter_id=notice.payload["letter_id"], event_id=notice.id)

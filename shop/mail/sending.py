"""Handing a letter to the mail server, under a number by which a second copy can be told."""

import re
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from shop.letters import actions as letters
from shop.letters import queries as letter_queries
from shop.mail.composing import Composed, NothingToSayError, compose

_DOMAIN = re.compile(r"@([A-Za-z0-9.-]+)")


def send(*, letter_id: int, event_id: int) -> None:
    """Send a letter that is not known to be sent, and write down that it is.

    Raises UnknownLetter, and what the mail server says no with.
    """
    letter = letter_queries.find(letter_id)
    if letter.sent_at is not None:
        return
    try:
        composed = compose(letter)
    except NothingToSayError:
        return
    message = EmailMultiAlternatives(
        subject=composed.subject,
        body=composed.text,
        to=[letter.recipient],
        headers={
            "Message-ID": message_id(event_id=event_id, written_at=letter.written_at),
            # So that nobody's holidays answer a shop.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            **_ways_out(composed),
        },
    )
    message.attach_alternative(composed.html, "text/html")
    for each in composed.attachments:
        message.attach(each.name, each.content, each.kind)
    message.send()
    letters.note_sent(letter_id=letter_id)


def _ways_out(composed: Composed) -> dict[str, str]:
    """Return by which headers a mail program offers to stop such letters (RFC 8058)."""
    if not composed.stop_link:
        return {}
    return {
        "List-Unsubscribe": f"<{composed.stop_link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def message_id(*, event_id: int, written_at: datetime) -> str:
    """Return the same id for the same event, however often it is sent.

    With the moment it was written: numbers of events begin anew with a new database.
    """
    found = _DOMAIN.search(settings.DEFAULT_FROM_EMAIL)
    domain = found.group(1) if found else "localhost"
    return f"<event-{event_id}.{written_at:%Y%m%d%H%M%S}@{domain}>"

"""Letters are written and sent again; invoices are issued; staff are told."""

from shop.letters.actions.invoicing import issue_invoice
from shop.letters.actions.reminding import (
    ask_for_reminder,
    set_cart_consent,
    stop_reminders,
    tell_returned,
    write_about_cart,
)
from shop.letters.actions.telling_staff import gather, tell_staff, tell_staff_who_may
from shop.letters.actions.writing import note_sent, send_again, write_about_order

__all__ = [
    "ask_for_reminder",
    "gather",
    "issue_invoice",
    "note_sent",
    "send_again",
    "set_cart_consent",
    "stop_reminders",
    "tell_returned",
    "tell_staff",
    "tell_staff_who_may",
    "write_about_cart",
    "write_about_order",
]

"""The shop with two handlers more, for those who measure deliveries."""

import os
import time

import django
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
django.setup()

from novashop.celery import app  # noqa: E402
from shop.events.actions import on  # noqa: E402
from shop.events.actions.registering import declare  # noqa: E402
from shop.events.rules import NUMBER, Kind, Notice  # noqa: E402

__all__ = ["app"]

RECEIVED, ALONE, MARKED = "measured.received", "measured.alone", "measured.marked"
# Nothing keeps an effect from being there twice but what is measured.
EFFECTS = "CREATE TABLE measured_effects (number bigint, subject text, at double precision)"

declare([Kind(name, "So many.", {"number": NUMBER}) for name in (RECEIVED, ALONE, MARKED)])


@on(RECEIVED, is_quick=True)
def receive(_: Notice) -> None:
    """Leave a receipt and nothing else."""


@on(ALONE)
def receive_alone(_: Notice) -> None:
    """Leave a receipt in a transaction of its own, as handlers do that are not quick."""


@on(MARKED, is_quick=True)
def mark(notice: Notice) -> None:
    """Leave a mark for each time that this is done, and when it began."""
    began = time.time()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO measured_effects VALUES (%s, %s, %s)",
            [notice.payload["number"], notice.subject, began],
        )

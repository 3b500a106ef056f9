"""`manage.py events`: look at what was told, have it handled once more, write the document."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from shop.events import actions, queries
from shop.events.queries import Choice, State
from shop.lib.batches import in_chunks
from shop.ops import event_document
from shop.ops.shop_command import ShopCommand

_REPLAYED_AT_ONCE = 500
_EVERY_HANDLER = "every"


class Command(ShopCommand):
    """Lists, shows and replays events."""

    help = "List, show or replay events; write docs/events.md (docs/events.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what the command is asked."""
        words = parser.add_subparsers(dest="word", required=True)
        listing = words.add_parser("list", help="one line for each event, the newest last")
        _add_choice(listing)
        listing.add_argument("--limit", type=int, default=50, help="default: %(default)s")
        show = words.add_parser("show", help="all that is known of one event")
        show.add_argument("id", type=int)
        replay = words.add_parser("replay", help="let events be handled once more")
        replay.add_argument("ids", type=int, nargs="*")
        _add_choice(replay)
        replay.add_argument(
            "--again",
            action="append",
            default=[],
            metavar="HANDLER",
            help=f"also by this handler, which has done it already ('{_EVERY_HANDLER}': by all)",
        )
        words.add_parser("document", help="write the names into docs/events.md")

    def handle(self, *, word: str, **options: Any) -> None:
        """Run the command. Raises CommandError for what there is not."""
        verbs: dict[str, Callable[[dict[str, Any]], None]] = {
            "list": self._list,
            "show": self._show,
            "replay": self._replay,
            "document": self._document,
        }
        verbs[word](options)

    def _list(self, options: dict[str, Any]) -> None:
        newest = _choice(options).events().reverse()[: options["limit"]]
        for event in reversed(newest):
            failed = f", {event.failures} failures" * bool(event.failures)
            self.stdout.write(
                f"{event.id}  {_when(event.created_at)}  {event.name}  {event.subject}  "
                f"{queries.state_of(event)}{failed}"
            )

    def _show(self, options: dict[str, Any]) -> None:
        event = Choice(ids=[options["id"]]).events().first()
        if event is None:
            raise CommandError(f"There is no event {options['id']}.")
        facts = {
            "event": f"{event.id} {event.name}, version {event.version}",
            "subject": event.subject,
            "payload": json.dumps(event.payload),
            "request": event.request_id or "none",
            "told": _when(event.created_at),
            "state": queries.state_of(event),
            "due": _when(event.due_at),
            "delivered": _when(event.delivered_at),
            "failures": event.failures,
        }
        for name, fact in facts.items():
            self.stdout.write(f"{name:<10} {fact}")
        for receipt in event.receipts.order_by("id"):
            self.stdout.write(f"{'done':<10} {receipt.handler} {_when(receipt.created_at)}")
        for line in event.last_error.splitlines():
            self.stdout.write(f"{'error':<10} {line}")

    def _replay(self, options: dict[str, Any]) -> None:
        choice = _choice(options)
        if choice == Choice():
            raise CommandError("Say which events: by id, --name, --subject, --since or --state.")
        again = None if _EVERY_HANDLER in options["again"] else options["again"]
        ids = choice.events().values_list("id", flat=True).iterator()
        replayed = sum(
            actions.replay(event_ids=chunk, handlers=again)
            for chunk in in_chunks(ids, _REPLAYED_AT_ONCE)
        )
        self.stdout.write(f"{replayed} events will be delivered once more.")

    def _document(self, _: dict[str, Any]) -> None:
        path = settings.BASE_DIR / "docs" / "events.md"
        path.write_text(event_document.with_names(path.read_text("utf-8")), "utf-8")
        self.stdout.write(f"Written: {path}")


def _add_choice(parser: Any) -> None:
    parser.add_argument("--name", default="", help="of this name, such as order.placed")
    parser.add_argument("--subject", default="", help="of this subject, such as order:12")
    parser.add_argument("--since", type=_moment, help="told then or later: 2030-05-04T12:00")
    parser.add_argument("--until", type=_moment, help="told before that")
    parser.add_argument("--state", type=State, choices=list(State), help="in this state")


def _choice(options: dict[str, Any]) -> Choice:
    return Choice(
        ids=tuple(options.get("ids", ())),
        name=options["name"],
        subject=options["subject"],
        since=options["since"],
        until=options["until"],
        state=options["state"],
    )


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise ValueError(text)
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def _when(moment: datetime | None) -> str:
    return "-" if moment is None else timezone.localtime(moment).isoformat(timespec="seconds")

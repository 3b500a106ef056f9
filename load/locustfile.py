"""The crowd, as Locust finds it.

make load                                                      headless, with a verdict
locust -f load/locustfile.py --host http://127.0.0.1:8080      by hand, at http://127.0.0.1:8089
"""

import logging
from pathlib import Path
from typing import Any

from locust import events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment

from load import catalogue
from load.journal import Journal
from load.people import Browser, Buyer, Client, FlashBuyer, world

__all__ = ["Browser", "Buyer", "Client", "FlashBuyer"]

logger = logging.getLogger(__name__)


@events.init_command_line_parser.add_listener
def _add_options(parser: LocustArgumentParser) -> None:
    parser.add_argument("--flash", type=int, help="the id of the product that FlashBuyers want")
    parser.add_argument("--journal", default="var/load/journal.jsonl", help="what was promised")


@events.test_start.add_listener
def _begin(environment: Environment, **_: Any) -> None:
    options = environment.parsed_options
    if options is None or environment.host is None:
        raise SystemExit("name the shop: --host http://127.0.0.1:8080")
    found = catalogue.read(environment.host.rstrip("/"), flash=options.flash)
    world.begin(found, Path(options.journal))
    logger.info("%s products; FlashBuyers want %r", len(found.products), found.flash.name)


@events.user_error.add_listener
def _note(exception: Exception, **_: Any) -> None:
    """A mistake of ours is nobody's request, and would be in no statistics."""
    world.current().journal.trouble(repr(exception))


@events.quitting.add_listener
def _end(environment: Environment, **_: Any) -> None:
    options = environment.parsed_options
    if options is not None and Path(options.journal).exists():
        was_busy = bool(environment.runner and environment.runner.cpu_warning_emitted)
        Journal(Path(options.journal)).end(generator_was_busy=was_busy)

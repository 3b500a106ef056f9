"""The crowd of a drill, as Locust finds it: the people of `make load`, and some who insist."""

import json
import time
from pathlib import Path
from typing import Any

from locust import events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment

from load.drills.carts import full_carts
from load.drills.insistent import Insistent
from load.locustfile import Browser, Buyer, Client

__all__ = ["Browser", "Buyer", "Client", "Insistent"]


@events.init_command_line_parser.add_listener
def _add_options(parser: LocustArgumentParser) -> None:
    parser.add_argument("--rate", type=int, default=1, help="orders a second by those who insist")
    parser.add_argument("--carts", default="", help="whose carts are full: a file that may grow")
    parser.add_argument("--requests", default="", help="where each request is written down")


@events.init.add_listener
def _begin(environment: Environment, **_: Any) -> None:
    options = environment.parsed_options
    if options is None:
        return
    # Each of them orders once a second.
    Insistent.fixed_count = options.rate
    full_carts.read_from(Path(options.carts))
    # Line by line, for whoever reads along.
    requests = Path(options.requests).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115

    @events.request.add_listener
    def _write_down(
        request_type: str, name: str, response_time: float, exception: Any, **rest: Any
    ) -> None:
        status = getattr(rest.get("response"), "status_code", 0)
        what = {"at": round(time.time(), 3), "name": f"{request_type} {name}", "status": status}
        how = {"ms": round(response_time), "error": str(exception) if exception else ""}
        requests.write(json.dumps(what | how) + "\n")

"""The command line of the stack: what `make stack` and its neighbours call."""

import argparse
import os
import sys
from pathlib import Path

from deploy.servers.programs import NotInstalledError, ServerError
from deploy.stack import offers, words
from deploy.stack.refusals import CannotStartError
from deploy.stack.settings import ROOT
from deploy.stack.supervisor import AWAY
from deploy.stack.up import up
from deploy.stack.wish import Wish

WORDS = {
    "down": words.down,
    "clean": words.clean,
    "status": words.status,
    "restart": words.restart,
}


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    data = Path(os.environ.get("DATA_DIR") or ROOT / "var" / "stack").resolve()
    try:
        if options.word == "manage":
            return words.manage(*options.words, data=data)
        if options.word == "up":
            _up(options, data=data)
        else:
            WORDS[options.word](data=data)
    except (CannotStartError, ServerError) as error:
        sys.stderr.write(f"NovaShop's stack: {error}\n")
        return 1
    except AWAY as error:
        sys.stderr.write(f"NovaShop's stack does not answer: {error}\n")
        return 1
    return 0


def _up(options: argparse.Namespace, *, data: Path) -> None:
    wish = Wish.parse(
        host=options.host,
        port=options.port,
        apps=options.apps,
        database=options.database,
        broker=options.broker,
    )
    if offers.lacks_rabbitmq(wish):
        # Whatever comes of it: without, the relay lets handlers hear events itself.
        offers.install(offers.RABBITMQ)
    try:
        up(wish, data=data)
    except NotInstalledError as error:
        if not offers.lacks_mariadb(wish):
            raise
        if not offers.install(offers.MARIADB):
            raise CannotStartError(offers.ADVICE) from error
        up(wish, data=data)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.stack", description=__doc__)
    commands = parser.add_subparsers(dest="word", required=True)
    start = commands.add_parser("up")
    start.add_argument("--host", default="127.0.0.1")
    start.add_argument("--port", default="8080")
    start.add_argument("--apps", default="2", help="app servers for browsing")
    start.add_argument("--database", default="postgresql", help="postgresql or mysql")
    start.add_argument("--broker", default="rabbitmq", help="rabbitmq (where there is one) or none")
    for word in WORDS:
        commands.add_parser(word)
    commands.add_parser("manage").add_argument("words", nargs=argparse.REMAINDER)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

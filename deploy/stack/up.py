"""`make stack`: start everything in order, show what it writes, and end it when it is closed."""

import os
import time
from pathlib import Path

from deploy.servers.programs import ServerError
from deploy.stack import folders as places
from deploy.stack import leftovers, plan, rotation, telling
from deploy.stack.folders import Folders
from deploy.stack.plan import Plan
from deploy.stack.refusals import CannotStartError, ClosedError
from deploy.stack.signals import Closing, watched
from deploy.stack.starting import Start
from deploy.stack.window import Window
from deploy.stack.wish import Wish
from shop.ops import preflight

_SECONDS_BETWEEN_LOOKS = 1
_SECONDS_BETWEEN_TRIES = 10


def up(wanted: Wish, *, data: Path) -> None:
    """Run a stack in the folder until it is closed; raises CannotStartError."""
    began = time.monotonic()
    # What the account of a server shall read must not depend on who starts it.
    os.umask(0o022)
    folders = Folders(data)
    if places.holder(folders) is not None:
        raise places.running_already(folders)
    with watched() as closing:
        leftovers.end(folders)
        made = plan.make(wanted, folders=folders)
        preflight.check_data_folder(data)
        with places.locked(folders):
            _run(made, closing=closing, began=began)


def _run(made: Plan, *, closing: Closing, began: float) -> None:
    names = ["supervisor", "prepare", *(program.name for program in made.programs()), "access"]
    window = Window(made.folders.logs, names)
    start = Start(made, closing=closing, window=window)
    try:
        people = start.everything()
        telling.write_facts(made)
        window.say(telling.places(made, people=people, seconds=time.monotonic() - began))
        _watch(start, logs=made.folders.logs, closing=closing, window=window)
    except ClosedError:
        window.say("Closing the stack …")
    except (OSError, ServerError) as error:
        # Ctrl-C reaches what sets up a database as well, which then says that it has failed.
        if not closing.has_come:
            raise CannotStartError(str(error)) from error
    finally:
        made.folders.facts.unlink(missing_ok=True)
        start.end()
        window.close()


def _watch(start: Start, *, logs: Path, closing: Closing, window: Window) -> None:
    """Wait until the stack is closed, and try again what the supervisor has given up."""
    while True:
        closing.pause(_SECONDS_BETWEEN_LOOKS)
        rotation.rotate(logs)
        for name in start.given_up():
            window.say(f"{name} does not stay up; trying again in {_SECONDS_BETWEEN_TRIES} s")
            closing.pause(_SECONDS_BETWEEN_TRIES)
            start.again(name)

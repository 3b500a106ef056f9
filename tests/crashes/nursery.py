"""A shop that is ready to work and has not begun: each piece of work is done by a child of it.

    python -m tests.crashes.nursery

reads wishes, a line of JSON each, and forks a child for each of them. What the child says, and at
last how it ended, comes back as lines of JSON. So a process that is killed costs some milliseconds
and not the seconds in which Django starts.
"""

import gc
import importlib
import json
import os
import signal
import sys
import traceback
from typing import Any

import django


def say(**facts: Any) -> None:
    """Say something that the other side has for sure, whatever becomes of this process."""
    os.write(sys.stdout.fileno(), f"{json.dumps(facts)}\n".encode())


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novashop.settings")
    django.setup()
    # What it does imports models. It is loaded here, so that no child has to.
    scripts = importlib.import_module("tests.crashes.scripts")
    scripts.warm_up()
    # What is here for good is not looked through by children, so that they share it.
    gc.freeze()
    say(ready=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _live(scripts, json.loads(line))
        _, status = os.waitpid(child, 0)
        say(ended=os.waitstatus_to_exitcode(status))


def _live(scripts: Any, wish: dict[str, Any]) -> None:
    """Do what is wished, and end: well, with a traceback, or by force."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    status = 1
    try:
        scripts.play(wish, say=say)
        status = 0
    except BaseException:  # the parent's loop is not for the child to go on with
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()

"""What is left of a stack whose window was killed."""

import contextlib
import os
import shutil
import signal
import sys
import time

from deploy.stack.folders import Folders
from deploy.stack.refusals import CannotStartError
from deploy.stack.supervisor import Supervisor

SECONDS_TO_END = 40


def end(folders: Folders) -> bool:
    """End the supervisor that nobody watches any more, with all its programs.

    Return whether there was one.
    """
    supervisor = Supervisor(folders.supervisor_socket)
    if not supervisor.is_there():
        return False
    sys.stderr.write(f"Ending what is left of a stack in {folders.data} …\n")
    _end(folders)
    return True


def _end(folders: Folders) -> None:
    pid = int(folders.supervisor_pid.read_text(encoding="ascii"))
    deadline = time.monotonic() + SECONDS_TO_END
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        while time.monotonic() < deadline:
            time.sleep(0.1)
            os.kill(pid, 0)
        raise CannotStartError(f"what is left of a stack does not end (process {pid})")
    folders.facts.unlink(missing_ok=True)
    shutil.rmtree(folders.sockets, ignore_errors=True)

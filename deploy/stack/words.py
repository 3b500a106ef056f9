"""The other words: what can be done with a stack from another window."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from deploy.servers.programs import ServerError
from deploy.stack import folders as places
from deploy.stack import front, leftovers
from deploy.stack.asking import readiness
from deploy.stack.client import read_facts
from deploy.stack.folders import Folders
from deploy.stack.refusals import CannotStartError
from deploy.stack.settings import ROOT, for_process
from deploy.stack.supervisor import Supervisor

SECONDS_TO_END = 60
SECONDS_TO_START = 120
_BETWEEN_LOOKS = 0.1


def down(*, data: Path) -> None:
    """End the stack in the folder, or what is left of it."""
    folders = Folders(data)
    process = places.holder(folders)
    if process is None:
        if not leftovers.end(folders):
            folders.facts.unlink(missing_ok=True)
            _say(f"No stack runs in {data}.")
        return
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + SECONDS_TO_END
    while places.holder(folders) is not None:
        if time.monotonic() > deadline:
            raise CannotStartError(f"the stack in {data} does not end (process {process})")
        time.sleep(_BETWEEN_LOOKS)


def clean(*, data: Path) -> None:
    """Remove the stack in the folder, with its shop."""
    folders = Folders(data)
    if places.holder(folders) or Supervisor(folders.supervisor_socket).is_there():
        raise CannotStartError(f"a stack runs in {data}; end it first: make stack-down")
    # Not every folder that somebody names is a stack's.
    if not folders.lock.exists():
        _say(f"There is no stack in {data}.")
        return
    folders.remove()
    _say(f"Removed the stack in {data}.")


def status(*, data: Path) -> None:
    facts = _facts(data)
    _say(f"{facts['url']}/ (process {facts['pid']})")
    for name, info in Supervisor(Path(facts["supervisor"])).states().items():
        _say(f"  {name:<12}{info['statename']:<10}{info['description']}")


def restart(*, data: Path) -> None:
    """Bring the shop up to date with the code, one process at a time: it is open all the while."""
    facts = _facts(data)
    supervisor = Supervisor(Path(facts["supervisor"]))
    _prepare(supervisor, logs=Folders(data).logs)
    for app in facts["apps"]:
        _restart(app["name"], supervisor=supervisor)
        _wait_until_ready(app["name"], port=app["port"])
    for name in ("relay", *facts["workers"]):
        _restart(name, supervisor=supervisor)
    front.write_configuration(facts, logs=Folders(data).logs)
    supervisor.signal("nginx", signal.SIGHUP)
    _say("nginx has read its configuration anew.")


def _prepare(supervisor: Supervisor, *, logs: Path) -> None:
    supervisor.start("prepare")
    while (info := supervisor.states()["prepare"])["statename"] not in {"EXITED", "FATAL"}:
        time.sleep(_BETWEEN_LOOKS)
    if info["exitstatus"]:
        raise CannotStartError(f"the shop cannot be prepared; {logs / 'prepare.log'} says why")
    _say("The shop is prepared.")


def _restart(name: str, *, supervisor: Supervisor) -> None:
    supervisor.stop(name)
    while supervisor.state(name) == "STOPPING":
        time.sleep(_BETWEEN_LOOKS)
    supervisor.start(name)
    _say(f"{name} starts anew …")


def _wait_until_ready(name: str, *, port: int) -> None:
    check = readiness(port)
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            check()
        except (OSError, ServerError, http.client.HTTPException) as error:
            if time.monotonic() > deadline:
                raise CannotStartError(f"{name} does not come back ({error})") from error
            time.sleep(_BETWEEN_LOOKS)
        else:
            return


def manage(*words: str, data: Path) -> int:
    """Run `manage.py` with the settings of the stack that runs in the folder."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    environment = os.environ | for_process(_facts(data)["environment"])
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603


def _facts(data: Path) -> dict[str, Any]:
    if places.holder(Folders(data)) is None:
        raise CannotStartError(f"no stack runs in {data}")
    try:
        return read_facts(data)
    except FileNotFoundError as error:
        raise CannotStartError(
            f"the stack in {data} is not healthy yet, or not any more"
        ) from error


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()

"""Programs of a stack that runs, told of other places: by whoever puts something between them.

What is written here holds until the stack is started anew.
"""

import http.client
import json
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.servers.programs import ServerError
from deploy.stack import front
from deploy.stack.asking import readiness
from deploy.stack.client import Stack
from deploy.stack.files import write_private
from deploy.stack.folders import Folders

SECONDS_TO_START = 120
_BETWEEN_LOOKS = 0.1


def give_settings(stack: Stack, settings: Mapping[str, Mapping[str, str]]) -> None:
    """Give programs, by their names, settings besides their own, and start each of them anew.

    Returns when all of them are there again. Raises ServerError.
    """
    for name, own in settings.items():
        _write(Folders(stack.folder).supervisor / f"{name}.json", own)
    supervisor = stack.supervisor
    for name in settings:
        supervisor.stop(name)
    for name in settings:
        while supervisor.state(name) == "STOPPING":
            time.sleep(_BETWEEN_LOOKS)
        supervisor.start(name)
    _wait_for(stack, settings)


def tell_nginx(stack: Stack, *, ports: Mapping[str, int]) -> None:
    """Let nginx reach each app server, by its name, at this port of the machine."""
    facts = stack.facts
    apps = [{**app, "port": ports[app["name"]]} for app in facts["apps"]]
    front.write_configuration({**facts, "apps": apps}, logs=Folders(stack.folder).logs)
    stack.supervisor.signal("nginx", signal.SIGHUP)


def _write(file: Path, own: Mapping[str, str]) -> None:
    program: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    program["environment"] |= own
    write_private(file, json.dumps(program))


def _wait_for(stack: Stack, names: Mapping[str, Any]) -> None:
    apps = [app for app in stack.facts["apps"] if app["name"] in names]
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        states = stack.supervisor.states()
        missing = [name for name in names if states[name]["statename"] != "RUNNING"]
        missing += [app["name"] for app in apps if not _is_ready(app["port"])]
        if not missing:
            return
        if time.monotonic() > deadline:
            raise ServerError(f"{', '.join(missing)} did not come back with other settings")
        time.sleep(_BETWEEN_LOOKS)


def _is_ready(port: int) -> bool:
    try:
        readiness(port)()
    except (OSError, ServerError, http.client.HTTPException):
        return False
    return True

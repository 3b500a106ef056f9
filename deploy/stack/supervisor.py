"""supervisord, which runs the programs: its configuration, and talking to it by its socket."""

import http.client
import os
import shlex
import signal
import socket
import sys
import xmlrpc.client
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.stack.folders import Folders

SECONDS_TO_ANSWER = 10
# What can come instead of an answer.
AWAY = (OSError, http.client.HTTPException, xmlrpc.client.Error)
CHILD = Path(__file__).with_name("child.py")
MODULE = "supervisor.supervisord"

_MAIN = """\
; Written anew at every start.
[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://{socket}

[supervisord]
nodaemon = true
silent = true
umask = 022
logfile = {logs}/supervisor.log
logfile_maxbytes = 5MB
logfile_backups = 2
pidfile = {pid}
childlogdir = {logs}
{user}
"""
_PROGRAM = """
[program:{name}]
command = {command}
priority = {priority}
autostart = false
{life}
stopsignal = {signal}
stopwaitsecs = {patience}
killasgroup = true
; Each writes to its log by itself (child.py).
stdout_logfile = NONE
stderr_logfile = NONE
"""
_FOR_GOOD = "autorestart = true\nstartsecs = 1\nstartretries = 20"
_ONCE = "autorestart = false\nstartsecs = 0\nstartretries = 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What the supervisor runs. Programs of a higher `priority` are ended first.

    `once`: it ends by itself. `niceness`: how far it stands back, from 0 to 19, where all of them
    want the processors at once.
    """

    name: str
    command: list[str]
    folder: Path
    environment: dict[str, str]
    priority: int
    stop_signal: signal.Signals = signal.SIGTERM
    seconds_to_stop: int = 15
    ids: tuple[int, int] | None = None
    once: bool = False
    niceness: int = 0

    def description(self, *, log: Path) -> dict[str, Any]:
        """Return what child.py has to know."""
        return {
            "log": str(log),
            "command": self.command,
            "folder": str(self.folder),
            "environment": self.environment,
            "ids": self.ids,
            "stop_signal": int(self.stop_signal),
            "niceness": self.niceness,
        }


def become(file: Path) -> list[str]:
    """Return the command line of the program that the file describes."""
    return [sys.executable, "-I", str(CHILD), str(file)]


def configuration(programs: list[Program], *, folders: Folders) -> str:
    """Return supervisord's configuration file."""
    main = _MAIN.format(
        socket=folders.supervisor_socket,
        logs=_plain(folders.logs),
        pid=_plain(folders.supervisor_pid),
        # Without it, root's supervisor warns of being root's.
        user="user = root" if os.geteuid() == 0 else "",
    )
    return main + "".join(_section(program, folders=folders) for program in programs)


def _section(program: Program, *, folders: Folders) -> str:
    command = become(folders.supervisor / f"{program.name}.json")
    return _PROGRAM.format(
        name=program.name,
        command=_plain(shlex.join(command)),
        priority=program.priority,
        life=_ONCE if program.once else _FOR_GOOD,
        signal=program.stop_signal.name.removeprefix("SIG"),
        patience=program.seconds_to_stop,
    )


def _plain(value: object) -> str:
    return str(value).replace("%", "%%")


class Supervisor:
    """The supervisord that listens at a socket."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._server = xmlrpc.client.ServerProxy("http://localhost", transport=_Transport(path))

    def is_there(self) -> bool:
        try:
            self._server.supervisor.getState()
        except xmlrpc.client.Fault:
            # It is on its way out.
            return True
        except (OSError, http.client.HTTPException):
            return False
        return True

    def start(self, name: str) -> None:
        """Start the program, and do not wait for it."""
        self._server.supervisor.startProcess(name, False)

    def stop(self, name: str) -> None:
        """Tell the program to stop, and do not wait for it."""
        try:
            self._server.supervisor.stopProcess(name, False)
        except xmlrpc.client.Fault:
            # It is not running.
            return

    def signal(self, name: str, number: signal.Signals) -> None:
        self._server.supervisor.signalProcess(name, number.name.removeprefix("SIG"))

    def states(self) -> dict[str, dict[str, Any]]:
        """Return what supervisord knows of each program by its name."""
        answer: Any = self._server.supervisor.getAllProcessInfo()
        return {info["name"]: info for info in answer}

    def state(self, name: str) -> str:
        return str(self.states()[name]["statename"])


class _Transport(xmlrpc.client.Transport):
    """XML-RPC by a socket that is a file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        # One for each call: supervisord closes them, and so do we.
        connection = _Connection(self._path)
        self._connection = (host, connection)
        return connection

    def single_request(self, *request: Any, **options: Any) -> Any:
        try:
            return super().single_request(*request, **options)
        finally:
            self.close()


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=SECONDS_TO_ANSWER)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))

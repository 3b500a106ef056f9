"""Starting a stack in order, and ending it whole, however far it has come."""

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import pymysql

from deploy.servers.programs import ServerError
from deploy.stack import front, laying, telling
from deploy.stack.asking import readiness
from deploy.stack.plan import Plan
from deploy.stack.signals import Closing
from deploy.stack.supervisor import AWAY, Supervisor, become
from deploy.stack.window import Window

SECONDS_TO_START = 120
# A new shop is filled with the demo, which may take its time on a slow machine.
SECONDS_TO_PREPARE = 900
SECONDS_TO_END = 30
_LAST_LINES = 15
_BETWEEN_LOOKS = 0.1
_FAILED = {"BACKOFF", "EXITED", "FATAL"}
_ENDED = {"STOPPED", "EXITED", "FATAL", "UNKNOWN"}
_NOT_YET = (
    OSError,
    ServerError,
    http.client.HTTPException,
    psycopg.OperationalError,
    pymysql.err.OperationalError,
)

Check = Callable[[], None]


class Start:
    """One life of the stack, from nothing to nothing."""

    def __init__(self, plan: Plan, *, closing: Closing, window: Window) -> None:
        self._plan = plan
        self._closing = closing
        self._window = window
        self._folders = plan.folders
        self._supervisor = Supervisor(plan.folders.supervisor_socket)
        self._process: subprocess.Popen[bytes] | None = None
        # The first process of each program, and where in its log this life begins.
        self._pids: dict[str, int] = {}
        self._marks: dict[str, int] = {}

    def everything(self) -> dict[str, str]:
        """Return, once the shop is healthy, who can sign in (see preparing.py)."""
        plan = self._plan
        self._folders.facts.unlink(missing_ok=True)
        laying.make_folders(plan)
        self._window.open()
        self._set_up_database()
        self._start_supervisor()
        self._start({"database": plan.database.create_database, "redis": plan.redis.check})
        broker = self._begin_broker()
        self._prepare()
        self._wait(broker)
        apps = {app.name: readiness(app.port) for app in plan.apps}
        others = {name: self._is_running(name) for name in ("relay", *plan.workers)}
        self._start({**apps, **others})
        front.write_configuration(telling.facts(plan), logs=self._folders.logs)
        self._start({"nginx": readiness(plan.wish.port, host=plan.reachable_host)})
        people: dict[str, str] = json.loads(self._folders.people.read_text(encoding="utf-8"))
        return people

    def _set_up_database(self) -> None:
        if not laying.is_installed(self._plan):
            self._window.say(f"Setting up {self._plan.database.name} …")
            self._closing.check()
            laying.install(self._plan)
            self._closing.check()

    def _start_supervisor(self) -> None:
        file = laying.write_files(self._plan)
        self._folders.supervisor_socket.unlink(missing_ok=True)
        self._mark("supervisor")
        self._closing.check()
        self._process = subprocess.Popen(  # noqa: S603
            become(file), stdin=subprocess.DEVNULL, start_new_session=True
        )
        while not self._supervisor.is_there():
            self._closing.pause(_BETWEEN_LOOKS)
            if self._process.poll() is not None:
                raise self._failure("supervisor")

    def _begin_broker(self) -> dict[str, Check]:
        """Let the broker start, which takes its time; return what tells whether it has."""
        broker = self._plan.broker
        if broker is None:
            return {}
        self._start({"epmd": broker.check_daemon})
        self._begin("broker")
        return {"broker": broker.check}

    def _prepare(self) -> None:
        self._begin("prepare")
        deadline = time.monotonic() + SECONDS_TO_PREPARE
        while (info := self._info("prepare"))["statename"] not in _ENDED:
            self._check_time("prepare", deadline)
            self._closing.pause(_BETWEEN_LOOKS)
        if info["exitstatus"]:
            raise self._failure("prepare")

    def _start(self, checks: Mapping[str, Check]) -> None:
        """Start the programs, and wait until the check of each raises nothing any more."""
        for name in checks:
            self._begin(name)
        self._wait(checks)

    def _wait(self, checks: Mapping[str, Check]) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        waiting = dict(checks)
        while waiting:
            for name, check in list(waiting.items()):
                self._check_life(name)
                with contextlib.suppress(*_NOT_YET):
                    check()
                    del waiting[name]
                    continue
                self._check_time(name, deadline)
            if waiting:
                self._closing.pause(_BETWEEN_LOOKS)

    def _begin(self, name: str) -> None:
        self._mark(name)
        self._closing.check()
        try:
            self._supervisor.start(name)
        except xmlrpc.client.Fault as error:
            raise ServerError(f"{name} cannot start: {error.faultString}") from error

    def _mark(self, name: str) -> None:
        log = self._folders.logs / f"{name}.log"
        self._marks[name] = log.stat().st_size if log.exists() else 0

    def _check_life(self, name: str) -> None:
        """Raise when the program has ended, even if it has been started anew."""
        info = self._info(name)
        if info["statename"] in _FAILED or info["pid"] not in {0, self._pids[name]}:
            raise self._failure(name)

    def _is_running(self, name: str) -> Check:
        def check() -> None:
            if self._info(name)["statename"] != "RUNNING":
                raise ServerError(f"{name} is not running yet")

        return check

    def _check_time(self, name: str, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise self._failure(name)

    def _info(self, name: str) -> dict[str, Any]:
        try:
            info = self._supervisor.states()[name]
        except AWAY as error:
            raise ServerError(f"the supervisor does not answer ({error})") from error
        if info["pid"]:
            self._pids.setdefault(name, info["pid"])
        return info

    def _failure(self, name: str) -> ServerError:
        log = self._folders.logs / f"{name}.log"
        log.touch()
        with log.open("rb") as file:
            file.seek(self._marks[name])
            lines = file.read().decode(errors="replace").splitlines()
        end = "\n".join(f"  {line}" for line in lines[-_LAST_LINES:]) or "  (nothing)"
        return ServerError(f"{name} does not start; the last it wrote to {log}:\n{end}")

    def given_up(self) -> list[str]:
        """Return the programs that the supervisor has given up; raises when it is gone itself."""
        if self._process is not None and self._process.poll() is not None:
            raise ServerError("the supervisor was ended by somebody, and everything with it")
        try:
            states = self._supervisor.states()
        except AWAY:
            return []
        self._pids |= {name: info["pid"] for name, info in states.items() if info["pid"]}
        return [name for name, info in states.items() if info["statename"] == "FATAL"]

    def again(self, name: str) -> None:
        with contextlib.suppress(*AWAY):
            self._supervisor.start(name)

    def end(self) -> None:
        """End everything that was started, and nothing else."""
        if self._process is not None:
            with contextlib.suppress(*AWAY):
                self._stop("nginx")
                apps = (app.name for app in self._plan.apps)
                self._stop(*apps, "relay", *self._plan.workers, "prepare")
                has_broker = self._plan.broker is not None
                self._stop("database", "redis", *(["broker"] if has_broker else []))
                if has_broker:
                    # By itself the supervisor would come to it ten seconds later: it goes from
                    # program to program, a second for each, whether that still runs or not.
                    self._stop("epmd")
            self._process.terminate()
            try:
                self._process.wait(timeout=SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                # With it, the kernel ends its programs.
                self._process.kill()
                self._process.wait()
            self._wait_for_orphans()
        shutil.rmtree(self._folders.sockets, ignore_errors=True)

    def _stop(self, *names: str) -> None:
        for name in names:
            self._supervisor.stop(name)
        deadline = time.monotonic() + SECONDS_TO_END
        while time.monotonic() < deadline:
            states = self._supervisor.states()
            if all(states[name]["statename"] in _ENDED for name in names):
                return
            time.sleep(_BETWEEN_LOOKS)

    def _wait_for_orphans(self) -> None:
        """Where the supervisor was killed, its programs are still ending."""
        deadline = time.monotonic() + SECONDS_TO_END
        while any(map(_exists, self._pids.values())) and time.monotonic() < deadline:
            time.sleep(_BETWEEN_LOOKS)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # The number belongs to somebody else by now.
        return False
    return True

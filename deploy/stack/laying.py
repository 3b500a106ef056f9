"""Before anything starts: folders, programs within reach, the databases' files, and what to run."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.servers.account import Account
from deploy.servers.programs import ServerError
from deploy.stack import settings
from deploy.stack.files import write_private
from deploy.stack.folders import Folders, make_sockets_folder
from deploy.stack.plan import Plan
from deploy.stack.supervisor import MODULE, Program, configuration


def make_folders(plan: Plan) -> None:
    folders = plan.folders
    make_sockets_folder(folders.sockets, shared=plan.redis.account.name is not None)
    for folder in (folders.supervisor, folders.logs, folders.letters):
        folder.mkdir(mode=0o700, exist_ok=True)
    # What processes of an earlier life have counted; none of them is there any more.
    shutil.rmtree(folders.metrics, ignore_errors=True)
    folders.metrics.mkdir()
    for server in (plan.database, plan.redis):
        server.move_within_reach(folders.shelf_for(server.account) / "programs")
    plan.database.folder.parent.mkdir(parents=True, exist_ok=True)
    for path, account in _private_folders(plan):
        account.own_folder(path)
    if plan.broker is not None:
        plan.broker.install()


def _private_folders(plan: Plan) -> list[tuple[Path, Account]]:
    database, redis, broker = plan.database, plan.redis, plan.broker
    return [
        *([(broker.folder, broker.account)] if broker else []),
        (database.folder, database.account),
        (database.sockets, database.account),
        (redis.socket.parent, redis.account),
    ]


def is_installed(plan: Plan) -> bool:
    """Tell whether the database's files have been made."""
    return (plan.database.folder / "data").exists()


def install(plan: Plan) -> None:
    """Make the database's files, whole or not at all."""
    try:
        plan.database.install()
    except subprocess.CalledProcessError as error:
        raise ServerError(f"{plan.database.name} cannot be set up:\n{error.stdout}") from error


def write_files(plan: Plan) -> Path:
    """Write down what the supervisor runs; return the file that describes itself."""
    folder = plan.folders.supervisor
    for file in folder.glob("*.json"):
        file.unlink()
    programs = plan.programs()
    for program in programs:
        _describe(program, folders=plan.folders)
    write_private(folder / "supervisord.conf", configuration(programs, folders=plan.folders))
    return _describe(_supervisor(plan), folders=plan.folders)


def _supervisor(plan: Plan) -> Program:
    file = str(plan.folders.supervisor / "supervisord.conf")
    return Program(
        name="supervisor",
        command=[sys.executable, "-I", "-m", MODULE, "-c", file],
        folder=plan.folders.data,
        environment=settings.for_process({}),
        priority=0,
    )


def _describe(program: Program, *, folders: Folders) -> Path:
    file = folders.supervisor / f"{program.name}.json"
    log = folders.logs / f"{program.name}.log"
    write_private(file, json.dumps(program.description(log=log)))
    return file

"""A stack's life: it starts healthy, mends itself, refuses in sentences, and ends whole."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import client
from deploy.stack.client import Stack
from deploy.stack.folders import Folders
from deploy.stack.plan import free_ports
from deploy.stack.settings import ROOT, for_process
from tests.folders import read_only
from tests.stack.living import (
    files_in,
    is_free,
    processes_in,
    say,
    start,
    status_of,
    wait_for,
)

pytestmark = pytest.mark.once

EMPTY = {"DEMO": "off"}
COUNT = "from shop.catalog.models import Product; print(Product.objects.count())"
ADD = "from shop.accounts.models import User; User.objects.create(username='alice')"
ASK = "from shop.accounts.models import User; print(User.objects.filter(username='alice').count())"


TELL = """
from django.db import transaction
from shop.catalog.models import Category
from shop.events import actions
with transaction.atomic():
    category_id = Category.add_root(name='Mugs').id
    actions.emit(
        name='category.changed', subject='category:1', payload={'category_id': category_id}
    )
"""
IS_SENT = """
from django.utils import timezone
from shop.events.models import Event
event = Event.objects.filter(subject='category:1').latest('id')
print(event.delivered_at is None and event.due_at > timezone.now())
"""
IS_QUIET = """
from shop.events.models import Event
print(not Event.objects.filter(delivered_at=None).exists())
"""
IS_HEARD = """
from shop.events.models import Event
print(Event.objects.filter(subject='category:1').latest('id').delivered_at is not None)
"""


def readiness_of(stack: Stack) -> dict[str, str]:
    with urllib.request.urlopen(f"{stack.url}/readyz", timeout=10) as answer:  # noqa: S310
        found: dict[str, str] = json.load(answer)
    return found


def run_in_shop(stack: Stack, code: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "--no-imports", "-c", code],
        env=for_process(stack.environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_it_is_healthy_and_filled(stack: Stack) -> None:
    assert status_of(f"{stack.url}/readyz") == 200
    assert status_of(f"{stack.url}/products/") == 200
    assert status_of(f"{stack.url}/api/products/") == 200
    if stack.facts["workers"]:
        assert readiness_of(stack)["broker"] == "ok"
    assert int(run_in_shop(stack, COUNT)) > 50
    assert [(app["name"], app["lane"]) for app in stack.facts["apps"]] == [
        ("browse-1", "browse"),
        ("browse-2", "browse"),
        ("order-1", "order"),
        ("order-2", "order"),
    ]


def test_orders_have_the_processors_before_those_who_look_around(stack: Stack) -> None:
    afterwards = ("relay", *stack.facts["workers"])
    at_once = ("database", "nginx", "order-1", "order-2", "browse-1", "browse-2")
    stands_back = {
        name: os.getpriority(os.PRIO_PROCESS, stack.pid_of(name))
        for name in (*at_once, *afterwards)
    }
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    assert {name: niceness - mine for name, niceness in stands_back.items()} == {
        **dict.fromkeys(("database", "nginx", "order-1", "order-2"), 0),
        **dict.fromkeys(("browse-1", "browse-2"), 5),
        **dict.fromkeys(afterwards, 10),
    }


def test_the_window_tells_where_everything_is(stack: Stack) -> None:
    window = stack.out.read_text()

    assert f"  shop           {stack.url}/\n" in window
    assert f"  data folder    {stack.folder}\n" in window
    assert "    owner        staff, with every right\n" in window
    assert "prepare      | Making the database …\n" in window
    assert "\ndatabase     | " in window


@pytest.mark.usefixtures("rabbitmq")
def test_secrets_are_for_their_owner_alone(stack: Stack) -> None:
    folders = Folders(stack.folder)
    described = [*folders.supervisor.glob("*.json"), *folders.supervisor.glob("*.conf")]

    for path in (folders.facts, folders.supervisor_socket, *described):
        assert path.stat().st_mode & 0o077 == 0, path
    assert folders.supervisor / "browse-1.json" in described
    assert folders.supervisor.stat().st_mode & 0o777 == 0o700
    for server in ("postgresql", "redis"):
        assert (folders.sockets / server).stat().st_mode & 0o777 == 0o700
    assert (folders.data / "rabbitmq").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name", ["browse-1", "relay", "worker", "nginx", "redis", "broker", "epmd", "database"]
)
@pytest.mark.usefixtures("rabbitmq")
def test_what_is_killed_comes_back(stack: Stack, name: str) -> None:
    before = stack.pid_of(name)

    os.kill(before, signal.SIGKILL)

    wait_for(lambda: stack.pid_of(name) not in {0, before})
    ports = [stack.facts["port"], *(app["port"] for app in stack.facts["apps"])]
    wait_for(lambda: all(status_of(f"http://127.0.0.1:{port}/readyz") == 200 for port in ports))


def test_a_second_stack_in_the_same_folder_is_refused(stack: Stack) -> None:
    port = free_ports(1)[0]

    status, out, error = say("up", "--port", str(port), folder=stack.folder)

    assert (status, out) == (1, "")
    assert error == (
        f"NovaShop's stack: a stack runs in {stack.folder} already; end it with make stack-down, "
        "or name another folder: DATA_DIR=/path make stack\n"
    )
    assert say("clean", folder=stack.folder)[0] == 1
    assert status_of(f"{stack.url}/readyz") == 200


@pytest.mark.long
def test_a_rolling_restart_renews_every_process_of_the_shop(stack: Stack) -> None:
    names = [*(app["name"] for app in stack.facts["apps"]), "relay", *stack.facts["workers"]]
    before = {name: stack.pid_of(name) for name in names}
    nginx = stack.pid_of("nginx")

    status, _, error = say("restart", folder=stack.folder)

    assert (status, error) == (0, "")
    assert all(stack.pid_of(name) not in {0, before[name]} for name in names)
    assert stack.pid_of("nginx") == nginx
    assert status_of(f"{stack.url}/readyz") == 200


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        yield int(somebody.getsockname()[1])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--port", "0"], "PORT must be a number from 1 to 65535, and it is '0'"),
        (["--port", "http"], "PORT must be a number from 1 to 65535, and it is 'http'"),
        (["--apps", "0"], "APPS must be a number from 1 to 64, and it is '0'"),
        (["--apps", "two"], "APPS must be a number from 1 to 64, and it is 'two'"),
        (["--database", "oracle"], "DB can be postgresql or mysql, and it is 'oracle'"),
        (["--broker", "kafka"], "BROKER can be rabbitmq or none, and it is 'kafka'"),
    ],
)
def test_nonsense_is_refused(folder: Path, options: list[str], sentence: str) -> None:
    data = folder / "data"

    assert say("up", *options, folder=data) == (1, "", f"NovaShop's stack: {sentence}\n")
    assert not data.exists()


def test_a_taken_port_is_refused(folder: Path, taken_port: int) -> None:
    data = folder / "data"

    status, out, error = say("up", "--port", str(taken_port), folder=data)

    assert (status, out) == (1, "")
    assert f"port {taken_port} of 127.0.0.1 is in use already" in error
    assert not data.exists()


def test_a_folder_that_cannot_be_written_to_is_refused(folder: Path) -> None:
    port = free_ports(1)[0]
    with read_only(folder) as through:
        status, out, error = say("up", "--port", str(port), folder=folder, through=through)

    assert (status, out) == (1, "")
    assert error.startswith(f"NovaShop's stack: the data folder {folder} cannot be written to (")
    assert files_in(folder) == set()


def test_data_of_a_postgresql_that_is_not_here_is_refused(folder: Path) -> None:
    (folder / "postgresql" / "data").mkdir(parents=True)
    (folder / "postgresql" / "data" / "PG_VERSION").write_text("9\n")
    before = files_in(folder)

    status, _, error = say("up", "--port", str(free_ports(1)[0]), folder=folder)

    assert status == 1
    assert "is PostgreSQL 9's, and of that version there are no programs here" in error
    assert files_in(folder) == before


def test_a_folder_with_the_other_database_is_refused(folder: Path) -> None:
    (folder / "mariadb" / "data").mkdir(parents=True)
    before = files_in(folder)

    status, _, error = say("up", "--port", str(free_ports(1)[0]), folder=folder)

    assert status == 1
    assert f"the shop in {folder} is kept by mariadb" in error
    assert files_in(folder) == before


def test_a_program_that_does_not_start_is_named_and_the_others_are_ended(folder: Path) -> None:
    status, out, error = say(
        "up", "--port", str(free_ports(1)[0]), folder=folder, TIME_ZONE="Nowhere"
    )

    assert status == 1
    assert error == (
        f"NovaShop's stack: prepare does not start; the last it wrote to "
        f"{Folders(folder).logs / 'prepare.log'}:\n"
        "  NovaShop cannot start: TIME_ZONE is 'Nowhere', which is no time zone here\n"
    )
    assert "\ndatabase     | " in out
    assert processes_in(folder) == []
    assert not Folders(folder).sockets.exists()


@pytest.mark.parametrize("program", ["database", "prepare"])
def test_a_signal_during_the_start_ends_what_was_started(folder: Path, program: str) -> None:
    port = free_ports(1)[0]
    log = Folders(folder).logs / f"{program}.log"
    process = start(folder, port=port)
    try:
        wait_for(lambda: log.exists() and bool(log.read_text()))
        # Like a terminal's Ctrl-C, and twice, out of impatience.
        os.killpg(process.pid, signal.SIGINT)
        os.killpg(process.pid, signal.SIGINT)

        assert process.wait(timeout=30) == 0
    finally:
        client.close(process)
    assert processes_in(folder) == []
    assert is_free(port)
    assert not Folders(folder).sockets.exists()


def test_with_its_supervisor_everything_ends(folder: Path) -> None:
    log = Folders(folder).logs / "prepare.log"
    process = start(folder, port=free_ports(1)[0])
    try:
        wait_for(lambda: log.exists() and bool(log.read_text()))
        os.kill(int(Folders(folder).supervisor_pid.read_text()), signal.SIGKILL)

        assert process.wait(timeout=60) == 1
    finally:
        client.close(process)
    assert processes_in(folder) == []


def test_clean_leaves_what_is_not_the_stack_s(folder: Path) -> None:
    (folder / "letter.txt").write_text("Dear Maya")
    assert say("clean", folder=folder) == (0, f"There is no stack in {folder}.\n", "")

    (folder / "stack.lock").touch()
    (folder / "postgresql" / "data").mkdir(parents=True)

    assert say("clean", folder=folder) == (0, f"Removed the stack in {folder}.\n", "")
    assert files_in(folder) == {"letter.txt"}


@pytest.mark.long
def test_wheels_are_enough_and_what_is_left_of_the_killed_can_be_ended(folder: Path) -> None:
    wheels = EMPTY | {"SERVERS": "wheels"}
    with client.opened(folder=folder, apps=1, broker="none", extra_environment=wheels) as stack:
        assert stack.facts["workers"] == []
        # It is open a moment before it says so.
        events = "  events         the relay itself (BROKER=none)\n"
        wait_for(lambda: events in stack.out.read_text())
        assert "site-packages" in stack.facts["nginx"]["program"]
        assert status_of(f"{stack.url}/products/") == 200
        # Nobody can keep it from dying, but `down` ends what is left.
        stack.process.kill()
        stack.process.wait()
        status, _, _ = say("down", folder=folder)
    assert status == 0
    assert processes_in(folder) == []
    assert not Folders(folder).sockets.exists()

    assert say("clean", folder=folder)[0] == 0
    assert files_in(folder) == {"window.log"}


@pytest.mark.long
def test_mariadb_serves_as_well(mariadb_stack: Stack) -> None:
    assert mariadb_stack.facts["database_url"].startswith("mysql://")
    assert status_of(f"{mariadb_stack.url}/products/") == 200
    assert int(run_in_shop(mariadb_stack, COUNT)) > 50


@pytest.mark.long
@pytest.mark.usefixtures("rabbitmq")
def test_everything_is_there_after_a_restart(folder: Path) -> None:
    """What the database has, and what RabbitMQ was given and nobody has heard yet."""
    with client.opened(folder=folder, apps=1, extra_environment=EMPTY) as stack:
        port = stack.facts["port"]
        run_in_shop(stack, ADD)
        # What happened before is heard first: news of a subject goes in its order.
        wait_for(lambda: run_in_shop(stack, IS_QUIET) == "True")
        stack.control("stop", "worker")
        run_in_shop(stack, TELL)
        wait_for(lambda: run_in_shop(stack, IS_SENT) == "True")
    assert stack.process.returncode == 0
    assert processes_in(folder) == []
    assert is_free(port)

    with client.opened(folder=folder, apps=1, extra_environment=EMPTY) as stack:
        assert run_in_shop(stack, ASK) == "1"
        # Sent again it would be in five minutes, and not before.
        wait_for(lambda: run_in_shop(stack, IS_HEARD) == "True")
    assert processes_in(folder) == []

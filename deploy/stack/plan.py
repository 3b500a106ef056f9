"""What a stack consists of: which servers, which app servers, where, with which settings."""

import os
import random
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.servers import mariadb, postgresql
from deploy.servers.account import Account, plain_environment
from deploy.servers.mariadb import MariaDB
from deploy.servers.nginx import Nginx
from deploy.servers.postgresql import PostgreSQL
from deploy.servers.programs import NotInstalledError
from deploy.servers.rabbitmq import RabbitMQ
from deploy.servers.redis import Redis
from deploy.stack import settings
from deploy.stack.folders import Folders
from deploy.stack.refusals import CannotStartError
from deploy.stack.supervisor import Program
from deploy.stack.wish import HERE, Wish
from shop.ops import preflight

MANAGE = [sys.executable, str(settings.ROOT / "manage.py")]
SETTINGS = "novashop.settings"
# Below the ports that the kernel gives to connections: one of those, taken while an app server
# starts anew, would keep it from its own port.
_PORTS = range(10_000, 20_000)
# How long an app server that was told to stop goes on for those who have not heard of it.
DRAIN_SECONDS = 10
# Of the order lane: few processes, each with many requests that wait for one committer.
ORDER_APPS = 2
ORDER_THREADS = "64"
# Where everybody comes at once, orders have the processors first, then those who look around, and
# at last what nobody waits for. Each step is worth three times the share.
BROWSING_STANDS_BACK, AFTERWARDS = 5, 10
# Who lets handlers hear events where a broker hands them out, and from which of its queues. Mail
# has a worker of its own: whoever waits for a mail server keeps no order waiting.
WORKERS = {"worker": "events", "worker-mail": "mail"}
# What the databases are called, and the accounts that the distributions have for them.
_KINDS = {"postgresql": "postgres", "mariadb": "mysql"}


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One app server: `lane` is browse or order."""

    name: str
    port: int
    lane: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A stack that can be started as far as one can know without starting it."""

    wish: Wish
    address: str
    folders: Folders
    database: PostgreSQL | MariaDB
    redis: Redis
    broker: RabbitMQ | None
    nginx: Nginx
    apps: tuple[App, ...]
    shop: dict[str, str]

    @property
    def reachable_host(self) -> str:
        """What a program on this machine reaches nginx by."""
        return self.wish.reachable_host

    @property
    def url(self) -> str:
        """The address to type into a browser on this machine."""
        return self.wish.url

    def programs(self) -> list[Program]:
        """Return everything that the supervisor runs; what was started last is ended first."""
        servers = [self._database(), self._redis(), *self._broker()]
        shop = [self._prepare(), *self._apps(), self._relay(), *self._workers()]
        return [*servers, *shop, self._nginx()]

    @property
    def workers(self) -> tuple[str, ...]:
        """The names of the workers, where there is a broker: the stack's own or another."""
        return tuple(WORKERS) if self.shop["BROKER_URL"] else ()

    def _database(self) -> Program:
        return Program(
            name="database",
            command=self.database.command(),
            folder=self.database.folder,
            environment=plain_environment(self.database.folder),
            priority=10,
            stop_signal=self.database.stop_signal,
            ids=self.database.account.ids,
        )

    def _redis(self) -> Program:
        folder = self.redis.socket.parent
        return Program(
            name="redis",
            command=self.redis.command(),
            folder=folder,
            environment=plain_environment(folder),
            priority=20,
            stop_signal=self.redis.stop_signal,
            ids=self.redis.account.ids,
        )

    def _broker(self) -> list[Program]:
        if self.broker is None:
            return []
        commands = {"epmd": self.broker.daemon_command(), "broker": self.broker.command()}
        return [
            Program(
                name=name,
                command=command,
                folder=self.broker.folder,
                environment=self.broker.environment(),
                priority=priority,
                stop_signal=self.broker.stop_signal,
                seconds_to_stop=30,
                ids=self.broker.account.ids,
            )
            for priority, (name, command) in enumerate(commands.items(), start=21)
        ]

    def _prepare(self) -> Program:
        module = [sys.executable, "-m", "deploy.stack.preparing", str(self.folders.people)]
        return Program(
            name="prepare",
            command=module,
            folder=settings.ROOT,
            environment=self._environment("prepare") | {"DJANGO_SETTINGS_MODULE": SETTINGS},
            priority=25,
            # Like Ctrl-C: what has begun to furnish the shop remembers that it has.
            stop_signal=signal.SIGINT,
            once=True,
        )

    def _apps(self) -> list[Program]:
        options = ["--prepared", "--drain", str(DRAIN_SECONDS), "--host", HERE]
        return [
            self._manage(
                app.name,
                "serve",
                *options,
                "--port",
                str(app.port),
                priority=30,
                niceness=0 if app.lane == "order" else BROWSING_STANDS_BACK,
                threads=self._threads_of(app),
            )
            for app in self.apps
        ]

    def _threads_of(self, app: App) -> str:
        """Return how many requests it answers at once; whoever says THREADS means orders."""
        return self.shop.get("THREADS", ORDER_THREADS) if app.lane == "order" else "1"

    def _relay(self) -> Program:
        return self._manage("relay", "relay", priority=40, niceness=AFTERWARDS)

    def _workers(self) -> list[Program]:
        return [
            self._manage(
                name, "worker", "--queues", WORKERS[name], priority=35, niceness=AFTERWARDS
            )
            for name in self.workers
        ]

    def _manage(
        self, name: str, *words: str, priority: int, niceness: int, threads: str = "1"
    ) -> Program:
        return Program(
            name=name,
            command=[*MANAGE, *words],
            folder=self.folders.data,
            environment=self._environment(name) | {"THREADS": threads},
            priority=priority,
            niceness=niceness,
            seconds_to_stop=DRAIN_SECONDS + 10,
        )

    def _environment(self, name: str) -> dict[str, str]:
        return settings.for_process(self.shop | {"PROCESS": name})

    def _nginx(self) -> Program:
        return Program(
            name="nginx",
            command=self.nginx.command("-g", "daemon off;"),
            folder=self.nginx.folder,
            environment=plain_environment(self.nginx.folder),
            priority=50,
            stop_signal=self.nginx.stop_signal,
        )


def make(wanted: Wish, *, folders: Folders) -> Plan:
    """Return the plan, or refuse it; nothing is changed by it.

    Raises NotInstalledError when a server is missing.
    """
    _check_kind(wanted.database, folders=folders)
    address = preflight.check_address(
        host=wanted.host, port=str(wanted.port), instead="make stack PORT=8081"
    )
    database = _database(wanted.database, folders=folders)
    redis = Redis(sockets=folders.sockets / "redis", account=Account("redis", "valkey", "nobody"))
    broker = _broker(wanted, folders=folders)
    return Plan(
        wish=wanted,
        address=address,
        folders=folders,
        database=database,
        redis=redis,
        broker=broker,
        nginx=Nginx(folder=folders.nginx, account=Account("www-data", "nginx", "nobody")),
        apps=_apps(wanted.apps),
        shop=settings.for_shop(
            folders=folders,
            database_url=database.url,
            redis_url=redis.url,
            broker_url=broker.url if broker else "",
            url=wanted.url,
            own=os.environ,
        ),
    )


def _broker(wanted: Wish, *, folders: Folders) -> RabbitMQ | None:
    """Return the stack's own RabbitMQ; None where it is not wanted, not here, or another's."""
    if wanted.broker == "none" or os.environ.get("BROKER_URL"):
        return None
    account = Account("rabbitmq", "nobody")
    first, second, third = free_ports(3)
    try:
        return RabbitMQ(
            folder=folders.shelf_for(account) / "rabbitmq",
            account=account,
            ports=(first, second, third),
            node=folders.node,
        )
    except NotInstalledError:
        return None


def _check_kind(kind: str, *, folders: Folders) -> None:
    """Refuse to begin a second shop in a folder: both would own its pictures."""
    for other in _KINDS.keys() - {kind}:
        if homes := folders.homes(other):
            raise CannotStartError(
                f"the shop in {folders.data} is kept by {other} (in {homes[0]}); start it with "
                f"DB={other}, or name another folder: DATA_DIR=/path make stack"
            )


def _database(kind: str, *, folders: Folders) -> PostgreSQL | MariaDB:
    homes = folders.homes(kind)
    account = _account(kind, homes=homes)
    home = homes[0] if homes else folders.shelf_for(account) / kind
    sockets = folders.sockets / kind
    if kind == "mariadb":
        return MariaDB(folder=home, account=account, sockets=sockets, settings=mariadb.LASTING)
    return PostgreSQL(folder=home, account=account, sockets=sockets, settings=postgresql.LASTING)


def _account(kind: str, *, homes: list[Path]) -> Account:
    names = (_KINDS[kind], "nobody")
    return Account.that_owns(homes[0] / "data", *names) if homes else Account(*names)


def _apps(count: int) -> tuple[App, ...]:
    ports = free_ports(count + ORDER_APPS)
    browse = [
        App(name=f"browse-{number}", port=port, lane="browse")
        for number, port in enumerate(ports[:count], start=1)
    ]
    order = [
        App(name=f"order-{number}", port=port, lane="order")
        for number, port in enumerate(ports[count:], start=1)
    ]
    return (*browse, *order)


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens on."""
    found: list[int] = []
    for port in random.sample(_PORTS, len(_PORTS)):
        if len(found) == count:
            break
        with socket.socket() as probe:
            try:
                probe.bind((HERE, port))
            except OSError:
                continue
            found.append(port)
    return found

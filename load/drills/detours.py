"""Laying ways between the parts of a stack that runs: from then on, everybody speaks by them.

The settings of the shop's programs are written anew, as an operator would who moves a server, and
each of them starts again; nginx reads its configuration anew. What a part itself is stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from deploy.stack.client import Stack
from deploy.stack.rerouting import give_settings, tell_nginx
from load.drills.ways import HERE, Target, Way, Ways
from novashop.databases import database_from_url

# Who speaks to servers by ways of their own.
EVERYBODY = ("apps", "relay", "workers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detours:
    """The ways of a stack: from EVERYBODY to each server, to app servers from nginx, to nginx."""

    servers: Mapping[tuple[str, str], Way]
    apps: Mapping[str, Way]
    nginx: Way

    def of(self, who: str) -> list[Way]:
        """Return all ways on which the relay, or the workers, speak to anybody."""
        return [way for (speaker, _), way in self.servers.items() if speaker == who]

    def to(self, server: str) -> list[Way]:
        """Return everybody's ways to the database, to redis, or to the broker."""
        return [way for (_, name), way in self.servers.items() if name == server]


def lay(stack: Stack, ways: Ways) -> Detours:
    """Open all ways, and let the stack's programs use them. Raises OSError or ServerError."""
    urls = {name: stack.facts[f"{name}_url"] for name in ("database", "redis", "broker")}
    targets = {name: _target(name, url) for name, url in urls.items() if url}
    detours = Detours(
        servers={(who, name): ways.open(to) for who in EVERYBODY for name, to in targets.items()},
        apps={app["name"]: ways.open(app["port"]) for app in stack.facts["apps"]},
        nginx=ways.open(stack.facts["port"]),
    )
    give_settings(
        stack,
        {
            program: {
                f"{name.upper()}_URL": _by(detours.servers[who, name], name, urls[name])
                for name in targets
            }
            for who, programs in programs_of(stack.facts).items()
            for program in programs
        },
    )
    tell_nginx(stack, ports={name: way.port for name, way in detours.apps.items()})
    return detours


def programs_of(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the names of the programs of each of EVERYBODY."""
    apps = [app["name"] for app in facts["apps"]]
    return {"apps": apps, "relay": ["relay"], "workers": [*facts["workers"]]}


def _target(name: str, url: str) -> Target:
    if name == "database":
        return _database_target(url)
    parts = urlsplit(url)
    return Path(parts.path) if parts.scheme == "unix" else _port(parts.port)


def _database_target(url: str) -> Target:
    where = database_from_url(url)
    if where["ENGINE"].endswith("mysql"):
        return Path(where["OPTIONS"]["unix_socket"])
    return Path(where["HOST"]) / f".s.PGSQL.{where['PORT']}"


def _port(port: int | None) -> int:
    if port is None:
        raise ValueError("a server of the stack has no port")
    return port


def _by(way: Way, name: str, url: str) -> str:
    """Return the URL of the same server by this way."""
    here = f"{HERE}:{way.port}"
    parts = urlsplit(url)
    if name == "database":
        user = parts.username or ""
        return f"{parts.scheme}://{user}@{here}/novashop"
    if name == "redis":
        return f"redis://{here}/0"
    who, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{who}{at}{here}"))

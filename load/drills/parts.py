"""What can be struck, how soon all must be well again, and what a shopper may see meanwhile.

`seconds` is the limit from the end of the fault until all is as before (judging.py). Where nobody
who shops may notice anything, `shown` is empty; otherwise it has the statuses that are no lie: 0 is
no answer at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from load.drills.detours import Detours, programs_of
from load.drills.ways import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the stack; `why` says where its limit comes from."""

    name: str
    called: str
    seconds: int
    shown: frozenset[int] = frozenset()
    why: str


# nginx answers 502 for what was sent to a server that died with it, and may not be sent twice; 503
# and 504 for what no server takes.
_IN_FLIGHT = frozenset({502, 503, 504})
_NOBODY = frozenset({0, 502, 503, 504})

PARTS: Mapping[str, Part] = {
    part.name: part
    for part in (
        Part(
            name="app-server",
            called="app server",
            seconds=10,
            shown=_IN_FLIGHT,
            why="it starts in four seconds on two busy processors; the others serve meanwhile",
        ),
        Part(
            name="order-lane",
            called="order lane",
            seconds=15,
            shown=_IN_FLIGHT,
            why="both of its servers start at once, and the app servers take orders meanwhile",
        ),
        Part(
            name="worker",
            called="worker",
            seconds=20,
            why="the workers start in five seconds, and then hear what has waited",
        ),
        Part(
            name="relay",
            called="relay",
            seconds=20,
            why="it starts in four seconds, and then sends what has waited",
        ),
        Part(
            name="rabbitmq",
            called="RabbitMQ",
            seconds=30,
            why="it starts in ten seconds, is found within two, and then comes what has waited",
        ),
        Part(
            name="redis",
            called="Redis",
            seconds=15,
            why="what could not be told to it is tried again after as long as that failed",
        ),
        Part(
            name="database",
            called="database",
            seconds=10,
            shown=frozenset({503}),
            why="PostgreSQL reads its log in a second; everybody else connects when asked",
        ),
        Part(
            name="nginx",
            called="nginx",
            seconds=20,
            shown=_NOBODY,
            why="it starts in a second; who has a form open finds their connection dead later",
        ),
    )
}
_ALSO_CALLED = {"postgresql": "database", "mariadb": "database", "mysql": "database"}
# Who lets handlers hear events with a broker alone.
_OF_A_BROKER = ("worker", "rabbitmq")


class UnknownPartError(Exception):
    """The message names what there is."""


def chosen(names: Sequence[str], *, has_broker: bool) -> list[Part]:
    """Return the parts of these names, all there are for none. Raises UnknownPartError."""
    there = [name for name in PARTS if has_broker or name not in _OF_A_BROKER]
    wanted = [_ALSO_CALLED.get(name, name) for name in names]
    for name in wanted:
        if name not in there:
            raise UnknownPartError(f"PARTS is {name!r}; there are {', '.join(there)}")
    return [PARTS[name] for name in there if name in (wanted or there)]


def programs(part: Part, facts: Mapping[str, Any]) -> list[str]:
    """Return the names of the stack's programs that the part is."""
    order = [app["name"] for app in facts["apps"] if app["lane"] == "order"]
    own = {
        "app-server": ["browse-1"],
        "order-lane": order,
        "worker": programs_of(facts)["workers"],
        "rabbitmq": ["broker"],
    }
    return own.get(part.name, [part.name])


def ways(part: Part, detours: Detours, facts: Mapping[str, Any]) -> list[Way]:
    """Return the ways on which the part is spoken to; those on which it speaks, if nobody does."""
    if part.name == "nginx":
        return [detours.nginx]
    if part.name in {"relay", "worker"}:
        return detours.of("relay" if part.name == "relay" else "workers")
    if part.name in {"app-server", "order-lane"}:
        return [detours.apps[name] for name in programs(part, facts)]
    return detours.to("broker" if part.name == "rabbitmq" else part.name)

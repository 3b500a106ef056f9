"""What a drill does to a stack: its parts are spoken to by ways that can be cut, and are killed."""

import json
from collections.abc import Iterator

import pytest

from deploy.stack.client import Stack
from deploy.stack.rerouting import give_settings, tell_nginx
from load.drills import detours, faults, parts, ways
from load.drills.detours import Detours
from load.drills.faults import Victim
from load.drills.parts import PARTS
from load.drills.ways import Ways
from tests.stack.living import status_of, wait_for
from tests.stack.visiting import Visitor

pytestmark = [pytest.mark.once, pytest.mark.long]

URLS = ("DATABASE_URL", "REDIS_URL", "BROKER_URL")
# Nobody keeps it: the shop itself is asked, and the shop its database.
PAGE = "/accounts/login/"


@pytest.fixture(scope="module")
def all_ways() -> Iterator[Ways]:
    with ways.opened() as opened:
        yield opened


@pytest.fixture(scope="module")
def laid(stack: Stack, all_ways: Ways) -> Iterator[Detours]:
    """Ways between all parts; afterwards they speak to each other as before."""
    yield detours.lay(stack, all_ways)
    own = {name: stack.environment[name] for name in URLS}
    programs = [name for names in detours.programs_of(stack.facts).values() for name in names]
    give_settings(stack, dict.fromkeys(programs, own))
    tell_nginx(stack, ports={app["name"]: app["port"] for app in stack.facts["apps"]})


def cache_of(stack: Stack) -> str:
    return str(json.loads(Visitor(stack.url).get("/readyz").text)["cache"])


def test_everybody_speaks_by_ways(stack: Stack, laid: Detours) -> None:
    def is_asked_by_a_way() -> bool:
        return status_of(f"{stack.url}{PAGE}") == 200 and any(
            way.ends for way in laid.apps.values()
        )

    # nginx answers a moment longer by what it was told before.
    wait_for(is_asked_by_a_way)
    # A worker asks for nothing until there is something to do.
    spoken = [("apps", "database"), ("relay", "database"), ("workers", "broker")]
    wait_for(lambda: all(laid.servers[pair].ends for pair in spoken))


def test_without_the_cache_the_shop_goes_on(stack: Stack, laid: Detours, all_ways: Ways) -> None:
    wait_for(lambda: cache_of(stack) == "ok")
    all_ways.cut(laid.to("redis"))
    try:
        wait_for(lambda: cache_of(stack) == "unavailable")
        assert status_of(f"{stack.url}{PAGE}") == 200
    finally:
        all_ways.mend(laid.to("redis"))
    wait_for(lambda: cache_of(stack) == "ok")


def test_without_the_database_it_says_so_and_comes_back(
    stack: Stack, laid: Detours, all_ways: Ways
) -> None:
    before = [stack.pid_of(app["name"]) for app in stack.facts["apps"]]
    all_ways.cut(laid.to("database"))
    try:
        assert status_of(f"{stack.url}/readyz") == 503
        assert status_of(f"{stack.url}/api/categories/?page_size=7") == 503
    finally:
        all_ways.mend(laid.to("database"))
    wait_for(lambda: status_of(f"{stack.url}/api/categories/?page_size=7") == 200)
    assert [stack.pid_of(app["name"]) for app in stack.facts["apps"]] == before


@pytest.mark.parametrize("name", ["relay", "redis", "app-server"])
def test_who_is_killed_comes_back_by_itself(
    stack: Stack, laid: Detours, all_ways: Ways, name: str
) -> None:
    programs = parts.programs(PARTS[name], stack.facts)
    before = [stack.pid_of(program) for program in programs]
    some = parts.ways(PARTS[name], laid, stack.facts)
    faults.kill(Victim(stack=stack, programs=programs, ways=some, all_ways=all_ways))

    def are_back() -> bool:
        return all(stack.pid_of(program) not in {0, *before} for program in programs)

    wait_for(are_back)
    wait_for(lambda: status_of(f"{stack.url}{PAGE}") == 200)

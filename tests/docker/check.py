"""`make docker-check`: the whole shop in containers of its own, tried out, and taken away again.

    python -m tests.docker.check [--port 18080] [--database mysql] [--keep]

It builds the images and says what it found, line by line. It ends with status 0 only if all of it
is as it should be.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from tests.docker import backups, carrying, containment, engine
from tests.docker.engine import CheckError, Composed, Container, docker
from tests.docker.readers import reading
from tests.docker.smoke import orders_of_shopper, smoke
from tests.stack.visiting import Visitor

PROJECT = "novashop-check"
# An app server leaves in silence within these, and is not killed.
LONGEST_FAREWELL = 20


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    settings = engine.settings_in("mysql.env") if asked.database == "mysql" else {}
    shop = Composed(PROJECT, asked.port, settings)
    try:
        say("Docker", engine.check_docker())
        check(shop, keep=asked.keep)
    except CheckError as error:
        sys.stderr.write(f"make docker-check: {error}\n")
        return 1
    say("verdict", "all of it is as it should be")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make docker-check", description=__doc__)
    parser.add_argument("--port", type=int, default=18080, help="of this machine, for the shop")
    parser.add_argument("--database", choices=["postgresql", "mysql"], default="postgresql")
    parser.add_argument("--keep", action="store_true", help="leave the shop running at the end")
    return parser


def say(what: str, found: str) -> None:
    sys.stdout.write(f"{what:<18}{found}\n")
    sys.stdout.flush()


def check(shop: Composed, *, keep: bool) -> None:
    """Do all of it. Raises CheckError at the first thing that is wrong."""
    say("images", _build(shop))
    if keep:
        shop.remove()
        _try(shop)
        say("left running", f"{shop.url}, project {shop.project}")
        return
    with shop.taken_away_afterwards():
        _try(shop)
    with shop.taken_away_afterwards():
        say("two at once", _prepare_twice(shop))


def _try(shop: Composed) -> None:
    for name, step in _steps(shop):
        say(name, step())


def _steps(shop: Composed) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "first start", lambda: _start(shop)
    yield "containment", lambda: containment.check(shop)
    yield "smoke", lambda: _smoke(shop)
    yield "events", lambda: carrying.carry(shop)
    yield "workers killed", lambda: carrying.lose_the_workers(shop)
    yield "RabbitMQ killed", lambda: carrying.lose_the_broker(shop)
    yield "without RabbitMQ", lambda: carrying.do_without(shop)
    yield "memory", lambda: _memory(shop)
    yield "scaled to three", lambda: _scale(shop, count=3)
    yield "one was killed", lambda: _lose_one(shop, "kill")
    yield "one was stopped", lambda: _lose_one(shop, "stop")
    yield "a lane was killed", lambda: _lose_the_lane(shop)
    yield "down and up", lambda: _down_and_up(shop)
    yield "lost and restored", lambda: backups.lose_and_get_back(shop, database=_database(shop))


def _database(shop: Composed) -> str:
    return shop.settings.get("DB", "postgresql")


def _build(shop: Composed) -> str:
    started = time.monotonic()
    shop.compose("build")
    seconds = time.monotonic() - started
    sizes = {
        name: int(docker("image", "inspect", "--format", "{{.Size}}", f"{name}:check"))
        for name in ("novashop", "novashop-front")
    }
    told = ", ".join(f"{name} {size / 1_000_000:.0f} MB" for name, size in sizes.items())
    return f"built in {seconds:.0f} s: {told}"


def _start(shop: Composed) -> str:
    started = time.monotonic()
    shop.compose("up", "--detach")
    found = shop.wait_until_well()
    seconds = time.monotonic() - started
    states = ", ".join(f"{one.service} {one.state}" for one in sorted(found, key=_service))
    return f"{seconds:.0f} s; {states}"


def _service(container: Container) -> str:
    return container.service


def _smoke(shop: Composed) -> str:
    ids = smoke(shop.url)
    return f"pages, API, a sign-in and orders {' and '.join(map(str, ids))}"


def _memory(shop: Composed) -> str:
    """Return what each container uses, as Docker counts it."""
    found = {}
    for one in sorted(shop.containers(), key=_service):
        if one.state == "healthy":
            used = docker("stats", "--no-stream", "--format", "{{.MemUsage}}", one.id)
            found[one.service] = used.partition(" / ")[0].strip()
    return ", ".join(f"{service} {used}" for service, used in found.items())


def _scale(shop: Composed, *, count: int) -> str:
    with reading(shop.port) as readers:
        shop.compose("up", "--detach", "--no-recreate", "--scale", f"browse={count}")
        shop.wait_until_well()
        _wait_until_all_answer(shop, count=count)
    if readers.lost:
        raise CheckError(f"pages were lost while it was scaled: {readers.lost}")
    return str(readers)


def _wait_until_all_answer(shop: Composed, *, count: int) -> None:
    """Wait until nginx asks so many app servers for pages."""
    deadline = time.monotonic() + engine.SECONDS_TO_OPEN
    while len(asked := _app_servers_asked(shop)) < count:
        if time.monotonic() > deadline:
            raise CheckError(f"nginx asks {len(asked)} app servers, and there are {count}")
        time.sleep(1)


def _app_servers_asked(shop: Composed) -> set[str]:
    lines = shop.compose("logs", "--no-log-prefix", "--tail", "300", "nginx").splitlines()
    pages = [line for line in lines if '"lane":"novashop_browse"' in line]
    found = [line.partition('"upstream":"')[2].partition('"')[0] for line in pages]
    return {address for one in found for address in one.split(", ") if address}


def _lose_one(shop: Composed, how: str) -> str:
    """Take one of the app servers away while people read, and replace it by a new one."""
    one = shop.containers("browse")[0]
    count = len(shop.containers("browse"))
    with reading(shop.port) as readers:
        time.sleep(1)
        started = time.monotonic()
        docker(how, one.id)
        seconds = time.monotonic() - started
        time.sleep(2)
        docker("rm", one.id)
        shop.compose("up", "--detach", "--no-recreate", "--scale", f"browse={count}")
        shop.wait_until_well()
        time.sleep(2)
    if readers.lost:
        raise CheckError(f"pages were lost when an app server was lost ({how}): {readers.lost}")
    if seconds > LONGEST_FAREWELL:
        raise CheckError(f"an app server took {seconds:.0f} seconds to {how}")
    return f"after {seconds:.1f} s; {readers}"


def _lose_the_lane(shop: Composed) -> str:
    """Kill the only server of orders; the others take them meanwhile."""
    docker("kill", shop.containers("order")[0].id)
    ids = smoke(shop.url)
    shop.compose("up", "--detach", "--no-recreate", "order")
    shop.wait_until_well()
    return f"the servers of pages took orders {' and '.join(map(str, ids))}"


def _down_and_up(shop: Composed) -> str:
    """Remove every container, and find everything that was ordered again."""
    before = orders_of_shopper(Visitor(shop.url))
    started = time.monotonic()
    shop.compose("down")
    stopped = time.monotonic()
    shop.compose("up", "--detach")
    shop.wait_until_well()
    seconds = time.monotonic() - stopped
    after = orders_of_shopper(Visitor(shop.url))
    if not before or after != before:
        raise CheckError(f"the shopper's orders were {sorted(before)} and are {sorted(after)}")
    found = f"{len(after)} orders of the shopper are there"
    return f"stopped in {stopped - started:.0f} s, open after {seconds:.0f} s, {found}"


def _prepare_twice(shop: Composed) -> str:
    """Let two prepare the same empty shop at the same time."""
    shop.compose("up", "--detach", "--scale", "migrate=2")
    shop.wait_until_well()
    logs = shop.compose("logs", "--no-log-prefix", "migrate")
    made, waited = logs.count("Making the database"), logs.count("waiting for them")
    if (made, waited) != (1, 1):
        raise CheckError(f"{made} made the database and {waited} waited, of two:\n{logs}")
    return "one made the shop, and the other one waited and found it made"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""A drill is judged by what shoppers saw, and by how soon all was as before."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from load.drills import detours, faults, parts, report
from load.drills.__main__ import main, read_wish
from load.drills.carts import FullCarts
from load.drills.detours import Detours
from load.drills.judging import Usual, complaints, usual
from load.drills.parts import PARTS
from load.drills.report import Cell, judge
from load.drills.seeing import Request, Requests, Seen, seen, within
from load.drills.watching import Look, Looks
from load.drills.ways import Way
from tests.waiting import wait_until

pytestmark = pytest.mark.once

ORDER, PAGE = "POST order /api/orders/", "GET pages /"
GOOD = [Request(at=1.0, name=PAGE, status=200, ms=20.0) for _ in range(26)] + [
    Request(at=1.0, name=ORDER, status=201, ms=40.0) for _ in range(4)
]
HEARD = [Look(at=1.0, waiting=3, late=0, held_back=0)]
BEHIND = [Look(at=1.0, waiting=90, late=7, held_back=60)]
BEFORE = Usual(rate=10.0, orders=1.0, ms=40.0, late=0)
FACTS: dict[str, Any] = {
    "apps": [
        {"name": "browse-1", "port": 1, "lane": "browse"},
        {"name": "browse-2", "port": 2, "lane": "browse"},
        {"name": "order-1", "port": 3, "lane": "order"},
        {"name": "order-2", "port": 4, "lane": "order"},
    ],
    "workers": ["worker", "worker-mail"],
}


def failed(status: int, name: str = PAGE, error: str = "no") -> Request:
    return Request(at=1.0, name=name, status=status, ms=9_000.0, error=error)


# --- When all is well -------------------------------------------------------------------------


def test_all_is_well_where_it_is_as_before() -> None:
    assert usual(GOOD, HEARD, seconds=3.0) == Usual(rate=10.0, orders=4 / 3, ms=40.0, late=0)
    assert complaints(GOOD, HEARD, BEFORE) == []


@pytest.mark.parametrize(
    ("requests", "looks", "said"),
    [
        ([*GOOD, failed(503)], HEARD, "1 of 31 requests failed"),
        ([*GOOD, failed(0)], HEARD, "1 of 31 requests failed"),
        ([*GOOD, failed(200)], HEARD, "1 of 31 requests failed"),
        (GOOD[-24:], HEARD, "4.8 requests a second"),
        (GOOD[:28], HEARD, "0.4 orders a second"),
        ([replace(each, ms=331.0) for each in GOOD], HEARD, "p90 331 ms, at most 330"),
        (GOOD, [], "nobody can look at the news"),
        (GOOD, [*BEHIND, *HEARD], "7 news unheard"),
    ],
)
def test_anything_else_is_not(requests: list[Request], looks: list[Look], said: str) -> None:
    assert complaints(requests, looks, BEFORE) == [said]


def test_news_that_was_behind_before_tells_nothing() -> None:
    assert complaints(GOOD, BEHIND, replace(BEFORE, late=3)) == []


# --- What shoppers saw ----------------------------------------------------------------------------


def test_what_was_seen_is_counted_by_its_status() -> None:
    bad = [failed(503, ORDER), failed(0), failed(503), failed(200, error="another price")]
    assert seen([*GOOD, *bad]) == Seen(
        requests=34,
        statuses={0: 1, 503: 2},
        wrong=(f"{PAGE}: another price",),
        p95_ms=9_000.0,
        slowest_ms=9_000.0,
        orders=4,
        orders_refused=1,
    )
    assert seen([]) == Seen()
    assert (within([], 0.9), within(GOOD, 0.5), within(GOOD, 0.9)) == (0.0, 20.0, 40.0)


def test_requests_are_read_along(tmp_path: Path) -> None:
    file = tmp_path / "requests"
    lines = [json.dumps({"at": at, "name": PAGE, "status": 200, "ms": 5}) for at in range(3)]
    file.write_text(f"{lines[0]}\n{lines[1][:9]}")
    requests = Requests(file)
    assert [each.at for each in requests.between(0, 9)] == [0]
    with file.open("a") as more:
        more.write(f"{lines[1][9:]}\n{lines[2]}\n")
    assert [each.at for each in requests.between(0, 2)] == [0, 1]
    requests.forget_before(1)
    assert [each.at for each in requests.between(0, 9)] == [1, 2]


def test_so_are_looks(tmp_path: Path) -> None:
    file = tmp_path / "looks"
    looks = Looks(file)
    assert looks.between(0, 9) == []
    file.write_text(json.dumps({"at": 1.0, "waiting": 3, "late": 0, "held_back": 0}) + "\n{")
    assert looks.between(0, 9) == HEARD
    assert looks.between(2, 9) == []


def test_a_cart_is_given_to_one_and_more_may_come(tmp_path: Path) -> None:
    file, carts = tmp_path / "carts", FullCarts()
    assert carts.next() is None
    file.write_text('["a", "1"]\n["b", ')
    carts.read_from(file)
    assert [carts.next(), carts.next()] == [("a", "1"), None]
    with file.open("a") as more:
        more.write('"2"]\n')
    assert [carts.next(), carts.next()] == [("b", "2"), None]


# --- The verdict ----------------------------------------------------------------------------------


def cell(part: str = "database", **facts: Any) -> Cell:
    usual_ones: dict[str, Any] = {"seed": 1, "fault": "kill", "limit": 10.0, "seconds": 4.0}
    saw = {
        "before": Seen(requests=500, p95_ms=41.0),
        "seen": Seen(
            requests=1_200, statuses={503: 38}, p95_ms=1_059.6, slowest_ms=2_340.0, orders=90
        ),
    }
    return Cell(part=PARTS[part], **{**usual_ones, **saw, **facts})


def reasons_of(judged: Cell, *said: str) -> list[str]:
    judge(judged, said)
    return judged.reasons


def test_green_is_in_time_and_without_a_lie() -> None:
    assert reasons_of(cell()) == []
    assert reasons_of(cell(seconds=10.0)) == []
    assert reasons_of(cell("worker", seen=Seen(requests=3, orders=1))) == []


@pytest.mark.parametrize(
    ("judged", "reasons"),
    [
        (cell(seconds=10.1), ["well again after 10.1 s, at most 10"]),
        (cell(seconds=None), ["not well again: 3 news unheard"]),
        (cell(seen=Seen(requests=9, statuses={500: 2, 503: 1})), ["2 x 500"]),
        (cell(seen=Seen(requests=9, statuses={0: 1})), ["1 x no answer"]),
        (cell("worker"), ["38 x 503"]),
        (
            cell("nginx", seen=Seen(wrong=["a", "b", "a"])),
            ["a wrong answer: a", "a wrong answer: b"],
        ),
    ],
)
def test_red_is_anything_else(judged: Cell, reasons: list[str]) -> None:
    assert reasons_of(judged, "3 news unheard") == reasons
    assert not judged.is_green


def test_the_report_says_part_by_part_what_was_seen(tmp_path: Path) -> None:
    gone = cell(
        "nginx", fault="cut", seconds=None, seen=Seen(requests=3, orders=1, orders_refused=2)
    )
    judge(gone, ["0.0 requests a second"])
    cells = [gone, cell(held_back=12)]

    report.write(cells, tmp_path, circumstances="8 orders a second.")

    text = (tmp_path / "drill.md").read_text()
    assert " ".join(report.table(cells).split()) in " ".join(text.split())
    assert report.rows(cells)[0] == (
        *("1", "database", "kill"),
        "38 x 503 in 1,200 requests, the slowest 2.3 s; 90 orders taken",
        *("1,060 ms, 41", "4.0", "10", "green"),
    )
    assert report.rows(cells)[1] == (
        *("1", "nginx", "cut"),
        "no error in 3 requests, the slowest 0.0 s; 1 orders taken, 2 told to come again",
        *("0 ms, 41", "never", "10", "RED"),
    )
    assert report.faults(cells) == ["nginx x cut (seed 1): not well again: 0.0 requests a second"]
    assert "* nginx x cut (seed 1): not well again: 0.0 requests a second\n" in text
    assert "* database x kill (seed 1): 12 news still waited to be sent" in text
    facts = json.loads((tmp_path / "drill.json").read_text())
    assert [(each["part"], each["is_green"]) for each in facts["cells"]] == [
        ("nginx", False),
        ("database", True),
    ]


def test_of_many_reasons_some_are_told() -> None:
    judged = cell(reasons=[str(number) for number in range(9)])
    assert report.faults([judged]) == ["database x kill (seed 1): 0; 1; 2; 3; 4; and 4 more"]


# --- What is struck -------------------------------------------------------------------------------


def test_all_parts_meet_the_usual_faults() -> None:
    wish = read_wish([])
    assert [part.name for part in wish.parts] == [*PARTS]
    assert wish.faults == ["kill", "restart", "pause", "slow", "cut"]
    assert (wish.seeds, wish.seconds) == ([1], 10)


def test_some_may_be_chosen() -> None:
    words = ["--parts", "redis, postgresql", "--faults", "away", "--seeds", "1,2,3"]
    wish = read_wish([*words, "--seconds", "600"])
    assert [part.name for part in wish.parts] == ["redis", "database"]
    assert (wish.faults, wish.seeds, wish.seconds) == (["away"], [1, 2, 3], 600)


def test_without_a_broker_there_are_no_workers() -> None:
    wish = read_wish(["--broker", "none"])
    assert {*PARTS} - {part.name for part in wish.parts} == {"worker", "rabbitmq"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--parts", "kitchen"], "PARTS is 'kitchen'; there are app-server, order-lane, worker, "),
        (["--parts", "worker", "--broker", "none"], "PARTS is 'worker'; there are app-server, "),
        (["--faults", "flood"], "FAULTS is 'flood'; there are kill, restart, pause, slow, cut, "),
        (["--seeds", "one"], "SEEDS is 'one'; it must be a number from 1 to 1,000,000"),
        (["--seconds", "0"], "SECONDS is '0'; it must be a number from 1 to 3,600"),
        (["--rate", "many"], "RATE is 'many'; it must be a number from 1 to 200"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(SystemExit) as raised:
        main(words)
    assert str(raised.value.code).startswith(f"The drill cannot be held: {sentence}")


def laid() -> Detours:
    pairs = [(who, name) for who in detours.EVERYBODY for name in ("database", "redis", "broker")]
    return Detours(
        servers={pair: Way(1, port=number) for number, pair in enumerate(pairs)},
        apps={app["name"]: Way(1, port=20 + app["port"]) for app in FACTS["apps"]},
        nginx=Way(1, port=30),
    )


@pytest.mark.parametrize(
    ("name", "programs", "ports"),
    [
        ("app-server", ["browse-1"], [21]),
        ("order-lane", ["order-1", "order-2"], [23, 24]),
        ("worker", ["worker", "worker-mail"], [6, 7, 8]),
        ("relay", ["relay"], [3, 4, 5]),
        ("rabbitmq", ["broker"], [2, 5, 8]),
        ("redis", ["redis"], [1, 4, 7]),
        ("database", ["database"], [0, 3, 6]),
        ("nginx", ["nginx"], [30]),
    ],
)
def test_a_part_is_programs_and_ways(name: str, programs: list[str], ports: list[int]) -> None:
    assert parts.programs(PARTS[name], FACTS) == programs
    assert [way.port for way in parts.ways(PARTS[name], laid(), FACTS)] == ports


@pytest.mark.parametrize(
    ("name", "url", "by"),
    [
        (
            "database",
            "postgres://novashop@:5432//srv/x/y/novashop",
            "postgres://novashop@{}/novashop",
        ),
        (
            "database",
            "mysql://root@localhost/novashop?unix_socket=/srv/x",
            "mysql://root@{}/novashop",
        ),
        ("redis", "unix:///srv/x/socket?db=0", "redis://{}/0"),
        ("broker", "amqp://novashop:a-b_c@127.0.0.1:5672//", "amqp://novashop:a-b_c@{}//"),
    ],
)
def test_the_same_server_by_another_way(name: str, url: str, by: str) -> None:
    assert detours._by(Way(1, port=7), name, url) == by.format("127.0.0.1:7")


def test_where_servers_are() -> None:
    url = "postgres://novashop@:5432//srv/x/y/novashop"
    assert detours._target("database", url) == Path("/srv/x/y/.s.PGSQL.5432")
    url = "mysql://root@localhost/novashop?unix_socket=/srv/x/socket"
    assert detours._target("database", url) == Path("/srv/x/socket")
    assert detours._target("redis", "unix:///srv/x/socket?db=0") == Path("/srv/x/socket")
    assert detours._target("broker", "amqp://a:b@127.0.0.1:5672//") == 5672


# --- Processes ------------------------------------------------------------------------------------

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', {!r}])"
CHILD = "print('here', flush=True); import time; time.sleep(60)"


@pytest.fixture
def parent() -> Iterator["subprocess.Popen[str]"]:
    """A process that has started another one."""
    command = [sys.executable, "-c", PARENT.format(CHILD)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        yield process
        for number in faults.family(process.pid):
            subprocess.run(["kill", "-KILL", str(number)], check=False)


def state_of(number: int) -> str:
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]


def is_gone(number: int) -> bool:
    try:
        return state_of(number) == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_family_is_whoever_was_started(parent: "subprocess.Popen[str]") -> None:
    first, *others = faults.family(parent.pid)
    assert (first, len(others)) == (parent.pid, 1)
    assert faults.family(others[0]) == others


class Standing:
    """A stack of one program."""

    def __init__(self, number: int) -> None:
        self._number = number

    def pid_of(self, _name: str) -> int:
        return self._number


def victim(parent: "subprocess.Popen[str]", **facts: Any) -> faults.Victim:
    stack: Any = Standing(parent.pid)
    nothing: Any = None
    whole = {"stack": stack, "programs": ["one"], "ways": [], "all_ways": nothing, **facts}
    return faults.Victim(**whole)


def test_who_is_killed_is_killed_with_all_of_it(parent: "subprocess.Popen[str]") -> None:
    _, child = faults.family(parent.pid)
    faults.kill(victim(parent))
    assert parent.wait(10) == -9
    wait_until(lambda: is_gone(child))


def test_who_is_paused_stands_still_and_goes_on(parent: "subprocess.Popen[str]") -> None:
    numbers = faults.family(parent.pid)

    def stand_still() -> list[bool]:
        return [state_of(number) == "T" for number in numbers]

    pausing = threading.Thread(target=faults.pause, args=(victim(parent, seconds=0.5),))
    pausing.start()
    wait_until(lambda: stand_still() == [True, True])
    pausing.join()
    wait_until(lambda: stand_still() == [False, False])

"""One drill: a stack of its own, a crowd in it, and cell after cell."""

import contextlib
import json
import math
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from deploy.stack.client import Broker, Database, Stack
from load import goods, own_shop, proof
from load.bench.shop import inside, run
from load.drills import crowd as crowds
from load.drills import detours, judging, parts, ways
from load.drills.crowd import Crowd
from load.drills.detours import Detours
from load.drills.faults import FAULTS, Victim
from load.drills.judging import Usual
from load.drills.parts import Part
from load.drills.report import Cell, judge, sight
from load.drills.seeing import Requests, Seen, seen
from load.drills.spans import Span
from load.drills.watching import Looks
from load.drills.ways import Ways
from load.window import tell

APPS = 2
_BETWEEN_LOOKS = 0.5
_SECONDS_OF_USUAL = 5.0
# Until the crowd is in, and has seen what its browsers keep.
_SECONDS_TO_SETTLE = 25.0
_SECONDS_TO_CALM = 60.0
# What is not well in time is watched for longer, to say when it was.
_SECONDS_OF_GRACE = 60.0
# So long a cell takes at most beside its fault.
_SECONDS_OF_CELL = 180.0
# News that is held back by the lease of somebody who has died is heard within so long.
_SECONDS_TO_HEAR = 420.0
_LATEST_MOMENT = 2.0


# What is to be done with the cells that are over.
Note = Callable[[Sequence[Cell]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be struck, and how; `seconds` is how long a fault lasts that lasts."""

    parts: Sequence[Part]
    faults: Sequence[str]
    seeds: Sequence[int]
    seconds: float
    rate: int
    users: int
    database: Database
    broker: Broker
    folder: Path


@dataclass(slots=True, kw_only=True)
class Drill:
    """What goes on while a crowd is in the shop."""

    wish: Wish
    stack: Stack
    ways: Ways
    detours: Detours
    crowd: Crowd
    requests: Requests
    looks: Looks
    process: "subprocess.Popen[bytes]"
    cells: list[Cell] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def strike(self, part: Part, fault: str, *, seed: int) -> Cell:
        """Let a part meet a fault, wait until all is well, and see what has become of all."""
        chance = random.Random(f"{seed} {part.name} {fault}")  # noqa: S311
        self.crowd.fill_carts(seconds=self.wish.seconds + _SECONDS_OF_CELL)
        before, trouble = self._calm()
        time.sleep(chance.uniform(0.0, _LATEST_MOMENT))
        place = self._place()
        begin = time.time()
        seen_before = seen(self.requests.between(begin - _SECONDS_OF_USUAL, begin))
        FAULTS[fault](self._victim(part))
        over = time.time()
        limit = part.seconds + (self.wish.seconds if fault == "away" else 0.0)
        seconds, complaints = self._well_again(before, over=over, limit=limit)
        cell = Cell(
            seed=seed,
            part=part,
            fault=fault,
            limit=limit,
            before=seen_before,
            seen=self._seen(begin, until=time.time()),
            seconds=seconds,
            was_late=before.late > 0,
            reasons=[f"all was not well before: {each}" for each in trouble],
            held_back=self._held_back(),
        )
        judge(cell, complaints)
        cell.reasons += self._broken_promises(place)
        self.cells.append(cell)
        self.spans.append(Span(cell=len(self.spans), begin=begin, end=time.time()))
        return cell

    def _victim(self, part: Part) -> Victim:
        facts = self.stack.facts
        return Victim(
            stack=self.stack,
            programs=parts.programs(part, facts),
            ways=parts.ways(part, self.detours, facts),
            all_ways=self.ways,
            seconds=self.wish.seconds,
        )

    def _calm(self) -> tuple[Usual, list[str]]:
        """Return how it is, once it is well; and what is not, where it never is."""
        deadline = time.monotonic() + _SECONDS_TO_CALM
        while True:
            time.sleep(_BETWEEN_LOOKS)
            usual = self._usual()
            trouble = self._complaints(usual, time.time())
            if time.monotonic() > deadline or not (trouble or usual.late):
                return usual, trouble

    def _usual(self) -> Usual:
        now = time.time()
        begin = now - _SECONDS_OF_USUAL
        return judging.usual(
            self.requests.between(begin, now),
            self.looks.between(begin, now),
            seconds=_SECONDS_OF_USUAL,
        )

    def _well_again(
        self, before: Usual, *, over: float, limit: float
    ) -> tuple[float | None, list[str]]:
        """Return after how many seconds all was well; None, and what was not, if never."""
        while True:
            time.sleep(_BETWEEN_LOOKS)
            crowds.check(self.process, log=self.crowd.folder / "locust.log")
            now = time.time()
            begin = now - judging.SECONDS
            if begin < over:
                continue
            complaints = self._complaints(before, now)
            if not complaints:
                return begin - over, []
            if begin > over + limit + _SECONDS_OF_GRACE:
                return None, complaints

    def _complaints(self, before: Usual, now: float) -> list[str]:
        begin = now - judging.SECONDS
        return judging.complaints(
            self.requests.between(begin, now), self.looks.between(begin, now), before
        )

    def _seen(self, begin: float, *, until: float) -> Seen:
        found = seen(self.requests.between(begin, until))
        self.requests.forget_before(until - 2 * _SECONDS_OF_USUAL)
        return found

    def _held_back(self) -> int:
        now = time.time()
        looks = self.looks.between(now - judging.SECONDS, now)
        return looks[-1].held_back if looks else 0

    def _place(self) -> int:
        """Return up to where the journal tells of earlier cells."""
        return self.crowd.journal.stat().st_size

    def _broken_promises(self, place: int) -> list[str]:
        """Return what was acknowledged meanwhile and is not there, and what the audit names."""
        text = self.crowd.journal.read_bytes()[place:]
        part = self.crowd.folder / "part.jsonl"
        part.write_bytes(text[: text.rfind(b"\n") + 1])
        return list(proof.of(part, _environment(self.stack)).breaches)


def hold(wish: Wish, *, note: Note) -> list[Cell]:
    """Strike everything, and return what has become of it; each cell is noted when it is over.

    Raises MeasurementError, CannotRunError, OSError or ServerError.
    """
    with _shop(wish) as stack, ways.opened() as opened:
        folder = wish.folder / "crowd"
        # What the crowd of before has left is of another shop.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        inside(stack.environment, "facts")
        crowd = Crowd(stack=stack, folder=folder, rate=wish.rate, users=wish.users)
        crowd.fill_carts(seconds=wish.seconds + _SECONDS_OF_CELL)
        laid = detours.lay(stack, opened)
        with crowd.watched() as looks:
            with crowd.shopping(port=laid.nginx.port) as process:
                drill = Drill(
                    wish=wish,
                    stack=stack,
                    ways=opened,
                    detours=laid,
                    crowd=crowd,
                    requests=crowd.requests,
                    looks=looks,
                    process=process,
                )
                tell(f"{wish.users} people and {wish.rate} orders a second come in …")
                time.sleep(_SECONDS_TO_SETTLE)
                _strike_all(drill, note)
            _prove(drill)
    return drill.cells


@contextlib.contextmanager
def _shop(wish: Wish) -> Iterator[Stack]:
    with own_shop.opened(
        wish.folder / "stack",
        apps=APPS,
        database=wish.database,
        broker=wish.broker,
        flash_units=goods.flash_stock(wish.users),
    ) as stack:
        yield stack


def _strike_all(drill: Drill, note: Note) -> None:
    for seed in drill.wish.seeds:
        pairs = [(part, fault) for part in drill.wish.parts for fault in drill.wish.faults]
        random.Random(seed).shuffle(pairs)  # noqa: S311
        for part, fault in pairs:
            cell = drill.strike(part, fault, seed=seed)
            tell(_line(cell))
            note(drill.cells)


def _line(cell: Cell) -> str:
    seconds = "never" if cell.seconds is None else f"{cell.seconds:.1f} s"
    verdict = "green" if cell.is_green else f"RED: {'; '.join(cell.reasons[:3])}"
    clock = time.strftime("%H:%M:%S")
    return f"{clock}  {cell.name:<32}{seconds:>8}  {verdict}  ({sight(cell.seen)})"


def _prove(drill: Drill) -> None:
    """Wait until all news is heard, and hold what it did against what it should have done."""
    _wait_for_news(drill.looks)
    whole = proof.of(drill.crowd.journal, _environment(drill.stack))
    drill.cells[-1].reasons += [
        said for said in whole.breaches if said not in drill.cells[-1].reasons
    ]
    spans = drill.wish.folder / "cells.json"
    spans.write_text(json.dumps([asdict(span) for span in drill.spans]), encoding="utf-8")
    for cell, said in _effects(drill.stack, spans):
        drill.cells[cell].reasons.append(said)


def _wait_for_news(looks: Looks) -> None:
    """Return when none waits any more, or no fewer than a while ago."""
    fewest, since = math.inf, time.monotonic()
    while fewest and time.monotonic() - since < _SECONDS_TO_HEAR:
        time.sleep(_BETWEEN_LOOKS)
        now = time.time()
        for look in looks.between(now - judging.SECONDS, now):
            if look.waiting < fewest:
                fewest, since = look.waiting, time.monotonic()


def _effects(stack: Stack, spans: Path) -> Iterator[tuple[int, str]]:
    letters = Path(stack.environment["DATA_DIR"]) / "letters"
    told = run(stack.environment, "-m", "load.drills.proving", str(spans), str(letters))
    for line in told.splitlines():
        facts = json.loads(line)
        yield int(facts["cell"]), str(facts["said"])


def _environment(stack: Stack) -> dict[str, str]:
    return {**os.environ, **stack.environment}

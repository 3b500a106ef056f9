"""`manage.py replay_orders` as a process: a real Ctrl-C, and two of them at the same time."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from shop.ops.tests.commands import PATIENCE_SECONDS, start, wait_until
from shop.ops.tests.retail import Month, Result, replay
from shop.orders.models import Order
from tests.builders import breaches

pytestmark = pytest.mark.django_db(transaction=True)


def end_of(process: "subprocess.Popen[str]") -> Result:
    try:
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()
    return Result(process.returncode, out, err)


def test_ctrl_c(tmp_path: Path) -> None:
    month = Month(700)
    file = month.write(tmp_path / "december.csv")
    process = start("replay_orders", str(file))
    wait_until(lambda: Order.objects.count() >= 100, process)
    process.send_signal(signal.SIGINT)

    status, out, err = end_of(process)

    assert (status, out) == (130, "")
    said = re.fullmatch(
        r"CommandError: Stopped after (\d+) orders\. Run the same command again to go on: "
        r"nothing is lost, and nothing will be there twice\.\n",
        err,
    )
    assert said
    placed = Order.objects.count()
    # What it counted has been placed and settled; the batch it was at may have been placed too.
    assert int(said[1]) <= placed < 700
    assert Order.objects.filter(status="Completed").count() >= int(said[1])
    assert breaches() == []

    assert replay(file) == (0, month.summary(now=700 - placed, before=placed), "")

    month.must_have_come()
    assert breaches() == []


def test_two_at_the_same_time(tmp_path: Path) -> None:
    month = Month(300)
    file = month.write(tmp_path / "december.csv")

    processes = [start("replay_orders", str(file)) for _ in range(2)]
    results = [end_of(process) for process in processes]

    placed = [int(re.findall(r"\((\d+) placed now", result.out)[0]) for result in results]
    assert sum(placed) == 300
    assert results == [(0, month.summary(now=now, before=300 - now), "") for now in placed]
    month.must_have_come()
    assert breaches() == []

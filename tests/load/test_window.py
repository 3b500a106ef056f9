"""How a program that measures ends."""

import signal
from collections.abc import Callable, Iterator, Sequence

import pytest

from load.bench.figures import MeasurementError
from load.window import judged

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def sigterm() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def raising(error: BaseException) -> Callable[[], Sequence[str]]:
    def measure() -> Sequence[str]:
        raise error

    return measure


@pytest.mark.parametrize(
    ("measure", "status", "said"),
    [
        (list, 0, ("", "")),
        (lambda: ["too few", "too late"], 1, ("FAILED  too few\nFAILED  too late\n", "")),
        (raising(MeasurementError("nobody answered")), 2, ("", "sale: nobody answered\n")),
        (raising(KeyboardInterrupt()), 130, ("", "")),
    ],
)
def test_its_status_says_how(
    measure: Callable[[], Sequence[str]],
    status: int,
    said: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert judged("sale", measure) == status
    assert capsys.readouterr() == said


def test_told_to_end_it_takes_down_what_it_has_begun() -> None:
    taken_down = []

    def measure() -> Sequence[str]:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            taken_down.append(True)
        return []

    with pytest.raises(SystemExit) as raised:
        judged("sale", measure)
    assert (raised.value.code, taken_down) == (128 + signal.SIGTERM, [True])

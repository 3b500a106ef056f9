"""The sender: carries what is due, many at a time, and writes down what comes back.

Requests run side by side on a loop in a thread of its own, and touch no database. Whoever calls
`work` has the database, and waits for nobody's answer.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue

from django.conf import settings
from django.db import DataError, IntegrityError

from shop.events.actions.webhooks.claiming import Sending, claim
from shop.events.actions.webhooks.recording import Result, record
from shop.events.rules import Outcome
from shop.lib import metrics
from shop.lib.batches import isolate_failures
from shop.lib.outbound import Answer, Limits, NoAnswerError, post

logger = logging.getLogger(__name__)

_RECORDED_AT_ONCE = 20
# What says of a row that it cannot be, and not of the database that it is away.
_ODD = (DataError, IntegrityError, ValueError)

_ATTEMPTS = metrics.counter(
    "novashop_webhook_attempts", "Requests to webhooks, by what came of them.", ["outcome"]
)
_SECONDS = metrics.histogram("novashop_webhook_seconds", "How long requests to webhooks took.")
for _outcome in Outcome:
    _ATTEMPTS.labels(_outcome.value)


class WebhookSender:
    """Sends deliveries from this process. Close it, or what is on its way waits for its lease."""

    def __init__(self, *, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._on_their_way: dict[int, tuple[Sending, Future[Result]]] = {}
        self._back: SimpleQueue[Result] = SimpleQueue()
        self._unrecorded: list[Result] = []
        self._bell = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def work(self) -> int:
        """Write down what has come back and send what is due; return how many were sent."""
        self._record()
        taken = Counter(sending.webhook_id for sending, _ in self._on_their_way.values())
        claimed = claim(taken)
        for sending in claimed:
            self._send(sending)
        return len(claimed)

    def rest(self, seconds: float) -> None:
        """Wait until something comes back, somebody rings, or the time is over."""
        self._bell.wait(seconds)
        self._bell.clear()

    def ring(self) -> None:
        """Say that there may be something to send."""
        self._bell.set()

    def work_until_quiet(self) -> None:
        """Send what is due, and wait for all answers."""
        while self.work() or self._on_their_way:
            self.rest(self._limits.total_seconds)

    def close(self, *, grace: float = 0.0) -> None:
        """Wait a little for what is on its way, write down what came back, and stop.

        What has not come back is sent once more, by whoever finds its lease passed.
        """
        deadline = time.monotonic() + grace
        try:
            while self._on_their_way and (left := deadline - time.monotonic()) > 0:
                self.rest(left)
                self._record()
            self._record()
        finally:
            self._stop_loop()
            self._on_their_way.clear()

    def _record(self) -> None:
        with suppress(Empty):
            while True:
                self._unrecorded.append(self._back.get_nowait())
        while self._unrecorded:
            # What cannot be written down now, since the database is away, is in the next round.
            results = self._unrecorded[:_RECORDED_AT_ONCE]
            isolate_failures(results, work=_recorded, fallback=_left_out, failures=_ODD)
            del self._unrecorded[: len(results)]
            for result in results:
                self._on_their_way.pop(result.sending.delivery_id, None)

    def _send(self, sending: Sending) -> None:
        future = asyncio.run_coroutine_threadsafe(self._exchange(sending), self._running_loop())
        self._on_their_way[sending.delivery_id] = (sending, future)
        future.add_done_callback(self._take_back)

    def _take_back(self, future: "Future[Result]") -> None:
        if not future.cancelled():
            result = future.result()
            self._back.put(result)
            self._bell.set()
            # Here, for writing it down may be tried several times.
            _ATTEMPTS.labels(result.outcome.value).inc()
            _SECONDS.observe(result.seconds)

    async def _exchange(self, sending: Sending) -> Result:
        started = time.monotonic()
        try:
            answer = await post(sending.letter, also=settings.WEBHOOK_NETWORKS, limits=self._limits)
        except NoAnswerError as error:
            said = ": ".join(part for part in (error.reason.value, error.detail) if part)
            return Result(sending, time.monotonic() - started, failure=said, address=error.address)
        except Exception as error:  # whatever it is, it must come back, or its place stays taken
            logger.exception("Sending delivery %s failed", sending.delivery_id)
            return Result(sending, time.monotonic() - started, failure=f"fault: {error!r}")
        return _result(sending, time.monotonic() - started, answer)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop, which is started with the first thing to send."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="webhooks", daemon=True
            )
            self._thread.start()
        return self._loop

    def _stop_loop(self) -> None:
        loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_cancel_the_others(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _recorded(results: Sequence[Result]) -> list[None]:
    record(results)
    return [None] * len(results)


def _left_out(result: Result, error: Exception) -> None:
    """Go on without a result that no table takes; its delivery is due again after its lease."""
    logger.error("What came of delivery %s is lost", result.sending.delivery_id, exc_info=error)


async def _cancel_the_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _result(sending: Sending, seconds: float, answer: Answer) -> Result:
    wait = answer.retry_after if answer.retry_after.isascii() else ""
    return Result(
        sending,
        seconds,
        status=answer.status,
        address=answer.address,
        answer=bytes(answer.body),
        asked_to_wait=timedelta(seconds=int(wait[:6])) if wait.isdigit() else timedelta(0),
    )

"""Appends events to the capture; where that fails, says so, counts what is lost, and goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from cookietrace.errors import CookietraceError
from cookietrace.events import Event, Recorder
from cookietrace.safe_text import safe
from cookietrace.stores import CaptureStore

RETRY_SECONDS = 1.0
"""How long after a failure the journal tries again, and again."""

SOON_SECONDS = 0.02
"""How long an event of ``append_soon`` waits at most for others to be committed with."""


class Listening(Protocol):
    """Whoever is told when recording fails, and when it works again."""

    def trouble(self, message: str) -> None:
        """Recording has just begun to fail; ``message`` is one line."""

    def recovered(self, message: str) -> None:
        """Recording works again; ``message`` is one line on what is missing."""


class _Loss:
    """What was lost since recording began to fail."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.since = time.time()
        self.events = 0
        self.exchanges: set[str] = set()

    def add(self, events: Sequence[Event]) -> None:
        """Count events that are in no capture."""
        self.events += len(events)
        for event in events:
            exchange_id = getattr(event, "exchange_id", None)
            if exchange_id is not None:
                self.exchanges.add(exchange_id)

    def take_over(self, later: _Loss, reason: str) -> None:
        """Count what was lost later as well."""
        self.events += later.events
        self.exchanges |= later.exchanges
        self.reason = reason

    def message(self, now: float) -> str:
        """Return one line about the loss."""
        first, last = (
            datetime.fromtimestamp(moment, UTC).strftime("%H:%M:%S") for moment in (self.since, now)
        )
        return (
            f"{len(self.exchanges)} exchanges were not recorded, or only in part "
            f"(at least {self.events} events), "
            f"from {first} to {last} UTC ({now - self.since:.1f} s): {self.reason}"
        )


class Journal:
    """The one way into the capture, which holds the events in the order they were handed in.

    Nothing here raises. While recording fails all returns at once, so that the
    traffic flows on; a thread of its own tries again each second, and writes the
    gap down first of all.
    """

    def __init__(self, store: CaptureStore, listening: Listening) -> None:
        self._store = store
        self._listening = listening
        self._loss: _Loss | None = None
        self._recovery: asyncio.Task[None] | None = None
        self._closed = False
        self._waiting: list[Event] = []
        self._waiting_since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        """Runs while something waits, and is left to run out where nothing does any more:
        to cancel it, and to set another for each exchange, costs more than that."""
        self.on_lost: Callable[[Sequence[Event]], None] = lambda _: None
        """Told the events of ``append_soon`` that could not be committed later on."""

    @property
    def failing(self) -> bool:
        """Whether recording fails at this moment."""
        return self._loss is not None

    def append(self, *events: Event) -> bool:
        """Commit the events, after what waits, in one transaction; False where they are lost."""
        if self._closed or not events:
            return False
        if self._loss is not None:
            self._loss.add(events)
            return False
        waited = self._waiting
        if waited:
            self._waiting = []
            events = (*waited, *events)
        try:
            self._store.append(events)
        except Exception as error:  # noqa: BLE001 (whatever it is, traffic must flow on)
            self._fail(error, events)
            self.on_lost(waited)
            return False
        return True

    def append_soon(self, event: Event) -> bool:
        """Have an event committed with the next ``append``, or after ``SOON_SECONDS``.

        Two transactions cost twice as much as one. Return False where the event is
        lost already; ``on_lost`` tells of one that is lost later. Where no loop runs
        it is committed at once.
        """
        if self._closed or self._loss is not None:
            return self.append(event)
        if not self._waiting:
            if self._timer is None and not self._set_timer(SOON_SECONDS):
                return self.append(event)
            self._waiting_since = time.monotonic()
        self._waiting.append(event)
        return True

    def _set_timer(self, seconds: float) -> bool:
        """Have what then waits committed; return False where no loop runs."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        self._timer = loop.call_later(seconds, self._time_is_up)
        return True

    def _time_is_up(self) -> None:
        """Commit what waits, once the first of it has waited long enough."""
        self._timer = None
        if self._waiting:
            left = self._waiting_since + SOON_SECONDS - time.monotonic()
            if left <= 0 or not self._set_timer(left):
                self._commit_waiting()

    def _commit_waiting(self) -> None:
        """Commit what waits in a transaction of its own."""
        waited, self._waiting = self._waiting, []
        try:
            self._store.append(waited)
        except Exception as error:  # noqa: BLE001 (whatever it is, traffic must flow on)
            self._fail(error, waited)
            self.on_lost(waited)

    def fail(self, error: Exception) -> None:
        """Take note that something could not even be made into events."""
        if self._waiting:
            self._commit_waiting()
        if self._loss is None and not self._closed:
            self._fail(error, ())

    def _fail(self, error: Exception, events: Sequence[Event]) -> None:
        """Begin to count, tell it, and start to try again."""
        self._loss = _Loss(_one_line(error))
        self._loss.add(events)
        self._listening.trouble(f"recording has stopped, traffic goes on: {self._loss.reason}")
        try:
            self._recovery = asyncio.get_running_loop().create_task(self._recover())
        except RuntimeError:
            self._recovery = None  # no loop runs: ``close`` makes the one further attempt

    async def _recover(self) -> None:
        """Try to write the gap down until that works and nothing more was lost meanwhile."""
        while self._loss is not None and not self._closed:
            await asyncio.sleep(RETRY_SECONDS)
            while (loss := self._loss) is not None:
                meanwhile = self._loss = _Loss(loss.reason)
                gap = self._gap(loss)
                try:
                    await asyncio.to_thread(self._store.append, [gap])
                except Exception as error:  # noqa: BLE001 (whatever it is: try again)
                    loss.take_over(meanwhile, _one_line(error))
                    self._loss = loss
                    break
                if not meanwhile.events:
                    self._loss = None
                    self._listening.recovered(f"recording again: {gap.message}")

    def _gap(self, loss: _Loss) -> Recorder:
        """Return the event that tells what was lost so far."""
        now = time.time()
        return Recorder(at=now, state="gap", message=loss.message(now))

    def close(self, *last: Event) -> None:
        """Append what waits and the last events, a gap before them if any, and close the store."""
        if self._closed:
            return
        self._closed = True
        if self._recovery is not None:
            self._recovery.cancel()
        if self._timer is not None:
            self._timer.cancel()
        events = [*self._waiting, *last]
        try:
            if self._loss is not None:
                events.insert(0, self._gap(self._loss))
            if events:
                self._store.append(events)
        except Exception as error:  # noqa: BLE001 (it is the end: say it, and go)
            if self._loss is None:
                self._listening.trouble(f"the end was not recorded: {_one_line(error)}")
        try:
            self._store.close()
        except Exception as error:  # noqa: BLE001
            self._listening.trouble(f"the capture was not closed: {_one_line(error)}")


def _one_line(error: Exception) -> str:
    """Return what went wrong, without wire text: errors that are not ours only by their name."""
    if isinstance(error, CookietraceError | OSError):
        return safe(str(error))
    return f"internal error ({type(error).__name__})"

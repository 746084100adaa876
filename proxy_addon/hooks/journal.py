"""Appends events to the capture. If that fails: reports it, counts what is lost, and continues."""

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
"""How long the journal waits between attempts after a failure."""

DELAY_SECONDS = 0.02
"""The longest that an event of ``append_soon`` waits for others to be committed with."""


class TroubleReporter(Protocol):
    """Reports that recording fails, and that it works again."""

    def trouble(self, message: str) -> None:
        """Recording has just started to fail; ``message`` is one line."""

    def recovered(self, message: str) -> None:
        """Recording works again; ``message`` is one line that says what is missing."""


class _Loss:
    """What was lost since recording started to fail."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.since = time.time()
        self.events = 0
        self.exchanges: set[str] = set()

    def add(self, events: Sequence[Event]) -> None:
        """Count events that were not recorded."""
        self.events += len(events)
        for event in events:
            exchange_id = getattr(event, "exchange_id", None)
            if exchange_id is not None:
                self.exchanges.add(exchange_id)

    def merge(self, later: _Loss, reason: str) -> None:
        """Add what was lost later."""
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
    """The only way into the capture; events are written in the order in which they were passed in.

    No method raises. While recording fails, every method returns at once, so that
    traffic continues; a background task retries each second, and records the gap first.
    """

    def __init__(self, store: CaptureStore, reporter: TroubleReporter) -> None:
        self._store = store
        self._reporter = reporter
        self._loss: _Loss | None = None
        self._recovery: asyncio.Task[None] | None = None
        self._closed = False
        self._waiting: list[Event] = []
        self._waiting_since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        """Set while events wait. It is left to run out when none do any more: cancelling and
        setting one for each exchange would cost more."""
        self.on_lost: Callable[[Sequence[Event]], None] = lambda _: None
        """Called with events of ``append_soon`` that could not be committed later."""

    @property
    def failing(self) -> bool:
        """Whether recording fails at present."""
        return self._loss is not None

    def append(self, *events: Event) -> bool:
        """Commit waiting events, then these, in one transaction; return False if they are lost."""
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
        except Exception as error:  # noqa: BLE001 (traffic must continue, whatever it is)
            self._fail(error, events)
            self.on_lost(waited)
            return False
        return True

    def append_soon(self, event: Event) -> bool:
        """Commit an event with the next ``append``, or after ``DELAY_SECONDS``.

        Two transactions cost twice as much as one. Returns False if the event is lost
        at once; ``on_lost`` is called if it is lost later. Without a running event loop
        it is committed immediately.
        """
        if self._closed or self._loss is not None:
            return self.append(event)
        if not self._waiting:
            if self._timer is None and not self._set_timer(DELAY_SECONDS):
                return self.append(event)
            self._waiting_since = time.monotonic()
        self._waiting.append(event)
        return True

    def _set_timer(self, seconds: float) -> bool:
        """Schedule a commit of the waiting events; return False if no event loop runs."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False
        self._timer = loop.call_later(seconds, self._commit_if_due)
        return True

    def _commit_if_due(self) -> None:
        """Commit the waiting events once the first has waited long enough."""
        self._timer = None
        if self._waiting:
            left = self._waiting_since + DELAY_SECONDS - time.monotonic()
            if left <= 0 or not self._set_timer(left):
                self._commit_waiting()

    def _commit_waiting(self) -> None:
        """Commit the waiting events in a transaction of their own."""
        waited, self._waiting = self._waiting, []
        try:
            self._store.append(waited)
        except Exception as error:  # noqa: BLE001 (traffic must continue, whatever it is)
            self._fail(error, waited)
            self.on_lost(waited)

    def fail(self, error: Exception) -> None:
        """Report that something could not even be converted to events."""
        if self._waiting:
            self._commit_waiting()
        if self._loss is None and not self._closed:
            self._fail(error, ())

    def _fail(self, error: Exception, events: Sequence[Event]) -> None:
        """Start counting losses, report the trouble, and start retrying."""
        self._loss = _Loss(_one_line(error))
        self._loss.add(events)
        self._reporter.trouble(f"recording has stopped, traffic continues: {self._loss.reason}")
        try:
            self._recovery = asyncio.get_running_loop().create_task(self._recover())
        except RuntimeError:
            self._recovery = None  # no event loop: ``close`` makes the one further attempt

    async def _recover(self) -> None:
        """Try to record the gap until that works and nothing more was lost meanwhile."""
        while self._loss is not None and not self._closed:
            await asyncio.sleep(RETRY_SECONDS)
            while (loss := self._loss) is not None:
                meanwhile = self._loss = _Loss(loss.reason)
                gap = self._gap(loss)
                try:
                    await asyncio.to_thread(self._store.append, [gap])
                except Exception as error:  # noqa: BLE001 (try again, whatever it is)
                    loss.merge(meanwhile, _one_line(error))
                    self._loss = loss
                    break
                if not meanwhile.events:
                    self._loss = None
                    self._reporter.recovered(f"recording again: {gap.message}")

    def _gap(self, loss: _Loss) -> Recorder:
        """Return the event that describes what was lost so far."""
        now = time.time()
        return Recorder(at=now, state="gap", message=loss.message(now))

    def close(self, *last: Event) -> None:
        """Append waiting and last events, after a gap if there is one, and close the store."""
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
        except Exception as error:  # noqa: BLE001 (nothing can be retried at the end)
            if self._loss is None:
                self._reporter.trouble(f"the end was not recorded: {_one_line(error)}")
        try:
            self._store.close()
        except Exception as error:  # noqa: BLE001
            self._reporter.trouble(f"the capture was not closed: {_one_line(error)}")


def _one_line(error: Exception) -> str:
    """Return what went wrong in one line; only the type of errors that may hold wire text."""
    if isinstance(error, CookietraceError | OSError):
        return safe(str(error))
    return f"internal error ({type(error).__name__})"

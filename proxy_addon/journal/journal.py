"""Appends events to the capture. If that fails: says so, keeps or counts them, tries again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Protocol

from cookietrace.errors import BusyError, CookietraceError
from cookietrace.events import Event
from cookietrace.safe_text import safe
from cookietrace.stores import CaptureStore
from proxy_addon.journal.losses import Loss
from proxy_addon.journal.outage import LOCKED, Outage

RETRY_SECONDS = 1.0
"""How long the journal waits between attempts after a failure."""

LOCKED_RETRY_SECONDS = 0.05
"""How long it waits between attempts while another program has locked the capture."""

QUIET_SECONDS = 0.5
"""How long the user is not told that events wait for another program: most locks are shorter."""

CLOSE_SECONDS = 1.0
"""How long ``close`` waits for another program's lock."""

DELAY_SECONDS = 0.02
"""The longest that an event of ``append_soon`` waits for others to be committed with."""


class TroubleReporter(Protocol):
    """Reports that recording fails, and that it works again."""

    def trouble(self, message: str) -> None:
        """Recording has just started to fail or to wait; ``message`` is one line."""

    def recovered(self, message: str) -> None:
        """Recording works again; ``message`` is one line that says what is missing."""

    def incomplete(self, exchanges: int, message: str) -> None:
        """The recording has ended, and this many exchanges are missing, or a part of them.

        ``message`` is one line that says so. Called only if something is missing.
        """


class Journal:
    """The only way into the capture; events are written in the order in which they were passed in.

    No method raises. While recording fails, every method returns at once, so that traffic
    continues. If another program has locked the capture, events wait in memory, within limits;
    otherwise they are counted as lost. A background task tries again, and writes what waits and a
    gap for what was lost, in order.
    """

    def __init__(self, store: CaptureStore, reporter: TroubleReporter) -> None:
        self._store = store
        self._reporter = reporter
        self._outage: Outage | None = None
        self._lost: Loss | None = None
        """Everything that was lost so far."""
        self._recovery: asyncio.Task[None] | None = None
        self._writer: ThreadPoolExecutor | None = None
        """The thread of the recovery's attempts: traffic must not wait for them."""
        self._attempt: tuple[int, Future[str]] | None = None
        """How many entries the recovery is writing, and what will become of that."""
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
        """Whether events are lost or wait for another program at present."""
        return self._outage is not None

    def append(self, *events: Event) -> bool:
        """Commit waiting events, then these, in one transaction; return False if they are lost."""
        if self._closed or not events:
            return False
        if self._outage is not None:
            return self._take(self._outage, events)
        waited = self._waiting
        if waited:
            self._waiting = []
            events = (*waited, *events)
        try:
            self._store.append(events)
        except Exception as error:  # noqa: BLE001 (traffic must continue, whatever it is)
            if not self._begin_outage(error, events):
                self.on_lost(waited)
                return False
        return True

    def append_soon(self, event: Event) -> bool:
        """Commit an event with the next ``append``, or after ``DELAY_SECONDS``.

        Two transactions cost twice as much as one. Returns False if the event is lost
        at once; ``on_lost`` is called if it is lost later. Without a running event loop
        it is committed immediately.
        """
        if self._closed or self._outage is not None:
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
            if not self._begin_outage(error, waited):
                self.on_lost(waited)

    def fail(self, error: Exception) -> None:
        """Report that something could not even be converted to events."""
        if self._waiting:
            self._commit_waiting()
        if self._closed:
            return
        if self._outage is None:
            self._begin_outage(error, ())
        elif self._outage.keeps or not self._outage.loses:
            self._outage.reason = _one_line(error)
            self._lose(self._outage, ())

    # --- an outage

    def _begin_outage(self, error: Exception, events: Sequence[Event]) -> bool:
        """Start to keep or to count events, and to try again; return whether these are kept."""
        outage = self._outage = Outage(_one_line(error), keeps=isinstance(error, BusyError))
        kept = self._take(outage, events)
        try:
            self._recovery = asyncio.get_running_loop().create_task(self._recover())
        except RuntimeError:
            self._recovery = None  # no event loop: ``close`` makes the one further attempt
        return kept

    def _take(self, outage: Outage, events: Sequence[Event]) -> bool:
        """Keep events if that is possible; otherwise count them as lost, and return False."""
        if outage.keep(events):
            return True
        self._lose(outage, events)
        return False

    def _lose(self, outage: Outage, events: Sequence[Event]) -> None:
        """Count events as lost, and say so when it begins."""
        if not outage.loses:
            self._reporter.trouble(f"recording has stopped, traffic continues: {outage.reason}")
            outage.told = True
        outage.lose(events)
        self._count(events, outage.reason)

    def _count(self, events: Sequence[Event], reason: str, since: float | None = None) -> None:
        """Count events among all that were lost; ``since`` is when the first of them happened."""
        if self._lost is None:
            self._lost = Loss(reason)
        self._lost.reason = reason
        self._lost.since = min(self._lost.since, since or self._lost.since)
        self._lost.add(events)

    async def _recover(self) -> None:
        """Try until everything that waits is written."""
        while (outage := self._outage) is not None and not self._closed:
            await asyncio.sleep(LOCKED_RETRY_SECONDS if outage.locked else RETRY_SECONDS)
            await self._catch_up(outage)

    async def _catch_up(self, outage: Outage) -> None:
        """Write what waits, in order, until nothing does or an attempt fails."""
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, "cookietrace recovery")
        while True:
            events = outage.next()
            if not events:
                self._end_outage(outage)
                return
            attempt = self._writer.submit(self._store.append, events)
            self._attempt = len(events), attempt
            try:
                await asyncio.wrap_future(attempt)
            except Exception as error:  # noqa: BLE001 (try again, whatever it is)
                self._attempt = None
                outage.failed(_one_line(error), locked=isinstance(error, BusyError))
                if not outage.told and outage.age >= QUIET_SECONDS:
                    outage.told = True
                    self._reporter.trouble(
                        f"recording is on hold, traffic continues: {outage.reason}"
                    )
                return
            self._attempt = None
            outage.written(len(events))

    def _end_outage(self, outage: Outage) -> None:
        """Record directly again, and say so if the user knows about the outage."""
        self._outage = None
        if outage.loses and self._lost is not None:
            self._lost.until = time.time()
        if outage.told:
            message = outage.message or f"nothing was lost (it waited for {outage.age:.1f} s)"
            self._reporter.recovered(f"recording again: {message}")

    # --- the end

    def close(self, *last: Event) -> None:
        """Append waiting and last events, after what an outage has kept, and close the store.

        Reports what is missing in the capture. Waits for another program's lock for at most
        ``CLOSE_SECONDS``.
        """
        if self._closed:
            return
        self._closed = True
        self._end_recovery()
        if self._timer is not None:
            self._timer.cancel()
        events, self._waiting = [*self._waiting, *last], []
        failed = self._outage is not None and self._outage.loses
        reason = self._written_at_last(events)
        if reason is not None and not failed:
            self._reporter.trouble(f"the end was not recorded: {reason}")
        elif self._outage is not None and not failed:
            self._end_outage(self._outage)  # only now was everything written
        try:
            self._store.close()
        except Exception as error:  # noqa: BLE001
            self._reporter.trouble(f"the capture was not closed: {_one_line(error)}")
        if self._lost is not None:
            self._reporter.incomplete(self._lost.exchanges, self._lost.message())

    def _end_recovery(self) -> None:
        """Stop trying in the background; an attempt that has begun may still succeed."""
        if self._recovery is None:
            return
        if self._attempt is not None:
            count, attempt = self._attempt
            if not attempt.cancel():
                wait_for([attempt])
                if attempt.exception() is None and self._outage is not None:
                    self._outage.written(count)
        self._recovery.cancel()
        if self._writer is not None:
            self._writer.shutdown(wait=False)

    def _written_at_last(self, events: list[Event]) -> str | None:
        """Write everything that is left, and these events; return why not if that fails."""
        outage = self._outage or Outage("", keeps=True)
        outage.add_last(events)
        deadline = time.monotonic() + CLOSE_SECONDS
        while batch := outage.next():
            try:
                self._store.append(batch)
            except Exception as error:  # noqa: BLE001 (nothing can be retried at the end)
                if isinstance(error, BusyError) and time.monotonic() < deadline:
                    time.sleep(LOCKED_RETRY_SECONDS)
                    continue
                reason = _one_line(error)
                self._count(outage.left(), reason, outage.began)
                return reason
            outage.written(len(batch))
        return None


def _one_line(error: Exception) -> str:
    """Return what went wrong in one line; only the type of errors that may hold wire text."""
    if isinstance(error, BusyError):
        return LOCKED
    if isinstance(error, CookietraceError | OSError):
        return safe(str(error))
    return f"internal error ({type(error).__name__})"

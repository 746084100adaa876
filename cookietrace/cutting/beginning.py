"""What a capture begins with instead of the events that were removed from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from cookietrace.events import (
    SCHEMA,
    Body,
    Browser,
    Capture,
    Client,
    Edited,
    Event,
    Failure,
    Jar,
    Recorder,
    Removed,
    Request,
    Response,
    Server,
    Session,
    Verdicts,
)
from cookietrace.trace import Trace

PATIENCE = 1000
"""How many events longer a cut waits for a moment in which no response is in progress."""

_MOST_EXCHANGES = 4096
"""How many exchanges are folded before the trace is begun again, so that it stays small."""

_OF_OPEN = (Body, Server, Verdicts)

Stays = Callable[[Event], bool]
"""Returns whether an event may be the first one that stays; it is asked about each in order."""


class Beginning:
    """Folds what is removed, and says what takes its place.

    The new beginning is the ``capture`` event, the recorder's latest start, all clients, a ``jar``
    event for each client, and what was recorded so far of exchanges without response.
    """

    def __init__(self, browser: str = "auto") -> None:
        self._browser = browser
        self._trace = Trace(browser)
        self._capture: Capture | None = None
        self._recorder: Recorder | None = None
        self._clients: list[Event] = []
        self._open: dict[str, list[Event]] = {}
        """The events of exchanges without response."""
        self._count = 0
        """How many exchanges there were so far, with those that earlier cuts removed."""
        self._until = 0.0

    def apply(self, event: Event) -> None:
        """Apply the next event that is removed."""
        match event:
            case Capture():
                self._capture = self._capture or event
            case Recorder():
                if event.state != "gap":
                    self._recorder = event
            case Client() | Session():
                if event not in self._clients:
                    self._clients.append(event)
            case Jar():
                self._cut_before(event)
            case Request():
                if event.exchange_id not in self._open:
                    self._open[event.exchange_id] = [event]
                    self._count += 1
                    self._until = event.at
            case Response() | Failure():
                self._open.pop(event.exchange_id or "", None)
            case Body() | Server() | Verdicts() | Browser() | Edited():
                if event.exchange_id in self._open:
                    self._open[event.exchange_id].append(event)
            case _:
                pass
        if not isinstance(event, Body | Server | Browser):
            self._trace.apply(event)
        if len(self._trace.exchanges) > _MOST_EXCHANGES:
            self._begin_anew()

    @property
    def may_end(self) -> bool:
        """Whether the next request may be the first that stays: an earlier cut is complete."""
        return not self._trace.awaits_open

    @property
    def is_quiet(self) -> bool:
        """Whether no response is in progress."""
        return not self._open or not self._still_open()

    @property
    def trace(self) -> Trace:
        """The fold of what was removed; older exchanges are not in it."""
        return self._trace

    def removed(self, why: Removed) -> Removed:
        """Return what is missing after a cut here; ``why`` says why, and its counts do not matter.

        Exchanges without response are not missing: they follow.
        """
        exchanges = self._count - len(self._still_open())
        return msgspec.structs.replace(why, exchanges=exchanges, until=self._until)

    def events(self, removed: Removed | None) -> tuple[Event, ...]:
        """Return the events that take the place of all that were applied."""
        begun: list[Event] = []
        if self._capture is not None:
            schema = max(self._capture.schema, SCHEMA)
            begun.append(msgspec.structs.replace(self._capture, schema=schema))
        if self._recorder is not None:
            begun.append(self._recorder)
        begun += self._clients
        begun += self._trace.jars(removed)
        for name in self._still_open():
            begun += self._open[name]
        return tuple(begun)

    def _cut_before(self, jar: Jar) -> None:
        """Count what an earlier cut removed, unless it is still there: a cut can be interrupted.

        Then exchanges before the gap may have lost their responses.
        """
        still_open = {each.exchange_id for each in jar.open}
        for name, (request, *_) in tuple(self._open.items()):
            assert isinstance(request, Request)
            if request.client_id == jar.client_id and name not in still_open:
                del self._open[name]
        removed = jar.removed
        if removed is not None and removed.exchanges + len(self._open) > self._count:
            self._count = removed.exchanges + len(self._open)
            self._until = max(self._until, removed.until)

    def _still_open(self) -> list[str]:
        return [name for name in self._trace.open_exchanges if name in self._open]

    def _begin_anew(self) -> None:
        """Replace the trace by one that does not hold what is past."""
        still_open = self._still_open()
        self._open = {name: self._open[name] for name in still_open}
        trace = Trace(self._browser)
        for event in self.events(self._trace.removed):
            trace.apply(event)
        self._trace = trace


def begin(events: Iterable[Event], stays: Stays, beginning: Beginning) -> Iterator[Event]:
    """Apply all events up to a cut to a beginning; return the events after it.

    The cut is where ``stays`` first returns True, or up to ``PATIENCE`` events later, before a
    request. If it never returns True, everything is removed.
    """
    remaining = iter(events)
    late, waited = False, 0
    for event in remaining:
        late = late or stays(event)
        if late:
            ready = isinstance(event, Request) and beginning.may_end
            if ready and (beginning.is_quiet or waited >= PATIENCE):
                return _after(event, remaining)
            waited += 1
        beginning.apply(event)
    return iter(())


def _after(event: Event, remaining: Iterator[Event]) -> Iterator[Event]:
    yield event
    yield from remaining

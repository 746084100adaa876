"""What a capture's events become when they are published: redacted, with their verdicts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cookietrace.archive import PackedShelf
from cookietrace.events import (
    Client,
    Event,
    Recorder,
    Removed,
    Request,
    Response,
    Session,
    Unknown,
)
from cookietrace.fold.exchange import Exchange
from cookietrace.publishing.retention import Retention, Snapshot, Snapshots
from cookietrace.redact import LiveRedactor, VerdictRedactor
from cookietrace.secret_names import Names
from cookietrace.stores import Batch, CaptureStore
from cookietrace.stores.redis_streams.keys import encode_events
from cookietrace.trace import Trace


class Rendered(NamedTuple):
    """What the event at a place becomes."""

    place: int
    events: tuple[Event, ...]


class Rendering:
    """Folds the events of a capture, and makes what is published of them.

    Each exchange is published with a verdict record after its request. If its response is known by
    then, the record is final; otherwise a revised one comes before the response. What a later
    exchange shows of an earlier one makes a revised record right before the event that shows it.
    """

    def __init__(
        self,
        store: CaptureStore,
        *,
        key: bytes,
        names: Names,
        browser: str = "auto",
        values: bool = False,
        retention: Retention = Retention(),  # noqa: B008 - frozen
    ) -> None:
        """``values`` publishes the events as they are, without verdicts."""
        self.trace = Trace(browser, PackedShelf(store.events_at))
        self.folded = 0
        """The place of the last event that was folded."""
        self._shown = 0
        """Up to where viewers may have seen something other than what is rendered now."""
        self.lost = 0
        self.lost_message = ""
        self.snapshots = Snapshots(retention)
        self._values = values
        self._redactor = LiveRedactor(key, names)
        self._verdicts = VerdictRedactor(self.trace, self._redactor)
        self._clients: list[Event] = []
        self._revised_at: list[tuple[int, str]] = []
        """The places of events that change what is said about earlier exchanges, and those."""
        self._whole: set[str] = set()
        """The exchanges whose record is final, and whose response was not rendered yet."""
        self._carried: set[str] = set()
        """The exchanges whose request is in a snapshot, and whose final record is not."""
        self._until = 0.0

    def fold(self, batch: Batch) -> None:
        """Fold the events of a batch that were not folded yet, and learn the secrets in them.

        So what is rendered first, such as the verdicts on a response that follows, has no secret
        of the same batch; and after a restart, those of what was published before are known.
        """
        for event, place in zip(batch.events, batch.places, strict=True):
            if place <= self.folded:
                continue
            if not self._values:
                self._redactor.learn((event,))
            update = self.trace.apply(event, place)
            self.folded = place
            if isinstance(event, Request | Response):
                for exchange_id in update.exchanges:
                    if exchange_id != event.exchange_id:
                        self._revised_at.append((place, exchange_id))
                if isinstance(event, Request):
                    self._until = event.at
            elif isinstance(event, Client | Session):
                if event not in self._clients:
                    self._clients.append(event)
            elif isinstance(event, Recorder) and event.state == "gap":
                self.lost += 1
                self.lost_message = event.message or ""
            at = getattr(event, "at", None)
            if self.snapshots.is_due(place, at) and not self.trace.awaits_open:
                self.snapshots.add(self.snapshot(at))

    def rendered(self, batch: Batch) -> Iterator[Rendered]:
        """Yield what is published of each event of a batch, which was folded before."""
        self._verdicts.grown()
        first = next((event for event in batch.events if isinstance(event, Request)), None)
        number = self.trace.exchanges.number(first.exchange_id) if first is not None else None
        for event, place in zip(batch.events, batch.places, strict=True):
            yield Rendered(place, tuple(self._published(event, place, number)))

    def rewind(self, shown: int) -> None:
        """Take note that rendering continues somewhere else: nothing before it is known.

        Up to the place ``shown``, viewers may have seen earlier records of the same exchanges. So
        each response, and each event that changes what is said about others, comes with new ones.
        """
        self._whole.clear()
        self._shown = shown

    def message(self, text: str) -> str:
        """Return a text of the recorder's as it may be published."""
        return text if self._values else self._redactor.text(text)

    def beginning(self, events: Sequence[Event]) -> bytes:
        """Return events that readers begin with, as lines."""
        return encode_events([one for event in events for one in self._replaced(event)])

    def snapshot(self, at: float | None) -> Snapshot:
        """Return what takes the place of everything that was folded so far."""
        trace = self.trace
        still_open = [trace.exchange(name) for name in trace.open_exchanges]
        before = 0 if trace.removed is None else trace.removed.exchanges
        count = before + len(trace.exchanges) - len(still_open)
        retention = self.snapshots.retention
        removed = Removed(
            exchanges=max(0, count),
            until=self._until,
            why="limited",
            most_seconds=retention.most_seconds,
        )
        events: list[Event] = []
        if trace.capture is not None:
            events += self._replaced(trace.capture)
        for event in (trace.recorder, *self._clients, *trace.jars(removed)):
            if event is not None:
                events += self._replaced(event)
        self._verdicts.grown()
        self._carried.update(exchange.exchange_id for exchange in still_open)
        for exchange in still_open:
            events += self._replaced(exchange.request.event)
            if not self._values:
                events.append(self._verdicts.verdicts(exchange))
        return Snapshot(self.folded, at or 0.0, encode_events(events))

    def _replaced(self, event: Event) -> tuple[Event, ...]:
        if self._values:
            return (event,)
        replaced = self._redactor.event(event)
        return () if replaced is None else (replaced,)

    def _published(self, event: Event, place: int, number: int | None) -> Iterator[Event]:
        """Yield what is published of an event. ``number`` is that of the batch's first exchange."""
        if self._values:
            yield event
            return
        if isinstance(event, Unknown):
            return
        for exchange in self._changed_at(place):
            if number is None or exchange.number < number or place <= self._shown:
                yield self._verdicts.verdicts(exchange, revised=True)
        replaced = self._redactor.replaced(event)
        if replaced is None:
            return
        if isinstance(event, Response):
            whole = event.exchange_id in self._whole
            carried = event.exchange_id in self._carried
            self._whole.discard(event.exchange_id)
            self._carried.discard(event.exchange_id)
            found = None if whole and not carried else self.trace.find(event.exchange_id)
            if found is not None:
                yield self._verdicts.verdicts(found, revised=True)
        yield replaced
        if isinstance(event, Request):
            found = self.trace.find(event.exchange_id)
            if found is not None and found.request.event == event:
                yield self._verdicts.verdicts(found)
                if found.response is not None and place > self._shown:
                    self._whole.add(event.exchange_id)

    def _changed_at(self, place: int) -> Iterator[Exchange]:
        """Yield the exchanges of which the event at a place says something new."""
        at = bisect_left(self._revised_at, (place, ""))
        while at < len(self._revised_at) and self._revised_at[at][0] == place:
            exchange = self.trace.find(self._revised_at[at][1])
            if exchange is not None:
                yield exchange
            at += 1


def lines_of(rendered: Rendered) -> bytes:
    """Return the events of an entry as lines of JSON; empty if there are none."""
    return encode_events(rendered.events) if rendered.events else b""

"""One capture of several: how far it was read, and its events with the recorder's name."""

from __future__ import annotations

from collections import deque

import msgspec

from cookietrace.cutting.ids import renamed
from cookietrace.errors import CookietraceError
from cookietrace.events import Capture, Client, Event, Jar, Recorder, Removed, Request
from cookietrace.recorders.source import Sighting
from cookietrace.recorders.state import CLOCK_OFF, Life, RecorderState
from cookietrace.stores import START, CaptureStore

_replace = msgspec.structs.replace


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """An event that was read and is not in the story yet."""

    at: float
    """What it is ordered by: never less than that of the event before it."""
    event: Event
    place: int


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Where reading has come to in one capture: after a position, and so many events more."""

    name: str
    """Its recorder's name in the story."""
    position: str
    skip: int


class Member:
    """A capture in a joined story.

    ``read_more`` and ``take`` are for the one thread that reads; the rest is for any thread.
    """

    def __init__(self, sighting: Sighting, name: str, store: CaptureStore) -> None:
        """``name`` is that of no other member."""
        self.sighting = sighting
        self.name = name
        self.store = store
        self.position = START
        """Up to where its events were read."""
        self.place = 0
        """The place of the last of them."""
        self.waiting: deque[Waiting] = deque()
        self.grown = True
        """Whether there may be more to read."""
        self.gone = False
        self.trouble: str | None = None
        """Why it cannot be read any more."""
        self.away: str | None = None
        """Why it cannot be read just now."""
        self.cut = False
        """Whether its beginning was removed since that was last asked."""
        self.removed: Removed | None = None
        """What is missing in it."""
        self.clock_off = 0.0
        self.remark: str | None = None
        self._batch = START, 0
        """The position before the events that were read last, and how many they were."""
        self._skip = 0
        """How many of the next events an earlier reader has had."""
        self._first: str | None = None
        self._clock = 0.0
        self._gaps: dict[int, Recorder] = {}
        """Its gaps by their places: some stores do not hold them."""
        self._lost_message = ""

    def rename(self, name: str) -> str:
        """Return an id as no other capture of the story has it."""
        return f"{self.name}:{name}"

    def read_more(self, limit: int, removed: Removed | None) -> None:
        """Read at most ``limit`` events; what cannot be read is noted as trouble.

        ``removed`` is what is missing in all captures of the story.
        """
        if self.trouble is not None:
            self.grown = False
            return
        try:
            first = self.store.first()
            self.cut = self.cut or (self.position != START and first != self._first)
            self._first = first
            batch = self.store.read(self.position, limit)
        except CookietraceError as error:
            self.trouble = str(error)
            self.grown = False
            return
        self.away = batch.trouble
        self._batch = self.position, len(batch.events)
        self.position = batch.position
        self.grown = bool(batch.events)
        for event, place in zip(batch.events, batch.places, strict=True):
            self.place = place
            if self._skip:
                self._skip -= 1
                continue
            if isinstance(event, Jar) and event.removed is not None:
                self.removed = event.removed
            at = getattr(event, "at", None)
            if at is not None:
                self._clock = max(self._clock, at)
            if isinstance(event, Recorder) and event.state == "gap":
                self._gaps[place] = event
                self._lost_message = event.message or ""
            if not isinstance(event, Capture):
                named = self.named(event, removed)
                self.waiting.append(Waiting(self._clock - self.clock_off, named, place))

    @property
    def mark(self) -> Mark:
        """Up to where its events are in the story."""
        if not self.waiting:
            return Mark(self.name, self.position, 0)
        before, count = self._batch
        return Mark(self.name, before, count - len(self.waiting))

    def go_on_from(self, mark: Mark) -> None:
        """Read on from where an earlier reader was."""
        self.name, self.position, self._skip = mark.name, mark.position, mark.skip

    def set_clock_off(self, seconds: float) -> None:
        """Order what is read from now on by a clock that is so many seconds ahead.

        A difference that is hardly another one than before changes nothing.
        """
        if abs(seconds - self.clock_off) >= CLOCK_OFF / 2:
            self.clock_off = seconds if abs(seconds) >= CLOCK_OFF else 0.0

    def look_at_clock(self, now: float) -> None:
        """Notice a clock that is ahead of ``now`` by what was just read, and place that again."""
        if not self.clock_off and self._clock - now >= CLOCK_OFF:
            self.set_clock_off(self._clock - now)
            placed = [_replace(each, at=each.at - self.clock_off) for each in self.waiting]
            self.waiting = deque(placed)

    def named(self, event: Event, removed: Removed | None) -> Event:
        """Return an event with the ids and the name that it has in the story."""
        event = renamed(event, self.rename, removed)
        if isinstance(event, Client | Recorder | Request):
            inner = event.recorder
            name = self.name if inner is msgspec.UNSET else f"{self.name}/{inner}"
            event = _replace(event, recorder=name)
        return event

    def events_at(self, places: list[int], removed: Removed | None) -> dict[int, Event]:
        """Return the events at places, which rise, as far as they are still there."""
        found = self.store.events_at(places)
        pairs = list(zip(places, found, strict=False))
        if len(found) != len(places):  # some were removed: which ones is found out one by one
            pairs = []
            for place in places:
                one = self.store.events_at([place])
                if not one and place in self._gaps:
                    one = [self._gaps[place]]
                pairs += [(place, event) for event in one]
        return {place: self.named(event, removed) for place, event in pairs}

    def state(self, position: int) -> RecorderState:
        """Return what is known about the recorder now; ``position`` is how far it was read."""
        told = self.sighting.state
        life = Life.GONE if self.gone else told.life
        return _replace(
            told,
            name=self.name,
            life=life,
            unread=self._unread(position) if life is not Life.GONE else 0,
            lost=max(told.lost, len(self._gaps)),
            lost_message=told.lost_message or self._lost_message,
            clock_off=self.clock_off,
            trouble=self.trouble or self.away,
            remark=self.remark,
        )

    def _unread(self, position: int) -> int:
        # What is not published, such as bodies, may come last.
        if self.sighting.end is not None and self.grown:
            return max(0, self.sighting.end - position) + len(self.waiting)
        return len(self.waiting)

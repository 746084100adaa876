"""A store that is several stores: the captures of many recorders as one sequence of events.

The events of one capture keep their order. Those of different captures go by time, as far as they
are there: nothing waits for a capture that is late. What was joined once stays in that order, so
that each pass over the store gives the same sequence; ten bytes per event remember it.
"""

from __future__ import annotations

import hashlib
import heapq
import threading
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from cookietrace import __version__
from cookietrace.errors import CaptureError, CookietraceError
from cookietrace.events import SCHEMA, Capture, Event, Removed
from cookietrace.recorders.member import Mark, Member
from cookietrace.recorders.source import MOST_CAPTURES, Sighting, Source
from cookietrace.recorders.state import Life, RecorderState, summary
from cookietrace.stores import START, Batch

_LOOK_SECONDS: Final = 1.0
"""Seconds between two looks for captures that have appeared or ended."""

_AGAIN_SECONDS: Final = 30.0
"""Seconds until a capture that could not be opened is tried again."""

_LEAST: Final = 16
"""The fewest events that are read of one capture at a time."""

_replace = msgspec.structs.replace


class _Position(msgspec.Struct, frozen=True, array_like=True):
    """Where reading has come to, in the joined order and in each capture."""

    count: int
    """How many events of the joined order were read."""
    captures: dict[str, Mark]
    """The key of each capture -> where reading has come to in it."""


_decoder = msgspec.json.Decoder(_Position)


class JoinedStore:
    """A ``CaptureStore`` of all captures that a source finds; it can only be read.

    A position names one position in each capture, so that another process can continue from there.
    One thread at a time may read on; any thread may ask for the rest.
    """

    def __init__(
        self, source: Source, *, follows: bool = True, clock: Callable[[], float] = time.time
    ) -> None:
        """Look for captures.

        ``follows`` looks for more of them later; otherwise each of those that are there must be
        readable. ``clock`` returns the time by which events in the future are noticed. Raises
        ``CaptureError`` if there are none and none can appear, or too many; and as the source does.
        """
        self._source = source
        self._follows = follows
        self._clock = clock
        self._lock = threading.RLock()
        """Held by the thread that reads on."""
        self._closed = threading.Event()
        self._members: list[Member] = []
        self._by_key: dict[str, Member] = {}
        self._refused: dict[str, tuple[RecorderState, float]] = {}
        """The captures that are not shown, and when to try them again."""
        self._of, self._places = array("H"), array("Q")
        """The joined order: the number of a member, and the place of an event in it."""
        self._info: Capture | None = None
        self._begun = False
        """Whether the event that begins the story was read."""
        self._looked_at = float("-inf")
        self._trouble: str | None = None
        """Why no capture can be looked for just now."""
        self._too_many = 0
        self._starts: Mapping[str, Mark] = {}
        """Where to begin in captures that an earlier reader has read in part."""
        self._earlier = 0
        """How many events of the story that reader has had."""
        try:
            self._look(first=True)
        except BaseException:
            self.close()
            raise
        if not self._members and not (follows and source.grows):
            self.close()
            raise CaptureError(f"no capture matches {source.title}")

    # --- what a store promises

    @property
    def info(self) -> Capture:
        """What the story is; without captures so far, as it is most likely to be."""
        if self._info is not None:
            return self._info
        return self._made_info(())

    def append(self, events: Sequence[Event]) -> str:
        """Raise ``CaptureError``: only recorders write to their captures."""
        del events
        raise CaptureError("several captures as one can only be read")

    def read(self, after: str = START, limit: int = 1000) -> Batch:
        """Return at most ``limit`` events after the position, oldest first.

        What was joined before is read again in the same order. If all has been read, captures that
        have appeared are added, and what is new in all captures is joined.
        """
        at = self._parsed(after)
        with self._lock:
            self._check_open()
            if at.count > self._joined:
                self._go_on_from(at)
            if at.count < self._joined:
                return self._again(at, limit)
            return self._read_on(after, limit)

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """Return the events at places of batches, in the joined order."""
        self._check_open()
        return [event for _, event in self._placed(places)]

    def first(self) -> str:
        """Return the same at all times: batches say themselves if a beginning was removed."""
        return "0"

    def ahead(self, after: str = START) -> int:
        """Return about how many events there are after the position, at little cost."""
        at = self._parsed(after)
        more = 0
        for member in list(self._members):
            more += len(member.waiting)
            if member.trouble is None:
                more += _ahead(member)
        return max(0, self._joined - at.count) + more

    def wait(self, after: str, timeout: float) -> bool:
        """Return True as soon as there is an event after the position, False after ``timeout``."""
        at = self._parsed(after)
        if at.count < self._joined or self._closed.is_set():
            return at.count < self._joined
        members = list(self._members)
        if any(member.waiting for member in members):
            return True
        due = self._looked_at + _LOOK_SECONDS - time.monotonic()
        patience = max(0.0, min(timeout, due)) if self._follows else timeout
        try:
            grown = self._look_who_grew(patience)
        except CookietraceError as error:
            if self._closed.is_set():
                return False
            self._trouble = str(error)
            self._closed.wait(min(timeout, _LOOK_SECONDS))
            return True  # the next read says so
        return grown or (self._follows and time.monotonic() - self._looked_at > _LOOK_SECONDS)

    def woken(self, after: str, timeout: float) -> bool:
        """Wait as ``wait`` does; True also if captures should be looked for."""
        return self.wait(after, timeout)

    def close(self) -> None:
        """Close all captures; a second call does nothing."""
        if self._closed.is_set():
            return
        self._closed.set()
        for member in self._members:
            member.store.close()
        self._source.close()

    # --- what is known about the recorders

    @property
    def title(self) -> str:
        """What is looked at, in a few words; display text."""
        return self._source.title

    def recorders(self) -> tuple[RecorderState, ...]:
        """Return what is known about each recorder, by name; costs no look at the captures."""
        position_of = self._source.position_of
        found = [member.state(position_of(member.place)) for member in list(self._members)]
        found += [state for state, _ in list(self._refused.values())]
        return tuple(sorted(found, key=lambda state: state.name))

    def tellings(self) -> tuple[str, ...]:
        """Return what a viewer should be told about the recorders now, in lines of display text."""
        lines = [line for state in self.recorders() for line in state.telling]
        if not self._members and self._follows:
            lines.insert(0, f"No capture matches {self.title} yet: waiting for one")
        if self._too_many:
            lines.append(
                f"{self._too_many:,} more captures match {self.title}: at most {MOST_CAPTURES} are "
                "shown as one, so narrow the pattern"
            )
        return tuple(lines)

    @property
    def summary(self) -> str:
        """How many recorders there are, and how they are, in one line."""
        return summary(self.recorders())

    @property
    def is_live(self) -> bool:
        """Whether more may come: a recorder has not ended, or others may appear."""
        states = self.recorders()
        living = any(state.life in (Life.LIVE, Life.SILENT) for state in states)
        return living or (self._source.grows and not states)

    # --- reading on

    @property
    def _joined(self) -> int:
        """How many events the story has so far, with the one that begins it."""
        return self._earlier + len(self._places) + self._begun

    def _read_on(self, after: str, limit: int) -> Batch:
        """Join more events."""
        if self._follows and time.monotonic() - self._looked_at >= _LOOK_SECONDS:
            self._look()
        if self._info is None:  # there is no capture yet
            return Batch((), after, trouble=self._trouble)
        events: list[Event] = []
        places: list[int] = []
        if not self._begun:
            self._begun = True
            events, places = [self._info], [0]
        for number, event, place in self._merged_or_grown(limit - len(events)):
            self._of.append(number)
            self._places.append(place)
            events.append(event)
            places.append(self._joined - 1)
        cut = [member for member in self._members if member.cut]
        for member in cut:
            member.cut = False
        away = next((each.away for each in self._members if each.away is not None), None)
        return Batch(
            tuple(events),
            self._position() if events else after,
            tuple(places),
            cut=bool(cut),
            removed=self._removed() if cut else None,
            trouble=self._trouble or away,
        )

    def _merged_or_grown(self, limit: int) -> Iterator[tuple[int, Event, int]]:
        """Yield the next events; if there are none, look once whether a capture has grown."""
        found = False
        for each in self._merged(limit):
            found = True
            yield each
        if found or limit <= 0:
            return
        try:
            grown = self._look_who_grew(0.0)
        except CookietraceError as error:
            self._trouble = str(error)
            return
        if grown:
            yield from self._merged(limit)

    def _look_who_grew(self, timeout: float) -> bool:
        """Return whether a capture has grown by then. Raises ``CookietraceError``."""
        readable = {each.sighting.key: each for each in self._members if each.trouble is None}
        stores = {key: (each.store, each.position) for key, each in readable.items()}
        grown = self._source.wait(stores, timeout)
        for key in grown:
            readable[key].grown = True
        return bool(grown)

    def _merged(self, limit: int) -> Iterator[tuple[int, Event, int]]:
        """Yield the next events by time, each with the number of its member and its place."""
        hot = [number for number, member in enumerate(self._members) if self._fill(number, limit)]
        heap = [(self._members[number].waiting[0].at, number) for number in hot]
        heapq.heapify(heap)
        while heap and limit > 0:
            _, number = heap[0]
            member = self._members[number]
            while True:  # as long as it is the next one, which it is most often
                waiting = member.waiting.popleft()
                limit -= 1
                yield number, waiting.event, waiting.place
                if not member.waiting and not self._fill(number, limit):
                    heapq.heappop(heap)
                    break
                at = member.waiting[0].at
                if limit <= 0 or (len(heap) > 1 and (at, number) > min(heap[1:3])):
                    heapq.heapreplace(heap, (at, number))
                    break

    def _fill(self, number: int, limit: int) -> bool:
        """Read more of a member if nothing of it waits; return whether something waits."""
        member = self._members[number]
        while not member.waiting and member.grown:
            share = max(_LEAST, limit // max(1, sum(each.grown for each in self._members)))
            member.read_more(share, self._removed())
            member.look_at_clock(self._clock())
            self._check_readable(member)
        return bool(member.waiting)

    def _check_readable(self, member: Member) -> None:
        """Raise ``CaptureError`` if a capture cannot be read, unless the others are followed."""
        trouble = member.trouble or member.away
        if trouble is not None and not self._follows:
            raise CaptureError(f"{trouble} (--lenient leaves it out)")

    def _removed(self) -> Removed | None:
        """Return what is missing in all captures together."""
        every = [member.removed for member in self._members if member.removed is not None]
        if not every:
            return None
        return _replace(
            every[-1],
            exchanges=sum(each.exchanges for each in every),
            until=max(each.until for each in every),
        )

    # --- reading again

    def _again(self, at: _Position, limit: int) -> Batch:
        """Return events that were joined before."""
        start = at.count
        while start < self._joined:
            end = min(self._joined, start + limit)
            found = self._placed(range(start, end))
            start = end
            if found:  # otherwise all of them were removed meanwhile
                break
        events, places = tuple(event for _, event in found), tuple(place for place, _ in found)
        if start == self._joined:
            return Batch(events, self._position(), places)
        position = msgspec.json.encode(_Position(start, {})).decode()
        return Batch(events, position, places)

    def _placed(self, places: Sequence[int]) -> list[tuple[int, Event]]:
        """Return the events at places, each with its place, in the joined order."""
        wanted: defaultdict[int, dict[int, int]] = defaultdict(dict)
        found: list[tuple[int, Event]] = []
        for place in places:
            index = place - self._earlier - 1
            if place == 0 and self._info is not None:
                found.append((0, self._info))
            elif 0 <= index < len(self._places):
                wanted[self._of[index]][self._places[index]] = place
        for number, own in wanted.items():
            member = self._members[number]
            events = member.events_at(sorted(own), self._removed())
            found += [(own[place], event) for place, event in events.items()]
        found.sort(key=lambda entry: entry[0])
        return found

    # --- positions

    def _position(self) -> str:
        """Return the position after everything that was joined."""
        captures = {each.sighting.key: each.mark for each in self._members}
        return msgspec.json.encode(_Position(self._joined, captures)).decode()

    @staticmethod
    def _parsed(position: str) -> _Position:
        if position == START:
            return _Position(0, {})
        try:
            return _decoder.decode(position)
        except msgspec.DecodeError as error:
            raise CaptureError("no such position in these captures") from error

    def _go_on_from(self, at: _Position) -> None:
        """Read the captures on from where an earlier reader was. Raises ``CaptureError``."""
        if self._joined or not at.captures:
            raise CaptureError("no such position in these captures")
        self._starts, self._earlier, self._begun = at.captures, at.count - 1, True
        for member in self._members:
            if member.sighting.key in at.captures:
                member.go_on_from(at.captures[member.sighting.key])

    # --- looking for captures

    def _look(self, *, first: bool = False) -> None:
        """Add the captures that are new, and note those that are gone.

        Raises ``CookietraceError`` the first time only; later, trouble is told.
        """
        self._looked_at = time.monotonic()
        try:
            sightings = self._source.look()
        except CookietraceError as error:
            if first:
                raise
            self._trouble = str(error)
            return
        self._trouble = None
        if first and len(sightings) > MOST_CAPTURES:
            raise CaptureError(
                f"{len(sightings):,} captures match {self._source.title}: at most {MOST_CAPTURES} "
                "can be shown as one, so narrow the pattern"
            )
        seen = set()
        self._too_many = 0
        for sighting in sightings:
            seen.add(sighting.key)
            member = self._by_key.get(sighting.key)
            if member is not None:
                member.sighting, member.gone = sighting, False
                if sighting.state.clock_off:
                    member.set_clock_off(sighting.state.clock_off)
            elif len(self._members) >= MOST_CAPTURES:
                self._too_many += 1
            else:
                self._meet(sighting)
        for key in self._refused.keys() - seen:
            del self._refused[key]
        for key, member in self._by_key.items():
            member.gone = key not in seen
        if self._info is None and self._members:
            self._info = self._made_info(self._members)

    def _meet(self, sighting: Sighting) -> None:
        """Open a capture and add it; note why not if it cannot be shown."""
        _, again_at = self._refused.get(sighting.key, (None, 0.0))
        if time.monotonic() < again_at:
            return
        try:
            store = sighting.open()
        except CookietraceError as error:
            self._refuse(sighting, str(error))
            return
        problem = self._misfit(sighting, store.info)
        if problem is not None:
            store.close()
            self._refuse(sighting, problem)
            return
        names = {member.name for member in self._members}
        name = sighting.name.replace(":", "_")
        count = 1
        while name in names:
            count += 1
            name = f"{sighting.name.replace(':', '_')} ({count})"
        member = Member(sighting, name, store)
        member.set_clock_off(sighting.state.clock_off)
        if count > 1:
            member.remark = (
                f"Another recorder is also called {sighting.name}: {sighting.place} is shown as "
                f"{name}"
            )
        if sighting.key in self._starts:
            member.go_on_from(self._starts[sighting.key])
        self._refused.pop(sighting.key, None)
        self._members.append(member)
        self._by_key[sighting.key] = member

    def _refuse(self, sighting: Sighting, problem: str) -> None:
        """Note why a capture is not shown. Raises ``CaptureError`` if all have to be."""
        if not self._follows:
            raise CaptureError(f"{problem} (--lenient leaves it out)")
        state = _replace(sighting.state, life=Life.NOT_SHOWN, trouble=problem)
        self._refused[sighting.key] = state, time.monotonic() + _AGAIN_SECONDS

    def _misfit(self, sighting: Sighting, info: Capture) -> str | None:
        """Return why a capture cannot be shown together with the others."""
        for member in self._members:
            if member.store.info.capture_id == info.capture_id:
                return f"{sighting.place} and {member.sighting.place} are the same recording"
        for member in self._members[:1]:
            if member.store.info.redacted != info.redacted:
                other = member.sighting.place
                redacted, plain = sighting.place, other
                if not info.redacted:
                    redacted, plain = plain, redacted
                return (
                    f"{redacted} is redacted and {plain} is not: view them one by one, or publish "
                    "both in the same way"
                )
        return None

    def _made_info(self, members: Sequence[Member]) -> Capture:
        """Return the event that begins the story; the same for the same captures."""
        infos = [member.store.info for member in members]
        ids = sorted(info.capture_id for info in infos) or [self._source.title]
        return Capture(
            capture_id=hashlib.sha256("\n".join(ids).encode()).hexdigest()[:32],
            schema=SCHEMA,
            at=min((info.at for info in infos), default=0.0),
            producer=f"cookietrace {__version__}",
            sensitive=any(info.sensitive for info in infos) or self._source.grows,
            redacted=any(info.redacted for info in infos),
        )

    def _check_open(self) -> None:
        """Raise ``CaptureError`` if the store has been closed."""
        if self._closed.is_set():
            raise CaptureError("the captures have been closed")


def _ahead(member: Member) -> int:
    try:
        return member.store.ahead(member.position)
    except CookietraceError:  # whoever reads on says so
        return 0

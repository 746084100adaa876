"""The store that reads a capture in Redis, from a position and as it grows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from cookietrace.errors import CaptureError, SchemaError
from cookietrace.events import SCHEMA, Capture, Event, Recorder
from cookietrace.stores.capture_store import START, Batch
from cookietrace.stores.redis_streams.address import RedisAddress
from cookietrace.stores.redis_streams.connection import (
    RedisAwayError,
    TooLargeError,
    connect,
    redis_errors,
)
from cookietrace.stores.redis_streams.keys import (
    MOST_POSITION,
    Entry,
    State,
    entry_id,
    events_key,
    is_late,
    place_of,
    position_of,
    read_entry,
    read_start,
    read_state,
    start_key,
    state_key,
)

_Reply = TypeVar("_Reply")

GAP: Final = (
    "Entries of this capture were removed from Redis by another program: what they contained is "
    "missing here."
)

_ENTRIES: Final = 500
"""The most entries that one command reads: few enough for Redis to serve others meanwhile."""

_FEWER: Final = 8
"""By how many times fewer entries are read if so many were too large."""

_BLOCK_SECONDS: Final = 0.5
"""How long a blocking read may last, so that closing does not take longer."""

_LOOK_SECONDS: Final = 1.0
"""How often a reader that has read everything looks whether the stream is still there."""

_FIRST_PAUSE, _MOST_PAUSE = 0.25, 8.0
"""Seconds between two attempts to reach a server that is away."""


class _At(msgspec.Struct, frozen=True):
    """A position: after an entry, or after some of its events; in the start or in the stream."""

    position: int
    taken: int | None = None
    """How many events of that entry were read; None if all."""
    starting: bool = False
    """Whether the entry is the start."""

    def __str__(self) -> str:
        taken = "" if self.taken is None else f".{self.taken}"
        return f"{'^' if self.starting else ''}{self.position}{taken}"


class RedisStore:
    """A ``CaptureStore`` over one stream of a Redis server; it only reads.

    Nothing is believed that was not checked. With ``patient``, a server that is away after the
    first contact is no error: batches are empty and say what the trouble is until it is back.
    """

    def __init__(self, address: RedisAddress, *, patient: bool = False) -> None:
        """Open the capture that the address names. Raises ``CaptureError``."""
        self._address = address
        self._name = address.name
        self._what = str(address)
        self._patient = patient
        self._client = connect(address)
        self._closed = threading.Event()
        self._trouble: str | None = None
        self._pause = _FIRST_PAUSE
        self._again_at = 0.0
        """When a server that is away is asked again, and how long to wait then."""
        self._looked_at = time.monotonic()
        self._count = _ENTRIES
        """How many entries one command reads: fewer where they are large."""
        self._info: Capture | None = None
        start = self._start()
        first = start.events[0] if start is not None and start.events else None
        if not isinstance(first, Capture):
            self._client.close()
            raise CaptureError(
                f"there is no capture {self._name} at {address.server}: "
                f"`cookietrace captures list {address.server}` lists those that exist"
            )
        if first.schema > SCHEMA:
            self._client.close()
            raise SchemaError(
                f"{self._what} was recorded by a newer cookietrace "
                f"(schema {first.schema}, this one reads up to {SCHEMA}): upgrade cookietrace"
            )
        self._info = first
        self._live = False
        self._look_at_state()

    @property
    def info(self) -> Capture:
        """The capture's first event, which says what the capture is."""
        assert self._info is not None
        return self._info

    @property
    def trouble(self) -> str | None:
        """Why the capture cannot be read just now, in one line; None if it can."""
        return self._trouble

    @property
    def is_live(self) -> bool:
        """Whether the capture is being recorded and published, when we last heard of it."""
        return self._live and self._trouble is None

    def append(self, events: Sequence[Event]) -> str:  # noqa: ARG002 - the protocol's
        """Raise ``CaptureError``: only a publisher writes to Redis."""
        raise CaptureError(
            f"{self._what} is read only: `cookietrace publish` writes captures there"
        )

    def state(self) -> State | None:
        """Return what the publisher says about itself; None if nothing. Raises ``CaptureError``."""
        key = state_key(self._name)
        return read_state(self._ask(lambda: self._hash(key)), self._what)

    def read(self, after: str = START, limit: int = 1000) -> Batch:
        """Return at most ``limit`` events after the position, oldest first.

        What ``read`` returns at a position that retention has removed begins with the new
        beginning. If another program removed entries, the first event after them is a gap.
        """
        self._check_open()
        if self._patient and time.monotonic() < self._again_at:
            return Batch((), after, trouble=self._trouble)
        try:
            batch = self._read(_parsed(after), after, limit)
        except RedisAwayError as error:
            if not self._patient:
                raise
            self._is_away(str(error))
            return Batch((), after, trouble=self._trouble)
        if batch.trouble is None:
            self._trouble, self._pause = None, _FIRST_PAUSE
        return batch

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """Return the events at places of batches, in the order of the capture."""
        self._check_open()
        wanted = sorted(places)
        found: list[Event] = []
        starts: Entry | None = None
        known: dict[int, Entry | None] = {}
        positions = sorted({position_of(place)[0] for place in wanted})
        for chunk in (positions[at : at + _ENTRIES] for at in range(0, len(positions), _ENTRIES)):
            known |= self._entries_at(chunk)
        for place in wanted:
            position, index = position_of(place)
            entry = known.get(position)
            if entry is None:
                if starts is None:
                    starts = self._start()
                entry = starts if starts is not None and starts.position == position else None
            if entry is not None and 0 < index <= len(entry.events):
                found.append(entry.events[index - 1])
        return found

    def first(self) -> str:
        """Return the position of the first event; it changes if the beginning was removed."""
        if self._patient and time.monotonic() < self._again_at:
            return self._first
        key = start_key(self._name)
        try:
            position: bytes | None = self._ask(lambda: self._client.hget(key, "position"))
        except RedisAwayError:
            if not self._patient:
                raise
            position = None
        if position is not None:
            self._first = f"^{position[:20].decode('latin-1')}.0"
        return self._first

    _first = START

    def wait(self, after: str, timeout: float) -> bool:
        """Return True as soon as there is an event after the position, False after ``timeout``."""
        at = _parsed(after)
        deadline = time.monotonic() + timeout
        if after == START or at.starting or at.taken is not None:
            return True
        while not self._closed.is_set():
            now = time.monotonic()
            left = max(0.0, deadline - now)
            if self._patient and now < self._again_at:
                self._closed.wait(min(left, self._again_at - now))
                return False  # the next read asks the server again
            try:
                if self._stream(at.position, 1, block=min(left, _BLOCK_SECONDS)):
                    return True
            except RedisAwayError as error:
                if not self._patient:
                    raise
                self._is_away(str(error))
                return False
            if left <= 0 or self._trouble is not None:
                return False
            if now - self._looked_at > _LOOK_SECONDS:
                return False  # the next read looks whether the stream is still there
        return False

    def woken(self, after: str, timeout: float) -> bool:
        """Wait as ``wait`` does: Redis says at once that there is more, so nobody has to poll."""
        return self.wait(after, timeout)

    def ahead(self, after: str = START) -> int:
        """Return about how many events there are after the position, at little cost."""
        at = _parsed(after)
        try:
            last = self._ask(lambda: self._client.xrevrange(events_key(self._name), count=1))
        except RedisAwayError:
            if not self._patient:
                raise
            return 0
        if not last:
            return 0
        return max(0, _id(last[0][0], self._what) - at.position)

    def close(self) -> None:
        """Close the connection, and wake waiting threads; a second call does nothing."""
        if not self._closed.is_set():
            self._closed.set()
            self._client.close()

    # --- reading

    def _look_at_state(self) -> None:
        """Find out whether the publisher is alive, by the clock of Redis."""
        key = state_key(self._name)

        def ask() -> list[Any]:
            pipeline = self._client.pipeline(transaction=False)
            pipeline.hgetall(key)
            pipeline.time()
            return list(pipeline.execute())

        fields, (seconds, microseconds) = self._ask(ask)
        state = read_state(fields, self._what)
        now = seconds + microseconds / 1e6
        recording = state is not None and not state.ended and state.recorder != "stopped"
        self._live = recording and state is not None and not is_late(state, now)

    def _read(self, at: _At, after: str, limit: int) -> Batch:
        if after == START or at.starting:
            start = self._start()
            if start is None:
                raise self._is_gone()
            skip = 0
            if at.starting and at.position == start.position:
                skip = at.taken or 0
            batch = _Building(limit)
            batch.add(start, skip, starting=True)
            if not batch.full:
                self._fill(batch, start.position, None)
            return batch.done(after)
        batch = _Building(limit)
        self._fill(batch, at.position, at.taken)
        if batch.begins_anew:
            return self._read(_At(0), START, limit)
        if not batch.events and time.monotonic() - self._looked_at > _LOOK_SECONDS:
            self._looked_at = time.monotonic()
            self._look_at_state()
            if self._start() is None:
                gone = self._is_gone()
                if not self._patient:
                    raise gone
                self._trouble = str(gone)
                return Batch((), after, trouble=self._trouble)
        return batch.done(after)

    def _fill(self, batch: _Building, position: int, taken: int | None) -> None:
        """Add the entries after a position, as many as there is room for."""
        last = position if taken is None else position - 1
        begun = taken is not None
        """Whether the rest of an entry comes first."""
        for entry in self._stream(last, min(batch.limit, _ENTRIES)):
            if begun and entry.position == position:
                batch.add(entry, taken or 0)
            else:
                if begun or entry.before > position:
                    start = self._start()
                    if start is not None and start.position > position:
                        batch.begins_anew = not batch.events
                        return  # the next read begins with the new beginning
                    batch.gap(entry)
                batch.add(entry, 0)
            position, begun = entry.position, False
            if batch.full:
                return

    def _stream(self, after: int, count: int, block: float | None = None) -> list[Entry]:
        """Return the entries after a position; with ``block``, wait for so many seconds.

        They are fewer than ``count`` if so many would be more than can be held.
        """
        key = events_key(self._name)
        milliseconds = None if block is None else max(1, int(block * 1000))
        reply: Any = None
        while True:
            most = min(count, self._count)
            try:
                reply = self._ask(
                    lambda most=most: self._client.xread(  # type: ignore[misc]
                        {key: entry_id(after)}, count=most, block=milliseconds
                    )
                )
                break
            except TooLargeError:
                if most == 1:
                    raise
                self._count = max(1, most // _FEWER)
        if self._count < _ENTRIES:
            self._count = min(_ENTRIES, self._count * 2)
        found: list[Entry] = []
        for _, entries in reply or ():
            for written, fields in entries:
                position = _id(written, self._what)
                if position <= after:
                    raise CaptureError(f"{self._what} holds entries in no order")
                after = position
                found.append(read_entry(position, fields or {}, self._what))
        return found

    def _entries_at(self, positions: Sequence[int]) -> dict[int, Entry | None]:
        """Return the entries at positions, as far as they are still there."""
        key = events_key(self._name)

        def ask() -> list[Any]:
            pipeline = self._client.pipeline(transaction=False)
            for position in positions:
                pipeline.xrange(key, entry_id(position), entry_id(position), count=1)
            return list(pipeline.execute())

        try:
            replies = self._ask(ask)
        except TooLargeError:
            if len(positions) == 1:
                raise
            middle = len(positions) // 2
            return self._entries_at(positions[:middle]) | self._entries_at(positions[middle:])
        return {
            position: read_entry(position, entries[0][1], self._what) if entries else None
            for position, entries in zip(positions, replies, strict=True)
        }

    def _start(self) -> Entry | None:
        """Return what a reader begins with; None if it is gone. Raises ``CaptureError``."""
        key = start_key(self._name)
        start = read_start(self._ask(lambda: self._hash(key)), self._what)
        first = start.events[0] if start is not None else None
        known = self._info
        if (
            known is not None
            and isinstance(first, Capture)
            and first.capture_id != (known.capture_id)
        ):
            raise CaptureError(
                f"{self._what} was replaced by another capture while it was being read"
            )
        return start

    def _hash(self, key: str) -> Mapping[bytes, bytes]:
        found: Mapping[bytes, bytes] = self._client.hgetall(key)
        return found

    def _ask(self, ask: Callable[[], _Reply]) -> _Reply:
        """Return what Redis responds. Raises ``CaptureError``."""
        self._check_open()
        with redis_errors(self._address):
            return ask()

    def _is_gone(self) -> CaptureError:
        return CaptureError(f"{self._what} was deleted from Redis while it was being read")

    def _is_away(self, line: str) -> None:
        """Note that the server is away, and when to ask it again."""
        self._trouble = line
        self._again_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, _MOST_PAUSE)

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise CaptureError(f"{self._what} has been closed")


class _Building:
    """A batch that is being filled."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.events: list[Event] = []
        self._places: list[int] = []
        self._at: _At | None = None
        self.begins_anew = False
        """Whether a new beginning has taken the place of the entries at the reader's position."""

    @property
    def full(self) -> bool:
        return len(self.events) >= self.limit

    def add(self, entry: Entry, skip: int, *, starting: bool = False) -> None:
        """Add the events of an entry, as many as there is room for."""
        end = min(len(entry.events), skip + self.limit - len(self.events))
        self.events += entry.events[skip:end]
        self._places += [place_of(entry.position, index + 1) for index in range(skip, end)]
        if end >= len(entry.events):
            self._at = _At(entry.position)
        else:
            self._at = _At(entry.position, end, starting=starting)

    def gap(self, entry: Entry) -> None:
        """Say once that entries before this one are missing."""
        at = max((getattr(event, "at", 0.0) or 0.0 for event in entry.events), default=0.0)
        self.events.append(Recorder(at=at, state="gap", message=GAP))
        self._places.append(place_of(entry.position, 0))

    def done(self, after: str) -> Batch:
        position = after if self._at is None else str(self._at)
        return Batch(tuple(self.events), position, tuple(self._places))


def entry_before(position: str) -> int | None:
    """Return the entry that a position is right after; None if it is within one, or the start."""
    at = _parsed(position)
    return None if position == START or at.starting or at.taken is not None else at.position


def _parsed(position: str) -> _At:
    """Return a position of this kind of store. Raises ``CaptureError``."""
    if position == START:
        return _At(0)
    whole, dot, taken = position.removeprefix("^").partition(".")
    if not (whole.isdecimal() and (taken.isdecimal() or not dot)):
        raise CaptureError("no such position in this capture")
    return _At(int(whole), int(taken) if dot else None, starting=position.startswith("^"))


def _id(written: bytes, what: str) -> int:
    """Return the position in the id of an entry. Raises ``CaptureError``."""
    position, _, rest = written.partition(b"-")
    if rest != b"0" or not position.isdigit() or int(position) > MOST_POSITION:
        raise CaptureError(f"{what} holds an entry that cookietrace did not write")
    return int(position)

"""Follows a capture and publishes it; waits while Redis is away, and loses and doubles nothing.

The capture is the only queue: nothing is read from it until what was read before is in Redis, so
memory is bounded however long Redis is away. After every (re)connection Redis says how far it has
come, and publishing continues from there.
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import msgspec

from cookietrace.errors import BusyError, CaptureError
from cookietrace.events import Jar
from cookietrace.publishing.options import PublishingOptions
from cookietrace.publishing.rendering import Rendering, lines_of
from cookietrace.publishing.retention import Snapshot
from cookietrace.redact import redaction_key
from cookietrace.safe_text import safe
from cookietrace.stores import START, SqliteStore, is_live, open_sqlite
from cookietrace.stores.redis_streams.address import RedisAddress
from cookietrace.stores.redis_streams.connection import RedisAwayError, RedisError
from cookietrace.stores.redis_streams.keys import State, is_late
from cookietrace.stores.redis_streams.writer import NewEntry, Standing, StreamWriter

BEAT_SECONDS: Final = 1.0
"""How often the publisher says that it is alive."""

GRACE_SECONDS: Final = 8.0
"""How long the end may take: to publish the rest, or to give up on a server that is away."""

_EVENTS: Final = 400
"""The most events that are read at a time."""

_PIECE: Final = 1024 * 1024
"""After about how many bytes entries are sent."""

_PER_OPEN: Final = 4
"""The most events of an exchange that has no response yet."""

_WAIT_SECONDS: Final = 0.25
_FIRST_PAUSE, _MOST_PAUSE = 0.2, 15.0
_SLICE: Final = 0.1

Say = Callable[[str | None], None]
"""Gets a line for the user; None once what the last one said is over."""


class Publisher:
    """Publishes one capture until it is stopped. For one thread, except ``stop``."""

    def __init__(
        self,
        capture: Path,
        address: RedisAddress,
        options: PublishingOptions,
        say: Say,
        *,
        records: bool = False,
    ) -> None:
        """Open both. ``records`` says that the same command records the capture.

        Raises ``CaptureError``: there is no such capture, or the address is wrong.
        """
        self._meanwhile = (
            "recording continues, and publishing resumes" if records else "publishing resumes"
        )
        self._address = address
        self._options = options
        self._say = say
        self._writer = StreamWriter(address)
        self._path = capture
        self._store: SqliteStore = open_sqlite(capture)
        info = self._store.info
        self._key = options.key or redaction_key(info.capture_id)
        self._rendering = self._new_rendering()
        self._state = State(
            capture_id=info.capture_id,
            publisher=f"{os.getpid()}-{secrets.token_hex(8)}",
            host=safe(socket.gethostname())[:200],
            started=info.at,
            heartbeat=0.0,
            every=BEAT_SECONDS,
            redacted=info.redacted or not options.values,
        )
        self._stopping = False
        self.connected = False
        """Whether Redis has said how far it is, and was there since then."""
        self._ever = False
        """Whether there was ever a connection."""
        self._away_since: float | None = None
        self._pause = _FIRST_PAUSE
        self._position = 0
        """Up to where everything is published."""
        self.recorded = 0
        """Up to where the capture was recorded when publishing ended."""
        self._sent = 0
        """The greatest place of an event that was ever sent."""
        self._before = 0
        """The position of the last entry, or of the start if there is none."""
        self._start = 0
        self._first = False
        """Whether the stream may not exist yet."""
        self._beat_at = 0.0
        self._local_first = self._store.first()
        """The first position of the local capture, when we looked last."""

    def _new_rendering(self) -> Rendering:
        return Rendering(
            self._store,
            key=self._key,
            names=self._options.names,
            browser=self._options.browser,
            values=self._options.values or self._store.info.redacted,
            retention=self._options.retention,
        )

    def stop(self) -> None:
        """Publish what is there, then end, within ``GRACE_SECONDS``.

        Any thread and any signal handler may call it.
        """
        self._stopping = True

    def abandon(self) -> None:
        """Close the connections without a word."""
        self._store.close()
        self._writer.close()

    @property
    def position(self) -> int:
        """Up to which position of the capture everything is published."""
        return self._position

    def run(self) -> bool:
        """Publish until stopped; return whether everything is published.

        Raises ``CaptureError`` if Redis refuses us at the start, if the name belongs to another
        capture or publisher, and if the capture cannot be read.
        """
        with closing(self._store), closing(self._writer):
            try:
                return self._run()
            finally:
                with suppress(CaptureError):
                    self.recorded = self._position + self._store.ahead(str(self._position))

    def _run(self) -> bool:
        deadline: float | None = None
        while True:
            ending = self._stopping
            if ending and deadline is None:
                deadline = time.monotonic() + GRACE_SECONDS
            if deadline is not None and time.monotonic() >= deadline:
                return False
            try:
                if not self.connected:
                    self.connect()
                if self.publish_some():
                    continue
                if ending or self._options.once:
                    if self.end():
                        return True
                    continue
                self._store.wait(str(self._position), _WAIT_SECONDS)
            except RedisError as error:
                self.lost(error)
                self._sleep(deadline)
            except BusyError:  # another program has locked the capture
                self._sleep(deadline)

    # --- the connection: ``run`` calls these, and so does a test that moves it step by step

    def connect(self) -> None:
        """Find out how far Redis has come, and continue from there. Raises as ``run`` does."""
        while not self._taken_over(self._writer.standing()):
            pass  # it changed meanwhile
        self._beat_at = time.monotonic() + BEAT_SECONDS
        self.connected = self._ever = True
        self._pause = _FIRST_PAUSE
        if self._away_since is not None:
            took = time.monotonic() - self._away_since
            self._away_since = None
            self._say(f"{self._address}: Redis is back after {took:.0f} s: publishing continues")
            self._say(None)

    def _taken_over(self, standing: Standing) -> bool:
        """Take over from where Redis has come to. Return whether it is still there then."""
        self._check(standing)
        again = standing.start is None or standing.capture_id != self._state.capture_id
        if not again:
            again = not self._fold_up_to(standing.last)
            now = self._writer.standing()  # folding may take minutes
            if (now.start, now.last) != (standing.start, standing.last):
                return False
            self._check(now)
            standing = now
        if again:
            if not self._begin(standing.state):
                return False
        else:
            assert standing.start is not None
            self._start = standing.start
            self._position = self._before = standing.last
            self._first = standing.length == 0
        self._rendering.rewind(self._shown(standing.last))
        return again or self._writer.take_over(self._now(), standing.state)

    def _shown(self, last: int) -> int:
        """Return up to where viewers may have seen more than is in Redis now, up to ``last``.

        What we sent may be lost, and so may what an earlier publisher sent, of which we know
        nothing: if there was one, and if there may have been one, that is all there is.
        """
        if self._ever:
            return self._sent
        known = last > 0 or is_live(self._path)
        return self._position + self._store.ahead(str(self._position)) if known else 0

    def _check(self, standing: Standing) -> None:
        """Raise ``CaptureError`` if the name is another capture's, or another process publishes."""
        other, state = standing.capture_id, standing.state
        if other is not None and other != self._state.capture_id and not self._options.replace:
            raise CaptureError(
                f"{self._address} is another capture: choose another name, or add --replace"
            )
        if state is None or state.publisher in ("", self._state.publisher) or state.ended:
            return
        if is_late(state, standing.now) or (
            state.host == self._state.host and not _is_running(state.publisher)
        ):
            return
        if self._ever:
            raise CaptureError(
                f"{self._address} is now being published by another process: this one ends"
            )
        raise CaptureError(
            f"{self._address} is already being published (by a process on {safe(state.host)}): "
            "choose another name, or stop that one"
        )

    def _fold_up_to(self, position: int) -> bool:
        """Fold everything up to a position; return False if the capture does not reach it."""
        while self._rendering.folded < position:
            batch = self._store.read(str(self._rendering.folded), _EVENTS)
            if not batch.events:
                return False
            self._rendering.fold(batch)
        return True

    def _begin(self, before: State | None) -> bool:
        """Begin the capture in Redis again: with its first event, or what retention leaves.

        Returns False if Redis has no longer the state that it had ``before``.
        """
        snapshot = self._rendering.snapshots.oldest
        if snapshot is None:
            batch = self._store.read(START, 1)
            self._rendering.fold(batch)
            lines = self._rendering.beginning(batch.events)
            snapshot = Snapshot(batch.places[0], 0.0, lines)
        self._start = self._position = self._before = snapshot.place
        self._first = True
        return self._writer.begin_anew(snapshot.place, snapshot.lines, self._now(), before)

    def lost(self, error: RedisError) -> None:
        """Take note that Redis is away. Raises the error if it refused us at the very start."""
        refused = self._options.once or not isinstance(error, RedisAwayError)
        if refused and not self._ever:
            raise error
        self.connected = False
        if self._away_since is None:
            self._away_since = time.monotonic()
            self._say(f"{error}; {self._meanwhile} when it is back")

    def _sleep(self, deadline: float | None) -> None:
        """Wait before the next attempt: longer each time, and not at the same time as others."""
        pause = self._pause * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        self._pause = min(self._pause * 2, _MOST_PAUSE)
        end = time.monotonic() + pause
        while (now := time.monotonic()) < min(end, deadline or end):
            if self._stopping and deadline is None:
                return
            time.sleep(min(_SLICE, end - now))

    def publish_some(self) -> bool:
        """Publish some events; return False if everything is published."""
        if self._is_cut():
            self._rendering = self._new_rendering()
            if not self._begin(self._state):
                self.connected = False
                return True
        batch = self._store.read(str(self._position), _EVENTS)
        if batch.events:
            self._rendering.fold(batch)
            entries: list[NewEntry] = []
            size = 0
            before = self._before
            for rendered in self._rendering.rendered(batch):
                lines = lines_of(rendered)
                if lines:
                    entries.append(NewEntry(rendered.place, before, lines))
                    before = rendered.place
                    size += len(lines)
                if size >= _PIECE:
                    self._send(entries, rendered.place)
                    entries, size = [], 0
                    if not self.connected:
                        return True
            self._send(entries, batch.places[-1])
            self._retain(batch.places[-1])
        if self.connected and time.monotonic() >= self._beat_at:
            self.beat()
        return bool(batch.events)

    def _send(self, entries: list[NewEntry], place: int) -> None:
        """Add entries, after which everything up to a place is published."""
        if entries:
            self._sent = max(self._sent, place)
            state = self._now(place)
            if not self._writer.add(entries, state, first=self._first):
                self.connected = False  # deleted: the next connection begins again
                return
            self._first = False
            self._before = entries[-1].position
        self._position = place

    def _is_cut(self) -> bool:
        """Return whether events that are not published were removed from the capture."""
        first = self._store.first()
        if first == self._local_first:
            return False
        self._local_first = first
        until = int(first)
        position = START
        while (batch := self._store.read(position, _EVENTS)).events:
            position = batch.position
            for event, place in zip(batch.events, batch.places, strict=True):
                if isinstance(event, Jar):
                    until = place + _PER_OPEN * len(event.open)
            if batch.places[-1] > until:
                break
        return self._position < until

    def _retain(self, place: int) -> None:
        """Remove what is beyond the limits, if that is due."""
        if not self._options.retention or not self.connected:
            return
        snapshot = self._rendering.snapshots.due(place, time.time())
        if snapshot is not None and snapshot.place > self._start:
            start, self._start = self._start, snapshot.place
            if not self._writer.begin(snapshot.place, snapshot.lines, self._now()):
                self._start, self.connected = start, False

    def beat(self) -> None:
        """Say that we are alive; find out whether everything is still there.

        Raises ``CaptureError`` if another publisher has taken over.
        """
        self._beat_at = time.monotonic() + BEAT_SECONDS
        self._retain_idle()
        self._beat(self._now())

    def _beat(self, state: State) -> None:
        entries = self._before > self._start and not self._first
        if not self._writer.beat(state, entries=entries):
            self.connected = False

    def _retain_idle(self) -> None:
        """Remove everything that is too old, also if nothing new comes."""
        most = self._options.retention.most_seconds
        rendering = self._rendering
        if most is None or rendering.folded != self._position or rendering.folded <= self._start:
            return
        last = rendering.trace.clock  # 0 if nothing was seen yet: then nothing is too old
        if 0.0 < last < time.time() - most and not rendering.trace.awaits_open:
            rendering.snapshots.add(rendering.snapshot(last))
        self._retain(self._position)

    def end(self) -> bool:
        """Say that everything is published, and that nothing more follows from here.

        Returns False if it has to be published again first. Raises ``CaptureError`` if another
        publisher has taken over.
        """
        self._beat(msgspec.structs.replace(self._now(), ended=True))
        return self.connected

    def _now(self, position: int | None = None) -> State:
        """Return what there is to say about the capture."""
        rendering = self._rendering
        recorder = rendering.trace.recorder
        at = self._position if position is None else position
        return msgspec.structs.replace(
            self._state,
            clock=time.time(),
            position=at,
            local=max(at, at + self._store.ahead(str(at))),
            recorder=recorder.state if recorder is not None else "",
            lost=rendering.lost,
            lost_message=rendering.message(rendering.lost_message)[:1000],
            jar=self._start if self._is_snapshot else 0,
        )

    @property
    def _is_snapshot(self) -> bool:
        return self._start > int(self._store.first())


def _is_running(publisher: str) -> bool:
    """Return whether a publisher of this machine still runs."""
    pid = publisher.partition("-")[0]
    if not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True

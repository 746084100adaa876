"""What a publisher does in Redis: adds entries, sets the start, trims, and says that it lives."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from cookietrace.errors import CaptureError
from cookietrace.stores.redis_streams.address import NAME, RedisAddress
from cookietrace.stores.redis_streams.connection import (
    Client,
    Commands,
    Held,
    RedisError,
    at_once,
    connect,
    redis_errors,
)
from cookietrace.stores.redis_streams.keys import (
    BEFORE,
    EVENTS,
    FORMAT,
    INDEX,
    MOST_LISTED,
    State,
    entry_id,
    events_key,
    read_start,
    read_state,
    start_key,
    state_key,
)

_LOOKED_AT: Final = 50
"""How many of the names that nobody has published for longest are looked after at a time."""

_THERE_ALREADY = "equal or smaller than the target stream top item"


class NewEntry(NamedTuple):
    """An entry that is to be added."""

    position: int
    before: int
    lines: bytes
    """The events as lines of JSON."""


class Standing(NamedTuple):
    """What Redis has of a capture."""

    state: State | None
    start: int | None
    """The position of the start; None if there is none."""
    capture_id: str | None
    """Of the capture that the start is of."""
    last: int
    """The position of the last entry ever added to the stream; that of the start if none was."""
    length: int
    now: float
    """The time of Redis."""


class StreamWriter:
    """The one writer of a capture's keys. For one thread.

    Every method raises ``RedisAwayError`` if Redis cannot be used now, and ``RedisError`` if it
    refuses a command. Whether what was sent has arrived is then not known: ``standing`` tells.
    """

    def __init__(self, address: RedisAddress) -> None:
        """Connect when it is first used. Raises ``CaptureError``."""
        self._address = address
        self._name = address.name
        self._client: Any = connect(address)
        self._clock = 0.0
        """What has to be added to our own monotonic clock to get the time of Redis."""

    def standing(self) -> Standing:
        """Return what Redis has of this capture. Raises ``CaptureError`` if that is no capture."""
        what = str(self._address)
        with redis_errors(self._address):
            pipeline = self._client.pipeline(transaction=False)
            pipeline.hgetall(state_key(self._name))
            pipeline.hgetall(start_key(self._name))
            pipeline.xinfo_stream(events_key(self._name))
            pipeline.time()
            state, start, stream, now = pipeline.execute(raise_on_error=False)
            for reply in (state, start, now):
                if isinstance(reply, Exception):
                    raise reply
            if isinstance(stream, Exception):
                if "no such key" not in str(stream):
                    raise stream
                stream = {"length": 0, "last-generated-id": b"0-0"}
        seconds = now[0] + now[1] / 1e6
        self._clock = seconds - time.monotonic()
        begun = read_start(start, what)
        first = begun.events[0] if begun is not None and begun.events else None
        last = int(bytes(stream["last-generated-id"]).partition(b"-")[0])
        return Standing(
            read_state(state, what),
            None if begun is None else begun.position,
            getattr(first, "capture_id", None),
            max(last, 0 if begun is None else begun.position),
            stream["length"],
            seconds,
        )

    def begin(self, position: int, lines: bytes, state: State) -> bool:
        """Set what a reader begins with, up to a position, and remove all entries up to there.

        It is done at once, or not at all. Returns False if the capture was deleted meanwhile.
        Raises ``CaptureError`` if another publisher has taken over.
        """

        def commands(pipeline: Client) -> None:
            self._set_start(pipeline, position, lines)

        return self._if_published_by(state.publisher, commands) is not None

    def begin_anew(self, position: int, lines: bytes, state: State, before: State | None) -> bool:
        """Remove whatever there is of the capture, set the start, and take over.

        It is done at once. Returns False, and does nothing, if somebody has taken over or deleted
        the capture since ``standing`` returned ``before``: of two publishers that begin in the same
        moment, one does.
        """

        def commands(pipeline: Client) -> None:
            pipeline.delete(events_key(self._name), start_key(self._name))
            self._set_start(pipeline, position, lines)
            pipeline.hset(state_key(self._name), mapping=self._beating(state).fields())

        return self._took_over(state, before, commands)

    def take_over(self, state: State, before: State | None) -> bool:
        """Say that this publisher is the one from now on. Returns False as ``begin_anew`` does."""

        def commands(pipeline: Client) -> None:
            pipeline.hset(state_key(self._name), mapping=self._beating(state).fields())

        return self._took_over(state, before, commands)

    def add(self, entries: Sequence[NewEntry], state: State, *, first: bool) -> bool:
        """Add entries in order, and say how far the capture is published.

        An entry that is there already is left as it is. ``first`` means that there may be no stream
        yet. Otherwise, returns False if there is none: someone deleted it, and what is in Redis has
        to be begun again. Nothing is added, and ``CaptureError`` is raised, if another publisher
        has taken over.
        """
        key = events_key(self._name)

        def commands(pipeline: Client) -> None:
            for entry in entries:
                fields: dict[bytes, bytes | str] = {EVENTS: entry.lines, BEFORE: str(entry.before)}
                pipeline.xadd(key, fields, id=entry_id(entry.position), nomkstream=not first)
            pipeline.hset(state_key(self._name), mapping=self._beating(state).fields())

        done = self._if_published_by(state.publisher, commands)
        if done is None:
            return False
        with redis_errors(self._address):
            for reply in done:
                if isinstance(reply, Exception) and _THERE_ALREADY not in str(reply):
                    raise reply
        return all(reply is not None for reply in done)

    def beat(self, state: State, *, entries: bool) -> bool:
        """Say that the publisher is alive, by the clock of Redis.

        Returns False, and says nothing, if what should be there is not: the start, the state, and
        with ``entries`` the stream. Raises ``CaptureError`` if another publisher has taken over.
        """
        keys = [start_key(self._name)] + [events_key(self._name)] * entries
        with redis_errors(self._address):
            pipeline = self._client.pipeline(transaction=False)
            pipeline.time()
            pipeline.exists(*keys)
            (seconds, microseconds), found = pipeline.execute()
        self._clock = seconds + microseconds / 1e6 - time.monotonic()
        if found < len(keys):
            return False
        beating = self._beating(state)

        def commands(pipeline: Client) -> None:
            pipeline.hset(state_key(self._name), mapping=beating.fields())

        done = self._if_published_by(state.publisher, commands)
        if done is None:
            return False
        with redis_errors(self._address):
            self._raise_first(done)
            self._client.zadd(INDEX, {self._name: beating.heartbeat})
        return True

    def _set_start(self, pipeline: Client, position: int, lines: bytes) -> None:
        fields: dict[str, str | bytes] = {
            "format": FORMAT,
            "position": str(position),
            "events": lines,
        }
        pipeline.hset(start_key(self._name), mapping=fields)
        pipeline.xtrim(events_key(self._name), minid=entry_id(position + 1), approximate=False)

    def _took_over(self, state: State, before: State | None, commands: Commands) -> bool:
        done = self._at_once("" if before is None else before.publisher, commands)
        if done is None:
            return False
        with redis_errors(self._address):
            self._raise_first(done)
            pipeline = self._client.pipeline(transaction=False)
            pipeline.zadd(INDEX, {self._name: self._beating(state).heartbeat})
            pipeline.zremrangebyrank(INDEX, 0, -MOST_LISTED - 1)
            pipeline.zrevrange(INDEX, -_LOOKED_AT, -1)
            *_, oldest = pipeline.execute()
            self._forget_gone([name.decode("latin-1") for name in oldest])
        return True

    def _forget_gone(self, names: Sequence[str]) -> None:
        """Remove names from the index whose captures are gone; not if that is not allowed."""
        known = [name for name in names if NAME.fullmatch(name) is not None]
        pipeline = self._client.pipeline(transaction=False)
        for name in known:
            pipeline.exists(state_key(name), start_key(name))
        found = pipeline.execute(raise_on_error=False)
        gone = [name for name, count in zip(known, found, strict=True) if count == 0]
        if gone:
            pipeline = self._client.pipeline(transaction=False)
            pipeline.zrem(INDEX, *gone)
            pipeline.execute(raise_on_error=False)

    def _if_published_by(self, publisher: str, commands: Commands) -> list[Any] | None:
        """Run commands at once; return None, and run none, if the state was deleted.

        Raises ``CaptureError`` if another publisher has taken over.
        """
        while (done := self._at_once(publisher, commands)) is None:
            with redis_errors(self._address):
                now = self._client.hget(state_key(self._name), "publisher")
            if now is None:
                return None
            if now != publisher.encode():
                raise CaptureError(
                    f"{self._address} is now being published by another process: this one ends"
                )
        return done

    def _at_once(self, publisher: str, commands: Commands) -> list[Any] | None:
        """Run commands in one transaction, in which nobody else becomes the publisher.

        Returns None, and runs none, if that is not ``publisher``, which is empty for nobody.
        """
        held = Held(state_key(self._name), "publisher", publisher.encode())
        return at_once(self._client, self._address, held, commands)

    @staticmethod
    def _raise_first(replies: Sequence[Any]) -> None:
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _beating(self, state: State) -> State:
        heartbeat = round(time.monotonic() + self._clock, 3)
        return msgspec.structs.replace(state, heartbeat=heartbeat)


def refused(error: CaptureError) -> bool:
    """Return whether Redis refuses us for good, as far as it can tell: waiting alone is no use."""
    return isinstance(error, RedisError) and type(error) is RedisError

"""Opens captures in Redis, and lists them."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from cookietrace.errors import CaptureError
from cookietrace.stores.redis_streams.address import NAME, RedisAddress, parse_redis_url
from cookietrace.stores.redis_streams.connection import (
    Client,
    TooLargeError,
    connect,
    redis_errors,
)
from cookietrace.stores.redis_streams.keys import (
    INDEX,
    LATE,
    MOST_LISTED,
    State,
    read_state,
    state_key,
)
from cookietrace.stores.redis_streams.reader import RedisStore

_AT_ONCE: Final = 500
"""How many states are asked for at a time."""


def open_redis(url: str, *, write: bool = False, patient: bool = False) -> RedisStore:
    """Open the capture that a URL names, for reading. Raises ``CaptureError``.

    ``patient`` is as for ``RedisStore``.
    """
    address = parse_redis_url(url)
    if write:
        raise CaptureError(
            f"{address} can only be read: record into a file, and publish it with "
            "`cookietrace publish FILE URL`"
        )
    return RedisStore(address, patient=patient)


class Published(msgspec.Struct, frozen=True):
    """One capture in Redis, as the listing shows it."""

    name: str
    state: State | None
    """None if it cannot be read."""
    silent: float
    """For how many seconds its publisher has said nothing, by the clock of Redis."""
    trouble: str | None = None
    """Why its state cannot be read."""

    @property
    def alive(self) -> bool:
        """Whether its publisher is running and can reach Redis."""
        state = self.state
        return state is not None and not state.ended and self.silent < LATE * state.every

    @property
    def behind(self) -> int:
        """How many events were not published yet, at the last heartbeat."""
        return 0 if self.state is None else max(0, self.state.local - self.state.position)

    @property
    def clock_off(self) -> float:
        """By how many seconds the recorder's clock is ahead of that of Redis."""
        state = self.state
        return 0.0 if state is None or not state.clock else state.clock - state.heartbeat


def published(address: RedisAddress) -> tuple[Published, ...]:
    """Return the captures on a server that the address may mean, sorted by name.

    They are those of one index key; no other key is looked for. Raises ``CaptureError``.
    """
    client = connect(address)
    try:
        return published_by(client, address)
    finally:
        client.close()


def published_by(client: Client, address: RedisAddress) -> tuple[Published, ...]:
    """Return the same through a client, which stays open."""
    pattern = address.capture or "*"
    with redis_errors(address):
        names = client.zrevrange(INDEX, 0, MOST_LISTED - 1)
        seconds, microseconds = client.time()
    known = sorted(
        text
        for text in (name.decode("latin-1") for name in names)
        if NAME.fullmatch(text) is not None and fnmatchcase(text, pattern)
    )
    now = seconds + microseconds / 1e6
    chunks = (known[at : at + _AT_ONCE] for at in range(0, len(known), _AT_ONCE))
    return tuple(
        _described(address.named(name), name, reply, now)
        for chunk in chunks
        for name, reply in zip(chunk, _states(client, address, chunk), strict=True)
    )


def _states(client: Client, address: RedisAddress, names: Sequence[str]) -> Sequence[object]:
    """Return the hash of each capture's state, or the error that it is too large."""
    try:
        with redis_errors(address):
            pipeline = client.pipeline(transaction=False)
            for name in names:
                pipeline.hgetall(state_key(name))
            replies: list[object] = pipeline.execute(raise_on_error=False)
            return replies
    except TooLargeError as error:
        if len(names) == 1:
            return [error]
        return [reply for name in names for reply in _states(client, address, [name])]


def _described(address: RedisAddress, name: str, reply: object, now: float) -> Published:
    try:
        with redis_errors(address):
            if isinstance(reply, Exception):
                raise reply
            assert isinstance(reply, dict)
        state = read_state(reply, str(address))
    except CaptureError as error:
        return Published(name, None, 0.0, str(error))
    if state is None:
        return Published(name, None, 0.0, f"{address} was deleted from Redis")
    return Published(name, state, max(0.0, now - state.heartbeat))

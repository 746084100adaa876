"""Opens captures in Redis, and lists them."""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec

from cookietrace.errors import CaptureError
from cookietrace.stores.redis_streams.address import NAME, RedisAddress, parse_redis_url
from cookietrace.stores.redis_streams.connection import Client, connect, redis_errors
from cookietrace.stores.redis_streams.keys import INDEX, LATE, State, read_state, state_key
from cookietrace.stores.redis_streams.reader import RedisStore

_MOST_LISTED = 10_000


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
        names = client.zrevrange(INDEX, 0, _MOST_LISTED - 1)
        seconds, microseconds = client.time()
        pipeline = client.pipeline(transaction=False)
        known = sorted(
            text
            for text in (name.decode("latin-1") for name in names)
            if NAME.fullmatch(text) is not None and fnmatchcase(text, pattern)
        )
        for name in known:
            pipeline.hgetall(state_key(name))
        replies = pipeline.execute(raise_on_error=False)
    now = seconds + microseconds / 1e6
    return tuple(
        _described(address.named(name), name, reply, now)
        for name, reply in zip(known, replies, strict=True)
    )


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

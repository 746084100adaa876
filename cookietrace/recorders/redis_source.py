"""Captures in Redis whose names match a pattern: found in the index key, and never by ``KEYS``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from cookietrace.recorders.source import Sighting
from cookietrace.recorders.state import CLOCK_OFF, Life, RecorderState
from cookietrace.stores import CaptureStore
from cookietrace.stores.redis_streams.address import RedisAddress
from cookietrace.stores.redis_streams.connection import connect, redis_errors
from cookietrace.stores.redis_streams.keys import entry_id, events_key, position_of
from cookietrace.stores.redis_streams.opening import Published, published_by
from cookietrace.stores.redis_streams.reader import RedisStore, entry_before


class RedisSource:
    """The captures on one server that an address with a pattern means."""

    def __init__(self, address: RedisAddress) -> None:
        """Connect when it is first used. Raises ``CaptureError`` as ``connect`` does."""
        self._address = address
        self._looking, self._waiting = connect(address), connect(address)

    @property
    def title(self) -> str:
        """What is looked at, in a few words; display text."""
        return str(self._address)

    @property
    def grows(self) -> bool:
        """Whether captures may appear later."""
        return True

    def look(self) -> Sequence[Sighting]:
        """Return the captures that are there now. Raises ``CaptureError``."""
        return [self._sighting(each) for each in published_by(self._looking, self._address)]

    def position_of(self, place: int) -> int:
        """Return the position in the recorder's own capture of an event in Redis."""
        return position_of(place)[0]

    def wait(
        self, stores: Mapping[str, tuple[CaptureStore, str]], timeout: float
    ) -> Collection[str]:
        """Wait until a capture has grown; return the keys of those that have.

        One command waits for all of them. Raises ``CaptureError``.
        """
        last = {key: entry_before(position) for key, (_, position) in stores.items()}
        within = [key for key, position in last.items() if position is None]
        if within or not last:
            return within
        streams = {events_key(_name(key)): entry_id(at) for key, at in last.items() if at}
        streams |= {events_key(_name(key)): "0-0" for key, at in last.items() if at == 0}
        block = max(1, int(timeout * 1000)) if timeout > 0 else None
        with redis_errors(self._address):
            reply: Any = self._waiting.xread(streams, count=1, block=block)
        grown = {bytes(stream) for stream, _ in reply or ()}
        return [key for key in stores if events_key(_name(key)).encode() in grown]

    def close(self) -> None:
        """Close the connections."""
        self._looking.close()
        self._waiting.close()

    def _sighting(self, found: Published) -> Sighting:
        address, state = self._address.named(found.name), found.state
        return Sighting(
            key=found.name if state is None else f"{found.name} {state.capture_id}",
            name=found.name,
            place=str(address),
            state=_described(found),
            open=partial(RedisStore, address, patient=True),
            end=None if state is None else state.position,
        )


def _name(key: str) -> str:
    """Return the name in the key of a sighting: a name in Redis has no spaces."""
    return key.partition(" ")[0]


def _described(found: Published) -> RecorderState:
    """Return what a publisher says about its recorder."""
    state = found.state
    if state is None:
        return RecorderState(name=found.name, life=Life.SILENT, trouble=found.trouble)
    life = Life.LIVE if found.alive else Life.SILENT
    if state.ended or state.recorder == "stopped":
        life = Life.ENDED
    return RecorderState(
        name=found.name,
        life=life,
        host=state.host,
        silent=found.silent,
        unpublished=found.behind,
        lost=state.lost,
        lost_message=state.lost_message,
        clock_off=found.clock_off if abs(found.clock_off) >= CLOCK_OFF else 0.0,
    )

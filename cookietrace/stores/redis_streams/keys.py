"""The keys of a capture in Redis, and what is in them.

| key | type | content |
|---|---|---|
| ``cookietrace:{NAME}:events`` | stream | one entry per position of the recorder's own capture |
| ``cookietrace:{NAME}:start`` | hash | what a reader begins with: ``position`` and ``events`` |
| ``cookietrace:{NAME}:state`` | hash | the publisher's state: the fields of ``State`` |
| ``cookietrace:captures`` | sorted set | the names, by the time of the last heartbeat |

The braces are a hash tag: a cluster keeps the keys of one capture together.

The id of an entry is ``POSITION-0``, where POSITION is that of an event in the recorder's capture.
Redis refuses an id that is not greater than the last one, so nothing can be added twice. An entry
has two fields: ``e``, the events as lines of JSON, and ``p``, the position of the entry before it
(or of the start). A reader sees from ``p`` whether entries between two are missing.

``start`` has the events that come before the first entry: at first the ``capture`` event alone,
later, if old entries were removed, also the clients, a ``jar`` event for each, and the requests
without response. ``position`` is the position up to which it stands for everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from cookietrace.errors import CaptureError, FormatError
from cookietrace.events import LONGEST, Event, decode, encode
from cookietrace.safe_text import safe

INDEX: Final = "cookietrace:captures"
"""The sorted set of all captures on a server."""

MOST_LISTED: Final = 10_000
"""How many captures the index holds: those whose publishers were alive last."""

MOST_POSITION: Final = 2**47 - 1
"""The greatest position of an entry: more events than any recorder writes."""

FORMAT: Final = "1"
"""The version of this layout; a reader refuses a newer one."""

_LATEST: Final = 253_402_300_800.0
"""The end of the year 9999, in Unix time."""

_MOST_EVERY: Final = 3600.0

LATE: Final = 3.5
"""After so many heartbeats without one a publisher counts as away."""

EVENTS: Final = b"e"
BEFORE: Final = b"p"
_PLACES_PER_ENTRY: Final = 1 << 16


def events_key(name: str) -> str:
    """Return the key of a capture's stream."""
    return f"cookietrace:{{{name}}}:events"


def start_key(name: str) -> str:
    """Return the key of what a reader of a capture begins with."""
    return f"cookietrace:{{{name}}}:start"


def state_key(name: str) -> str:
    """Return the key of a capture's state."""
    return f"cookietrace:{{{name}}}:state"


def entry_id(position: int) -> str:
    """Return the id of the entry at a position."""
    return f"{position}-0"


def place_of(position: int, index: int) -> int:
    """Return the place of an event: the ``index``-th of the entry at a position, from 1.

    Index 0 is the place of a gap before that entry.
    """
    return position * _PLACES_PER_ENTRY + min(index, _PLACES_PER_ENTRY - 1)


def position_of(place: int) -> tuple[int, int]:
    """Return the position and the index of a place."""
    return divmod(place, _PLACES_PER_ENTRY)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What one entry of the stream holds, or the start."""

    position: int
    before: int
    events: tuple[Event, ...]


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What a publisher says about itself and of its capture, as strings in a hash."""

    format: str = FORMAT
    capture_id: str
    publisher: str = ""
    """Random; another one for each run of a publisher. Empty if none has said so yet."""
    host: str
    """The recorder's machine, as it calls itself."""
    started: float
    """When the capture was begun, in the recorder's Unix time."""
    heartbeat: float
    """When the publisher last said that it is alive, in Redis' Unix time."""
    clock: float = 0.0
    """The same moment in the recorder's Unix time; 0 if it is not known."""
    every: float
    """How many seconds there are between two heartbeats."""
    position: int = 0
    """Up to where the capture is published."""
    local: int = 0
    """The last position of the recorder's own capture."""
    recorder: str = ""
    """``started`` or ``stopped``, as the recorder's last event says; empty if there is none."""
    lost: int = 0
    """How often the recorder lost events (gaps in the capture)."""
    lost_message: str = ""
    """What it said about the last time."""
    redacted: bool = True
    jar: int = 0
    """The position of the jars with which a reader begins; 0 if it begins with the first event."""
    ended: bool = False
    """Whether the publisher has ended in an orderly way, with everything published."""

    def fields(self) -> dict[str, str]:
        """Return the hash."""
        return {
            name: str(int(value) if isinstance(value, bool) else value)
            for name, value in msgspec.structs.asdict(self).items()
        }


def is_late(state: State, now: float) -> bool:
    """Return whether a publisher has said nothing for so long that it must have ended.

    ``now`` is the time of Redis.
    """
    return now - state.heartbeat > LATE * state.every


def read_state(fields: Mapping[bytes, bytes], what: str) -> State | None:
    """Return the state in a hash; None if there is none. ``what`` names it in errors.

    Raises ``CaptureError`` if it is not the state of a capture, or one of a newer layout.
    """
    if not fields:
        return None
    try:
        texts = {key.decode(): value.decode()[:4096] for key, value in fields.items()}
        if texts.get("format", "") != FORMAT:
            raise CaptureError(
                f"{what} was published by another version of cookietrace: upgrade cookietrace"
            )
        state = msgspec.convert(texts, State, strict=False)
        numbers = state.position, state.local, state.lost, state.jar
        times = state.started, state.heartbeat, state.clock
        if not (
            all(0 <= number <= MOST_POSITION for number in numbers)
            and all(abs(each) <= _LATEST for each in times)  # NaN is not
            and 0 < state.every <= _MOST_EVERY
        ):
            raise ValueError("out of range")
        return state
    except ValueError as error:  # also what is no UTF-8, or not of its type
        raise CaptureError(f"{what} is not a capture of cookietrace: its state is damaged") from (
            error
        )


def encode_events(events: Sequence[Event]) -> bytes:
    """Return events as lines of JSON."""
    return b"\n".join([encode(event).replace(b"\n", b" ") for event in events])


def read_entry(position: int, fields: Mapping[bytes, bytes], what: str) -> Entry:
    """Return an entry of the stream, checked. Raises ``CaptureError`` that names ``what``."""
    lines, before = fields.get(EVENTS), fields.get(BEFORE)
    if lines is None or before is None or not 0 < position <= MOST_POSITION:
        raise CaptureError(f"{what} holds an entry that cookietrace did not write")
    return Entry(position, _position(before, what), decode_events(lines, what))


def read_start(fields: Mapping[bytes, bytes], what: str) -> Entry | None:
    """Return what a reader begins with; None if there is nothing. Raises ``CaptureError``."""
    if not fields:
        return None
    lines, position = fields.get(b"events"), fields.get(b"position")
    if lines is None or position is None:
        raise CaptureError(f"{what} is not a capture of cookietrace: its start is damaged")
    at = _position(position, what)
    return Entry(at, at, decode_events(lines, what))


def decode_events(lines: bytes, what: str) -> tuple[Event, ...]:
    """Return the events in lines of JSON. Raises ``CaptureError``."""
    try:
        if len(lines) > LONGEST:
            raise FormatError("longer than any event")
        return tuple([decode(line) for line in lines.split(b"\n")])
    except FormatError as error:
        raise CaptureError(f"{what} holds an event that is {safe(str(error))}") from error


def _position(text: bytes, what: str) -> int:
    if not text.isdigit() or len(text) > 15 or (number := int(text)) > MOST_POSITION:
        raise CaptureError(f"{what} holds an entry that cookietrace did not write")
    return number

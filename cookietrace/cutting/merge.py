"""Makes one capture of several, in the order of time."""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from cookietrace import __version__
from cookietrace.cutting.ids import remembered, renamed
from cookietrace.errors import CaptureError
from cookietrace.events import (
    SCHEMA,
    Capture,
    Client,
    Event,
    Jar,
    Listener,
    Recorder,
    Removed,
    Request,
    Response,
    Session,
)
from cookietrace.fold.timed import TIMED

_replace = msgspec.structs.replace


def merge(captures: Sequence[tuple[str, Sequence[Event]]]) -> Iterator[Event]:
    """Yield the events of several captures as those of one.

    Each capture has a name for errors. Its events keep their order; those of different captures
    go by time. Clients stay apart, so every exchange has the verdicts that its own capture gives
    it. Steps are numbered again. Raises ``CaptureError`` if there are fewer than two captures, if
    two are the same recording, or if only some of them are redacted.
    """
    if len(captures) < 2:
        raise CaptureError("name at least two captures to merge")
    infos = [_info(name, events) for name, events in captures]
    _refuse_twice([name for name, _ in captures], infos, [events for _, events in captures])
    plain = [name for (name, _), info in zip(captures, infos, strict=True) if not info.redacted]
    if 0 < len(plain) < len(infos):
        raise CaptureError(
            f"{plain[0]} is not redacted, and another one is: merge the recordings themselves, "
            "or export this one as JSONL first"
        )
    yield Capture(
        capture_id=secrets.token_hex(16),
        schema=SCHEMA,
        at=min(info.at for info in infos),
        producer=f"cookietrace {__version__}",
        sensitive=any(info.sensitive for info in infos),
        redacted=infos[0].redacted,
    )
    every = [events for _, events in captures]
    yield _recorder(every, min(info.at for info in infos))
    removed = _removed(every)
    used: set[str] = set()
    streams = []
    for number, events in enumerate(every, 1):
        names = _Names(events, used, number, removed)
        streams.append(_timed(names, events, number))
    for _, _, _, event in heapq.merge(*streams, key=lambda entry: entry[:3]):
        yield event


def _info(name: str, events: Sequence[Event]) -> Capture:
    if not events or not isinstance(events[0], Capture):
        raise CaptureError(f"{name} does not begin with a capture event")
    return events[0]


def _refuse_twice(
    names: Sequence[str], infos: Sequence[Capture], captures: Sequence[Sequence[Event]]
) -> None:
    """Raise ``CaptureError`` if two captures have the same id or the same exchanges."""
    seen: dict[object, str] = {}
    for name, info, events in zip(names, infos, captures, strict=True):
        marks: set[object] = {info.capture_id}
        marks.update((each.exchange_id, each.at) for each in events if isinstance(each, Request))
        for mark in marks:
            if mark in seen:
                raise CaptureError(f"{name} and {seen[mark]} are the same recording")
        seen.update(dict.fromkeys(marks, name))


def _recorder(captures: Sequence[Sequence[Event]], at: float) -> Recorder:
    """Return one start of all recorders, with all listeners, at the time of the beginning."""
    started = [
        event
        for events in captures
        for event in events
        if isinstance(event, Recorder) and event.state == "started"
    ]
    listeners: dict[Listener, None] = {}
    for event in started:
        listeners.update(dict.fromkeys(event.listeners))
    return Recorder(
        at=at,
        state="started",
        listeners=tuple(listeners),
    )


def _removed(captures: Sequence[Sequence[Event]]) -> Removed | None:
    """Return what is missing in all captures together."""
    last = []
    for events in captures:
        found = [event.removed for event in events if isinstance(event, Jar) and event.removed]
        last += found[-1:]
    if not last:
        return None
    return _replace(
        last[0],
        exchanges=sum(each.exchanges for each in last),
        until=max(each.until for each in last),
    )


def _timed(
    names: _Names, events: Iterable[Event], number: int
) -> Iterator[tuple[float, int, int, Event]]:
    """Yield the events with what they are ordered by: a capture's own order never changes.

    That is its own clock, so that of all events together is the same at each of them.
    """
    clock, requests = 0.0, set[str]()
    for place, event in enumerate(events):
        if isinstance(event, Request):
            requests.add(event.exchange_id)
        known = not isinstance(event, Response) or event.exchange_id in requests
        if known and isinstance(event, TIMED):
            clock = max(clock, event.at)
        if isinstance(event, Capture) or (isinstance(event, Recorder) and event.state != "gap"):
            continue
        yield clock, number, place, names.renamed(event)


class _Names:
    """New ids for the clients, exchanges and connections of one capture."""

    def __init__(
        self, events: Sequence[Event], used: set[str], number: int, removed: Removed | None
    ) -> None:
        """``used`` are the ids that others have; those of this capture are added."""
        self._removed = removed
        ids = dict.fromkeys(_ids_of(events))
        self._new: dict[str, str] = {}
        for name in ids:
            if name in used:
                self._new[name] = _unused(name, number, used, ids)
        used.update(self._new.get(name, name) for name in ids)

    def renamed(self, event: Event) -> Event:
        """Return an event with its new ids."""
        return renamed(event, self._of, self._removed)

    def _of(self, name: str) -> str:
        return self._new.get(name, name)


def _ids_of(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        if isinstance(event, Client | Session | Jar):
            yield event.client_id
            if isinstance(event, Jar):
                yield from remembered(event)
        elif isinstance(event, Request):
            yield event.client_id
            yield event.exchange_id
            if event.connection is not None:
                yield event.connection


def _unused(name: str, number: int, used: set[str], own: Iterable[str]) -> str:
    taken, count = {*own}, number
    while (new := f"{name}-{count}") in used or new in taken:
        count += 1
    return new

"""Folds a capture twice: as it was, and as it would have been.

In the second telling, each request sends what the client's jar then predicts. Where the real
client sent other cookies than its jar predicted (a script wrote one, or deleted one), the imagined
one does the same. The app is taken to respond as it did: what it would have done with other
cookies is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cookietrace.cookies import parse_cookie_header
from cookietrace.errors import FormatError
from cookietrace.events import Browser, Capture, Event, Jar, Request, Response, Server
from cookietrace.lesson.what_if.line_change import LineChange
from cookietrace.lesson.what_if.moves import Move, moved_jar, moved_request
from cookietrace.lesson.what_if.shifted import shifted_headers
from cookietrace.trace import Trace

_replace = msgspec.structs.replace


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """What is different."""

    browser: str | None = None
    """The browser whose rules hold; None for the one that was recorded."""
    changes: tuple[LineChange, ...] = ()
    moves: tuple[Move, ...] = ()
    later: tuple[tuple[str, float], ...] = ()
    """Exchanges from whose request on everything happens so many seconds later."""


class Retelling(msgspec.Struct, frozen=True):
    """Both tellings; their exchanges correspond one to one."""

    real: Trace
    imagined: Trace
    changed: tuple[tuple[str, str, str | None], ...]
    """For each line that the scenario changed: its exchange, the line, and what it became."""
    set_so_already: bool = False
    """Whether a line that the scenario is about says already what it would become."""


def retold(
    events: Iterable[Event],
    scenario: Scenario,
    browser: str = "auto",
    real: Trace | None = None,
) -> Retelling:
    """Return a capture as it was and as it would have been.

    ``browser`` are the rules that the real telling is read by; ``real`` is that telling, if there
    is one already that is not packed. Raises ``FormatError`` for a
    redacted capture, whose values are tokens, and as reading the events does.
    """
    # Neither is packed: what the scenario changed cannot be read from the capture, and both are
    # compared exchange by exchange. They share the events that are the same.
    known = real is not None
    real = Trace(browser) if real is None else real
    editor = _Editor(scenario, real)
    imagined = Trace(scenario.browser or browser, imagine=editor.imagine)
    for event in events:
        if isinstance(event, Capture) and event.redacted:
            raise FormatError(
                "this capture is redacted: its verdicts cannot be made anew from tokens"
            )
        if not known:
            real.apply(event)
        for changed in editor.edited(event):
            imagined.apply(changed)
    return Retelling(real, imagined, tuple(editor.changed), editor.set_so_already)


class _Editor:
    """Changes events by a scenario."""

    def __init__(self, scenario: Scenario, real: Trace) -> None:
        self._scenario = scenario
        self._real = real
        self._later = dict(scenario.later)
        self._shift = 0.0
        self._differing: set[str] = set()
        """Exchanges whose requests have other cookies than they had."""
        self.changed: list[tuple[str, str, str | None]] = []
        self.set_so_already = False

    def edited(self, event: Event) -> tuple[Event, ...]:
        """Return what takes the place of an event."""
        if isinstance(event, Request):
            self._shift += self._later.get(event.exchange_id, 0.0)
            event = moved_request(event, self._scenario.moves)
        elif isinstance(event, Response):
            event = self._response(event)
            if self._shift:
                headers = shifted_headers(event.headers, event.at, self._shift)
                event = _replace(event, headers=headers)
        elif isinstance(event, Jar):
            event = moved_jar(event, self._scenario.moves)
        elif isinstance(event, Browser):
            return ()  # it said so of what it did, not of what it would have done
        elif isinstance(event, Server) and event.exchange_id in self._differing:
            return ()  # the app would have read other cookies
        at = getattr(event, "at", None)
        if self._shift and at is not None:
            event = _replace(event, at=at + self._shift)
        return (event,)

    def imagine(self, event: Request, expected: str) -> Request:
        """Return a request with what the imagined jar predicts.

        What the real client sent besides what its jar predicted, or left out of that, it sends or
        leaves out here too.
        """
        real = self._real.exchange(event.exchange_id).request
        header = real.observed
        if expected != real.expected:
            before, seen = _pairs(real.expected), _pairs(header)
            added = {name: value for name, value in seen if (name, value) not in before}
            header = "; ".join(
                [
                    f"{name}={value}" if name else value
                    for name, value in (
                        *(
                            pair
                            for pair in _pairs(expected)
                            if pair[0] not in added and (pair in seen or pair not in before)
                        ),
                        *added.items(),
                    )
                ]
            )
        if header == real.observed:
            return event
        self._differing.add(event.exchange_id)
        headers = [each for each in event.headers if each[0].lower() != "cookie"]
        if header:
            headers.append(("Cookie", header))
        return _replace(event, headers=tuple(headers))

    def _response(self, event: Response) -> Response:
        """Return a response with its Set-Cookie lines changed."""
        headers: list[tuple[str, str]] = []
        before = len(self.changed)
        for name, value in event.headers:
            line: str | None = value
            if name.lower() == "set-cookie":
                for change in self._scenario.changes:
                    if line is not None and change.applies_to(line, event.exchange_id):
                        before_it, line = line, change.applied_to(line)
                        self.set_so_already = self.set_so_already or line == before_it
                if line != value:
                    self.changed.append((event.exchange_id, value, line))
            if line is not None:
                headers.append((name, line))
        moved = tuple(headers) if len(self.changed) > before else event.headers
        for move in self._scenario.moves:
            moved = move.headers(moved)
        return event if moved == event.headers else _replace(event, headers=moved)


def _pairs(header: str) -> list[tuple[str, str]]:
    return list(parse_cookie_header(header)) if header else []

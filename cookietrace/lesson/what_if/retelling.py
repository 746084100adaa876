"""Folds a capture twice: as it was, and as it would have been.

In the second telling, each request sends what the client's jar then predicts. Where the real
client sent other cookies than its jar predicted (a script wrote one, or deleted one), the imagined
one does the same, except for a cookie that it held because of a line that is another here. The app
is taken to respond as it did: what it would have done with other cookies is unknown.

Both tellings go side by side, event by event. What comes before the first change is folded once,
and so is what comes after both agree again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from cookietrace.archive import PLAIN, PackedShelf, Shelf
from cookietrace.archive.kept import EventsAt
from cookietrace.errors import FormatError
from cookietrace.events import Body, Browser, Capture, Edited, Event, Request, Server
from cookietrace.lesson.what_if.editor import Editor, StepPassedError
from cookietrace.lesson.what_if.imagined_trace import ImaginedTrace
from cookietrace.lesson.what_if.scenario import Scenario
from cookietrace.stores import Passing, StoredEvents
from cookietrace.trace import Trace

MOST_WHOLE = 80_000
"""How many events a capture has of which everything stays whole: packing takes almost as long as
folding. Of a longer one, only the newest exchanges do, so that memory stays what it is."""

PATIENCE, _MOST_PATIENCE = 16, 2048
"""After how many requests it is tried whether both tellings agree again: later each time."""


class Retelling(msgspec.Struct, frozen=True):
    """Both tellings; their exchanges correspond one to one."""

    real: Trace
    imagined: ImaginedTrace
    changed: tuple[tuple[str, str, str | None], ...]
    """For each line that the scenario changed: its exchange, the line, and what it became."""
    set_so_already: bool = False
    """Whether a line that the scenario is about says already what it would become."""


def retold(
    events: Iterable[Event],
    scenario: Scenario,
    browser: str = "auto",
    *,
    passing: Passing = iter,
    most_whole: int = MOST_WHOLE,
    patience: int = PATIENCE,
) -> Retelling:
    """Return a capture as it was and as it would have been.

    ``browser`` are the rules that the real telling is read by. The events go through ``passing``
    one by one. If there are more than ``most_whole`` and they can be read again, the traces are
    packed. After ``patience`` requests it is tried whether both agree again, and later each time.
    Neither number changes the result.
    Raises ``FormatError`` for a redacted capture, whose values are tokens, and for a step that
    does not exist; and as reading the events does.
    """
    try:
        return _retold(events, scenario, browser, passing, most_whole, patience)
    except StepPassedError as passed:
        # Its request came before it was known to be the step.
        later = tuple(
            [
                (passed.exchange_id if step == passed.step else step, seconds)
                for step, seconds in scenario.later
            ]
        )
        return retold(
            events,
            msgspec.structs.replace(scenario, later=later),
            browser,
            passing=passing,
            most_whole=most_whole,
            patience=patience,
        )


def _retold(
    events: Iterable[Event],
    scenario: Scenario,
    browser: str,
    passing: Passing,
    most_whole: int,
    patience: int,
) -> Retelling:
    shelf: Shelf = PLAIN
    events_at: EventsAt | None = None
    if isinstance(events, StoredEvents) and events.about() > most_whole:
        shelf, events_at = PackedShelf(events.events_at), events.events_at
    real = Trace(browser, shelf)
    editor = Editor(scenario, real)
    imagined = ImaginedTrace(
        real,
        scenario.browser or browser,
        shelf,
        editor.imagine,
        None if events_at is None else editor.again(events_at),
    )
    editor.imagined = imagined
    if editor.changes_all:
        imagined.part()
    left = patience
    for event, place in _placed(events, passing):
        if isinstance(event, Capture) and event.redacted:
            raise FormatError(
                "this capture is redacted: its verdicts cannot be made anew from tokens"
            )
        if not imagined.shares and isinstance(event, Request) and not editor.changes_all:
            left -= 1
            if left <= 0:
                patience = left = min(2 * patience, _MOST_PATIENCE)
                if imagined.agrees:
                    imagined.join()
        if imagined.shares and editor.may_change(event):
            imagined.part()
        editor.saw(real.apply(event, place))
        if imagined.shares:
            if isinstance(event, Body | Browser | Edited | Server):
                for late in editor.edited(event, place):
                    imagined.late(late, place)
            continue
        told = editor.edited(event, place)
        for one in told:
            imagined.apply(one, place)
        if not told:
            imagined.pass_over(event)
    if editor.unknown:
        last = real.rows[-1].number if len(real.rows) else 0
        have = f"its steps are 1 to {last}" if last else "it has no steps"
        raise FormatError(f"there is no step {editor.unknown[0]} in this capture: {have}")
    imagined.part()
    return Retelling(real, imagined, tuple(editor.changed), editor.set_so_already)


def _placed(events: Iterable[Event], passing: Passing) -> Iterator[tuple[Event, int | None]]:
    if isinstance(events, StoredEvents):
        yield from events.placed(passing)
    else:
        for event in passing(events):
            yield event, None

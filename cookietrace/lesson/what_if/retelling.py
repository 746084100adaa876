"""Folds a capture twice: as it was, and as it would have been.

In the second telling, each request sends what the client's jar then predicts. Where the real
client sent other cookies than its jar predicted (a script wrote one, or deleted one), the imagined
one does the same, except for a cookie that it held because of a line that is another here. The app
is taken to respond as it did: what it would have done with other cookies is unknown.

A request that its browser says had no credentials sends no cookies in either telling. The browser
says so only after the request. If that was told otherwise, the capture is told again from the
beginning, with all that was learned.

Both tellings go side by side, event by event. What comes before the first change is folded once,
and so is what comes after both agree again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple, Protocol

import msgspec

from cookietrace.archive import PLAIN, PackedShelf, Shelf
from cookietrace.archive.kept import EventsAt
from cookietrace.errors import FormatError
from cookietrace.events import Body, Browser, Capture, Edited, Event, Request, Server
from cookietrace.fold.exchange import Exchange
from cookietrace.lesson.mask import Mask
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.problems import problems
from cookietrace.lesson.prose import without_credentials
from cookietrace.lesson.table import Table
from cookietrace.lesson.what_if.differences import Difference, compared
from cookietrace.lesson.what_if.editor import Editor, LearnedTooLateError, StepPassedError
from cookietrace.lesson.what_if.imagined_trace import ImaginedTrace
from cookietrace.lesson.what_if.scenario import Scenario
from cookietrace.lesson.what_if.sent_oddly import SentOddly, sent_oddly
from cookietrace.stores import Passing, StoredEvents
from cookietrace.trace import Trace

MOST_WHOLE = 80_000
"""How many events a capture has of which everything stays whole: packing takes almost as long as
folding. Of a longer one, only the newest exchanges do, so that memory stays what it is."""

PATIENCE, _MOST_PATIENCE = 16, 2048
"""After how many requests it is tried whether both tellings agree again: later each time."""


Changed = tuple[tuple[str, str, str | None], ...]
"""For each line that a scenario changed: its exchange, the line, and what it became."""


class Raised(NamedTuple):
    """A problem of the imagined telling, whose row nobody has seen."""

    moment: Moment
    exchange_id: str
    """That of the row which shows it."""
    names: frozenset[str]
    """The cookies that the row is about."""


class Retold(Protocol):
    """Both tellings, as a report asks for them: the imagined one may be in another process.

    Then all but ``real`` may raise ``EndedError``.
    """

    @property
    def real(self) -> Trace:
        """The telling as it was."""

    @property
    def changed(self) -> Changed:
        """The lines that the scenario changed."""

    @property
    def set_so_already(self) -> bool:
        """Whether a line that the scenario is about says already what it would become."""

    @property
    def sent_otherwise(self) -> Collection[str]:
        """The exchanges whose requests send other cookies."""

    def differences(self) -> Sequence[Difference]:
        """Return what differs, in the order of the exchanges: first what they send."""

    def raised(self, mask: Mask) -> Sequence[Raised]:
        """Return the problems of the imagined telling; ``mask`` as a table has it."""

    def imagined_exchange(self, exchange_id: str) -> Exchange:
        """Return an exchange as it would have been."""


class Retelling(msgspec.Struct, frozen=True):
    """Both tellings in this process; their exchanges correspond one to one."""

    real: Trace
    imagined: ImaginedTrace
    changed: Changed
    set_so_already: bool
    sent_otherwise: Collection[str]
    without: frozenset[str]
    """The exchanges that had no credentials: nothing about their cookies differs."""

    def differences(self) -> list[Difference]:
        """Return what differs."""
        real, imagined = self.real.exchanges, self.imagined.exchanges
        found = (compared(real[number - 1], imagined[number - 1]) for number in imagined.own)
        every = chain.from_iterable(found)
        return [each for each in every if each.exchange_id not in self.without]

    def raised(self, mask: Mask) -> list[Raised]:
        """Return the problems of the imagined telling."""
        return raised(self.imagined, mask)

    def imagined_exchange(self, exchange_id: str) -> Exchange:
        """Return an exchange as it would have been."""
        return self.imagined.exchange(exchange_id)


def raised(imagined: Trace, mask: Mask) -> list[Raised]:
    """Return the problems of a telling."""
    table = Table(imagined, mask=mask)
    found: list[Raised] = []
    for moment in problems(table):
        row = table.trace_row(moment.row)
        names = frozenset([result.name for result in row.results])
        found.append(Raised(moment, row.exchange_id, names))
    return found


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
    without: frozenset[str] = frozenset()
    while True:
        try:
            return _retold(events, scenario, browser, passing, most_whole, patience, without)
        except StepPassedError as passed:
            # Its request came before it was known to be the step.
            later = tuple(
                [
                    (passed.exchange_id if step == passed.step else step, seconds)
                    for step, seconds in scenario.later
                ]
            )
            scenario = msgspec.structs.replace(scenario, later=later)
        except LearnedTooLateError as learned:
            without = learned.exchange_ids


def _retold(
    events: Iterable[Event],
    scenario: Scenario,
    browser: str,
    passing: Passing,
    most_whole: int,
    patience: int,
    without: frozenset[str],
) -> Retelling:
    events_at = packed_from(events, most_whole)
    shelf: Shelf = PLAIN if events_at is None else PackedShelf(events_at)
    real = Trace(browser, shelf)

    def oddly(exchange_id: str) -> SentOddly | None:
        return sent_oddly(real.exchange(exchange_id).request)

    editor = Editor(scenario, oddly, real, without)
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
    learned: set[str] = set()
    for event, place in placed(events, passing):
        refuse_redacted(event)
        if not imagined.shares and isinstance(event, Request) and not editor.changes_all:
            left -= 1
            if left <= 0:
                patience = left = min(2 * patience, _MOST_PATIENCE)
                if imagined.agrees:
                    imagined.join()
        if imagined.shares and editor.may_change(event):
            imagined.part()
        editor.saw(real.apply(event, place))
        if isinstance(event, Browser) and (omitted := known_to_omit(event, real)):
            learned.add(omitted)
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
    refuse_unknown(editor.unknown, real)
    without = frozenset(learned)
    if editor.told_otherwise(without):
        raise LearnedTooLateError(without)
    imagined.part()
    return Retelling(
        real,
        imagined,
        tuple(editor.changed),
        editor.set_so_already,
        editor.sent_otherwise,
        without,
    )


def known_to_omit(said: Browser, real: Trace) -> str | None:
    """Return the exchange of which a browser says that its request had no credentials.

    None if it says so of none, or if the request carried cookies: then what was recorded counts.
    """
    if said.exchange_id is None or not without_credentials(said):
        return None
    exchange = real.find(said.exchange_id)
    return None if exchange is None or exchange.request.observed else said.exchange_id


def packed_from(events: Iterable[Event], most_whole: int = MOST_WHOLE) -> EventsAt | None:
    """Return what reads a long capture again, so that traces of it are packed; otherwise None."""
    if isinstance(events, StoredEvents) and events.about() > most_whole:
        return events.events_at
    return None


def refuse_unknown(steps: Collection[str], real: Trace) -> None:
    """Raise ``FormatError`` if there are steps that have not come."""
    if steps:
        last = real.rows[-1].number if len(real.rows) else 0
        have = f"its steps are 1 to {last}" if last else "it has no steps"
        raise FormatError(f"there is no step {min(steps)} in this capture: {have}")


def refuse_redacted(event: Event) -> None:
    """Raise ``FormatError`` for the first event of a redacted capture."""
    if isinstance(event, Capture) and event.redacted:
        raise FormatError("this capture is redacted: its verdicts cannot be recomputed from tokens")


def placed(events: Iterable[Event], passing: Passing) -> Iterator[tuple[Event, int | None]]:
    """Yield each event with its place, if it can be read again from there."""
    if isinstance(events, StoredEvents):
        yield from events.placed(passing)
    else:
        for event in passing(events):
            yield event, None

"""Mode 2 on the page: one listing for all steps that ran the same lines, with their values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.formats.page.highlighting import Piece, highlighted
from cookietrace.formats.page.step_ranges import ranges, steps_in_words
from cookietrace.lesson.sample import Sample, sample
from cookietrace.lesson.table import Table

MOST_MOMENTS = 200
"""The most lines run that can be stepped through; a longer listing only shows the end."""


class Remark(msgspec.Struct, frozen=True):
    """A text beside a line or below the listing, with the steps at which it applies."""

    text: str
    at: str
    moments: str = ""
    """The moments at which it applies, as ranges; empty for every moment after its line has run."""
    is_action: bool = False
    """True for what the line did with a cookie, false for the value of a variable."""


class ListedLine(msgspec.Struct, frozen=True):
    """One line of source, with everything that it did at any of the steps."""

    pieces: tuple[Piece, ...]
    turns: str
    """The moments at which it is the current line, as ranges; empty if it never ran."""
    last: bool
    """True for the last line that the view ran."""
    remarks: tuple[Remark, ...]


class Listing(msgspec.Struct, frozen=True):
    """The view as one or more steps ran it."""

    at: str
    """The steps, as ranges."""
    steps: str
    """The same steps in words."""
    title: str
    first_line: int
    lines: tuple[ListedLine, ...]
    moments: int
    """The number of moments to step through; 0 if only the end is shown."""
    notices: tuple[Remark, ...]
    """What is missing, and other remarks."""
    advice: tuple[str, ...]
    elsewhere: tuple[Remark, ...]
    """Cookies read or set outside the view's own lines."""


def listings(table: Table) -> tuple[Listing, ...]:
    """Return the listings of all steps, in order of their first step."""
    found: dict[tuple[object, ...], list[_Visit]] = defaultdict(list)
    steps: dict[str, list[int]] = defaultdict(list)
    for step in range(1, len(table) + 1):
        steps[table.exchange(step).exchange_id].append(step)
    for exchange_id, own in steps.items():
        visit = _Visit(table, table.trace.exchange(exchange_id), own)
        found[visit.code].append(visit)
    return tuple(_listing(table, visits) for visits in found.values())


class _Visit:
    """One exchange with its steps."""

    def __init__(self, table: Table, exchange: Exchange, steps: list[int]) -> None:
        self.exchange = exchange
        self.steps = steps
        self.mask = table.mask
        self.sample = sample(exchange, mask=table.mask)
        self.returned = [
            step for step in steps if table.trace_row(step).kind is not RowKind.EXCHANGE
        ]
        shown = self.sample
        self.code = (
            shown.title,
            shown.moments,
            shown.notice,
            shown.advice,
            tuple((line.number, line.text, line.turns) for line in shown.lines),
        )

    @property
    def moments(self) -> int:
        """The number of moments to step through."""
        shown = self.sample
        return shown.moments if shown.lines and shown.moments <= MOST_MOMENTS else 0

    def remarks(self) -> Iterator[tuple[int, str, bool, tuple[int, ...]]]:
        """Yield a line's index, a text, whether the text is an action, and its moments."""
        held: dict[tuple[int, str], list[int]] = defaultdict(list)
        for moment, shown in self._through():
            for index, line in enumerate(shown.lines):
                for value in line.values:
                    held[index, value.text].append(moment)
        for (index, text), moments in held.items():
            yield index, text, False, tuple(moments)
        for index, line in enumerate(self.sample.lines):
            for action in line.actions:
                yield index, action.label, True, ()

    def _through(self) -> Iterator[tuple[int, Sample]]:
        if not self.moments:
            yield 0, self.sample
            return
        for moment in range(self.moments + 1):
            yield moment, sample(self.exchange, moment, mask=self.mask)

    def after(self) -> tuple[str, ...]:
        """Return the notices that apply once the view has returned."""
        if not self.returned:
            return ()
        kind = RowKind.STORES
        shown = sample(self.exchange, kind=kind, mask=self.mask)
        return tuple(line for line in shown.notice if line not in self.sample.notice)


def _listing(table: Table, visits: list[_Visit]) -> Listing:
    shown = visits[0].sample
    every = sorted(step for visit in visits for step in visit.steps)
    beside: dict[tuple[int, str, bool, tuple[int, ...]], list[int]] = defaultdict(list)
    below: dict[str, list[int]] = defaultdict(list)
    after: dict[str, list[int]] = defaultdict(list)
    for visit in visits:
        for remark in visit.remarks():
            beside[remark] += visit.steps
        for text in visit.sample.elsewhere:
            below[text] += visit.steps
        for text in visit.after():
            after[text] += visit.returned
    remarks: dict[int, list[Remark]] = defaultdict(list)
    for (index, text, is_action, moments), at in beside.items():
        remarks[index].append(Remark(text, ranges(sorted(at)), ranges(moments), is_action))
    return Listing(
        at=ranges(every),
        steps=steps_in_words(every, table.label),
        title=shown.title,
        first_line=shown.lines[0].number if shown.lines else 1,
        lines=tuple(
            ListedLine(
                pieces=tuple(highlighted(line.text)),
                turns=ranges(line.turns),
                last=line.current,
                remarks=tuple(remarks[index]),
            )
            for index, line in enumerate(shown.lines)
        ),
        moments=visits[0].moments,
        notices=(
            *(Remark(text, ranges(every)) for text in shown.notice),
            *_remarks(after),
        ),
        advice=shown.advice,
        elsewhere=tuple(_remarks(below)),
    )


def _remarks(texts: dict[str, list[int]]) -> Iterator[Remark]:
    for text, steps in texts.items():
        yield Remark(text, ranges(sorted(steps)))

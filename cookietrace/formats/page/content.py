"""Everything that the lesson page says, gathered from the lesson room; display text throughout."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from cookietrace.errors import FormatError
from cookietrace.formats.format import Export
from cookietrace.formats.page.drawing import Picture, pictures
from cookietrace.formats.page.jars import ClientJar, client_jars
from cookietrace.formats.page.samples import Listing, listings
from cookietrace.formats.page.spans import ranges, steps_in_words
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.display_text import authority, plural, quoted, shown
from cookietrace.lesson.flow import STAGES, Lane
from cookietrace.lesson.jar.rows import moment
from cookietrace.lesson.moments import Moment, key_moments
from cookietrace.lesson.quiz import Question, QuizBoard
from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.snapshot import Snapshot, SnapshotLine
from cookietrace.lesson.table import Table, TableRow
from cookietrace.lesson.tracker.board import Tracker, TrackerRow, track
from cookietrace.lesson.transcript import opening, paragraph

MOST_STEPS = 500
"""The most steps that a page is written with: nobody reads more, and few devices like to."""


class PageRow(msgspec.Struct, frozen=True):
    """One row of the execution table, with its signs."""

    row: TableRow
    signs: tuple[tuple[str, str], ...]
    """Meaning and sign of each mark."""


class Telling(msgspec.Struct, frozen=True):
    """One paragraph of the transcript."""

    text: str
    at: str
    """The steps it tells, as the page's script reads them; empty for a note."""
    steps: str
    """The same for people."""
    first: int
    """The first of them; 0 for a note."""


class Version(msgspec.Struct, frozen=True, array_like=True):
    """How a line of the snapshot reads from a step on."""

    step: int
    count: int
    latest: int
    wording: int
    """Which of the line's wordings; ``{}`` stands in it for the count."""


class Shown(msgspec.Struct, frozen=True):
    """One line of the snapshot: as it reads at the end, and how it came to that."""

    line: SnapshotLine
    wordings: tuple[str, ...]
    versions: tuple[Version, ...]


class Content(msgspec.Struct, frozen=True):
    """The page."""

    title: str
    facts: tuple[str, ...]
    redacted: bool
    headings: tuple[str, ...]
    rows: tuple[PageRow, ...]
    legend: tuple[tuple[str, str], ...]
    """Meaning and sign of the marks that occur."""
    pictures: tuple[Picture, ...]
    listings: tuple[Listing, ...]
    tracker: Tracker
    jar_variables: tuple[TrackerRow, ...]
    moments: tuple[Moment, ...]
    questions: tuple[Question, ...]
    snapshot: tuple[Shown, ...]
    opening: str
    tellings: tuple[Telling, ...]
    jars: tuple[ClientJar, ...]

    @property
    def steps(self) -> int:
        """The number of steps."""
        return len(self.rows)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The hosts as of the last step."""
        return self.pictures[-1].flow.lanes if self.pictures else ()

    @property
    def data(self) -> dict[str, object]:
        """What the page's script draws from."""
        jars: dict[tuple[str, ...], int] = {}
        for picture in self.pictures:
            jars.setdefault(picture.jar, len(jars))
        return {
            "steps": self.steps,
            "stages": [title for title, _ in STAGES.values()],
            "drawings": [picture.drawing for picture in self.pictures],
            "jars": list(jars),
            "held": [jars[picture.jar] for picture in self.pictures],
            "snapshot": [(shown.wordings, shown.versions) for shown in self.snapshot],
        }


def content(export: Export) -> Content:
    """Return what the page of an export says.

    Raises ``FormatError`` where it would have more than ``MOST_STEPS`` steps.
    """
    table = export.table
    if len(table) > MOST_STEPS:
        raise FormatError(
            f"a lesson page holds up to {MOST_STEPS} steps and this would be {len(table)}: "
            "choose fewer with --host, --path or --cookie"
        )
    histories = CookieHistories(table.trace)
    capture = table.trace.capture
    rows = tuple(_row(table.row(step)) for step in range(1, len(table) + 1))
    variables = track(table)
    return Content(
        title=_title(table),
        facts=tuple(_facts(table)),
        redacted=capture is not None and capture.redacted,
        headings=table.headings,
        rows=rows,
        legend=_legend(rows),
        pictures=pictures(table),
        listings=listings(table),
        tracker=variables,
        jar_variables=tuple(
            row
            for row in track(table, jar=True).rows
            if row.name not in {known.name for known in variables.rows}
        ),
        moments=key_moments(table, histories),
        questions=QuizBoard(table, histories).questions(),
        snapshot=tuple(_snapshot(table)),
        opening=opening(table.trace),
        tellings=tuple(_tellings(table)),
        jars=client_jars(table, histories),
    )


def _hosts(table: Table) -> list[str]:
    return list(
        dict.fromkeys(
            authority(table.exchange(step).request.target) for step in range(1, len(table) + 1)
        )
    )


def _title(table: Table) -> str:
    if table.focus.cookie is not None:
        return f"What happened to the cookie {quoted(table.focus.cookie)}?"
    hosts = _hosts(table)
    if not hosts:
        return "What happened to the cookies?"
    where = hosts[0] if len(hosts) == 1 else f"{len(hosts)} hosts"
    return f"What happened to the cookies of {where}?"


def _facts(table: Table) -> Iterator[str]:
    """Yield what the page is about, a few words each."""
    seen = {table.exchange(step).exchange_id for step in range(1, len(table) + 1)}
    yield plural(len(table), "step")
    yield plural(len(seen), "request")
    hosts = _hosts(table)
    if len(hosts) == 1:
        yield hosts[0]
    elif hosts:
        yield f"{len(hosts)} hosts"
    described = table.focus.describe()
    if described != "everything":
        yield f"focus: {shown(described)}"
    if table.trace.exchanges:
        yield f"recorded {moment(table.trace.exchanges[0].request.at)}"


def _row(row: TableRow) -> PageRow:
    return PageRow(row, tuple((mark.value, SIGNS[mark]) for mark in SIGNS if mark in row.marks))


def _legend(rows: tuple[PageRow, ...]) -> tuple[tuple[str, str], ...]:
    there = {sign for row in rows for sign in row.signs}
    return tuple((mark.value, sign) for mark, sign in SIGNS.items() if (mark.value, sign) in there)


def _snapshot(table: Table) -> Iterator[Shown]:
    """Yield the lines in the order of the lesson."""
    board = Snapshot(table)
    board.update()
    seen: dict[str, list[tuple[int, SnapshotLine]]] = defaultdict(list)
    for step in range(1, len(table) + 1):
        for line in board.lines(step):
            versions = seen[line.concept]
            if not versions or versions[-1][1] != line:
                versions.append((step, line))
    for line in board.lines():
        wordings: dict[str, int] = {}
        told = tuple(
            Version(
                step=step,
                count=version.count,
                latest=version.latest,
                wording=wordings.setdefault(_wording(version), len(wordings)),
            )
            for step, version in seen[line.concept]
        )
        yield Shown(line, tuple(wordings), told)


def _wording(line: SnapshotLine) -> str:
    return line.text.replace(str(line.count), "{}", 1)


def _tellings(table: Table) -> Iterator[Telling]:
    """Yield the paragraphs of the exchanges in the table, and the notes between them."""
    trace = table.trace
    notes = sorted(trace.notes, key=lambda note: note.position)
    at = 0
    for exchange in trace.exchanges:
        steps = table.steps_of(exchange.exchange_id)
        if not steps:
            continue
        while at < len(notes) and notes[at].position < exchange.request.position:
            yield Telling(f"Note: {shown(notes[at].message)}", "", "", 0)
            at += 1
        yield Telling(
            paragraph(trace, exchange, table.mask),
            ranges(steps),
            steps_in_words(steps),
            steps[0],
        )
    for note in notes[at:]:
        yield Telling(f"Note: {shown(note.message)}", "", "", 0)

"""The content of the lesson page, gathered from the lesson room; all of it display text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from cookietrace.errors import FormatError
from cookietrace.fold.exchange import RowKind
from cookietrace.formats.format import Export
from cookietrace.formats.page.drawing import Picture, pictures
from cookietrace.formats.page.intro import Block, introduction
from cookietrace.formats.page.jars import ClientJar, client_jars
from cookietrace.formats.page.predictions import NONE, Predictions, predictions
from cookietrace.formats.page.samples import Listing, listings
from cookietrace.formats.page.step_ranges import ranges
from cookietrace.formats.page.verdicts import Problem, Problems
from cookietrace.lesson.compared.everywhere import TONES, VerdictsEverywhere
from cookietrace.lesson.compared.everywhere import cells as browser_cells
from cookietrace.lesson.compared.everywhere import title as verdict_title
from cookietrace.lesson.cookie_histories import CookieHistories
from cookietrace.lesson.display_text import plural, shown
from cookietrace.lesson.flow import STAGES, Lane
from cookietrace.lesson.jar.rows import moment
from cookietrace.lesson.late_responses import is_late, late_before
from cookietrace.lesson.modes import FLOW, TABLE
from cookietrace.lesson.moments import Moment, key_moments
from cookietrace.lesson.notices import in_order
from cookietrace.lesson.problems import problems, tally
from cookietrace.lesson.quiz import Question, QuizBoard, best_questions
from cookietrace.lesson.row_marks import SIGNS, Mark
from cookietrace.lesson.sections import Section
from cookietrace.lesson.snapshot import Snapshot, SnapshotLine
from cookietrace.lesson.table import Table, TableRow
from cookietrace.lesson.title import title
from cookietrace.lesson.tracker.board import Tracker, TrackerRow, track
from cookietrace.lesson.transcript import late_paragraph, opening, paragraph
from cookietrace.safe_text import safe

MOST_CELLS = 20_000
"""The most cells of the tracker: of very many variables, only the first are there."""

MOST_STEPS = 500
"""The most steps in one page. More would be slow to open and too long to read."""


class BrowserCell(msgspec.Struct, frozen=True):
    """What one browser does with a cookie."""

    who: str
    what: str
    why: str
    basis: str
    tone: str


class BrowsersDiffer(msgspec.Struct, frozen=True):
    """One cookie with which browsers differ."""

    title: str
    """What it is about."""
    cells: tuple[BrowserCell, ...]
    """What each does; empty if it is as before."""
    as_in: str
    """The label of the step that had the same before; empty if none had."""


class PageRow(msgspec.Struct, frozen=True):
    """One row of the execution table, with its marks."""

    row: TableRow
    signs: tuple[tuple[str, str], ...]
    """The meaning and sign of each mark."""
    problem: Problem | None
    """The worst problem or warning that the row shows."""
    verdict: tuple[Section, ...]
    """What happened and why, for beside the row; empty if its cells say everything."""
    browsers: tuple[BrowsersDiffer, ...] = ()

    @property
    def is_unsure(self) -> bool:
        """True for a storing or refusing row that is not known to be right, or known not to be."""
        in_doubt = Mark.UNCONFIRMED in self.row.marks or Mark.REFUTED in self.row.marks
        return self.row.kind in (RowKind.STORES, RowKind.REFUSED) and in_doubt


class TranscriptParagraph(msgspec.Struct, frozen=True):
    """One paragraph of the transcript."""

    text: str
    at: str
    """The steps that it describes, as ranges; empty for a note."""
    first: int
    """The first of these steps; 0 for a note."""


class Version(msgspec.Struct, frozen=True, array_like=True):
    """What a line of the snapshot says from one step on."""

    step: int
    count: int
    latest: int
    wording: int
    """The index of one of the line's wordings, in which ``{}`` is the count."""


class SnapshotHistory(msgspec.Struct, frozen=True):
    """One line of the snapshot: what it says at the last step, and at the steps before."""

    line: SnapshotLine
    wordings: tuple[str, ...]
    versions: tuple[Version, ...]


class Content(msgspec.Struct, frozen=True):
    """Everything on the page."""

    title: str
    intro: tuple[Block, ...]
    facts: tuple[str, ...]
    tally: str
    """How many problems and warnings there are; empty if there are none."""
    problems: tuple[Problem, ...]
    """The worst first."""
    problem_rows: tuple[int, ...]
    """The steps whose rows show one, in ascending order."""
    answers: bool
    """False for a handout."""
    redacted: bool
    headings: tuple[str, ...]
    rows: tuple[PageRow, ...]
    legend: tuple[tuple[str, str], ...]
    """The meaning and sign of each mark that occurs."""
    pictures: tuple[Picture, ...]
    listings: tuple[Listing, ...]
    tracker: Tracker
    left_out: int
    """How many further variables it would have."""
    jar_variables: tuple[TrackerRow, ...]
    moments: tuple[Moment, ...]
    questions: tuple[Question, ...]
    asks_nothing: bool
    """Whether the user wants no questions."""
    predictions: Predictions
    snapshot: tuple[SnapshotHistory, ...]
    opening: str
    paragraphs: tuple[TranscriptParagraph, ...]
    jars: tuple[ClientJar, ...]

    @property
    def steps(self) -> int:
        """The number of steps."""
        return len(self.rows)

    @property
    def labels(self) -> tuple[str, ...]:
        """What texts call each step."""
        return tuple(entry.row.label for entry in self.rows)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The number of each step; of one that a browser requested by itself, the one before."""
        return tuple(entry.row.number for entry in self.rows)

    @property
    def last_number(self) -> int:
        """The highest of them; 0 if there are none."""
        return max(self.numbers, default=0)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The hosts, as of the last step."""
        return self.pictures[-1].flow.lanes if self.pictures else ()

    @property
    def data(self) -> dict[str, object]:
        """The data for the page's script, as plain JSON types."""
        jars: dict[tuple[str, ...], int] = {}
        for picture in self.pictures:
            jars.setdefault(picture.jar, len(jars))
        return {
            "steps": self.steps,
            "labels": self.labels,
            "opens": [TABLE.slug, self.problems[0].step] if self.problems else [FLOW.slug, 1],
            "problems": self.problem_rows,
            "predictions": self.predictions,
            "stages": [title for title, _ in STAGES.values()],
            "drawings": [picture.drawing for picture in self.pictures],
            "jars": list(jars),
            "held": [jars[picture.jar] for picture in self.pictures],
            "snapshot": [(line.wordings, line.versions) for line in self.snapshot],
        }


def content(export: Export) -> Content:
    """Return the content of the page for an export.

    Raises ``FormatError`` if it would have more than ``MOST_STEPS`` steps.
    """
    table = export.table
    if len(table) > MOST_STEPS:
        raise FormatError(
            f"a lesson page holds up to {MOST_STEPS} steps, and this one would have {len(table)}: "
            "choose fewer with --host, --path or --cookie"
        )
    histories = CookieHistories(table.trace)
    capture = table.trace.capture
    options = export.page
    found = problems(table, histories)
    wrong = Problems(table, found, answers=options.answers)
    asked = VerdictsEverywhere()
    told: dict[object, str] = {}
    rows = tuple(
        _row(
            table.row(step),
            wrong,
            tuple(_browsers(table, step, asked, told)) if options.answers else (),
        )
        for step in range(1, len(table) + 1)
    )
    variables, jar_variables, left_out = _variables(table)
    board = QuizBoard(table, histories)
    questions = best_questions(
        board, len(table), problem_steps=wrong.steps, count=options.questions
    )
    return Content(
        title=safe(options.title) if options.title else title(table),
        intro=introduction(options.intro),
        tally=tally(found).text,
        problems=wrong.listed,
        problem_rows=wrong.rows,
        answers=options.answers,
        facts=tuple(_facts(table)),
        redacted=capture is not None and capture.redacted,
        headings=table.headings,
        rows=rows,
        legend=_legend(rows),
        pictures=pictures(table),
        listings=listings(table),
        tracker=variables,
        left_out=left_out,
        jar_variables=jar_variables,
        moments=key_moments(table, histories),
        questions=questions,
        asks_nothing=options.questions == 0,
        predictions=predictions(board, len(table)) if options.answers else NONE,
        snapshot=tuple(_snapshot(table)),
        opening=opening(table.trace),
        paragraphs=tuple(_paragraphs(table)),
        jars=client_jars(table, histories),
    )


def _variables(table: Table) -> tuple[Tracker, tuple[TrackerRow, ...], int]:
    """Return the tracker, the rows of the jar's cookies below it, and how many are left out."""
    tracker = track(table)
    known = {row.name for row in tracker.rows}
    jar = tuple(row for row in track(table, jar=True).rows if row.name not in known)
    room = tracker.room_for(MOST_CELLS)
    kept = msgspec.structs.replace(tracker, rows=tracker.rows[:room])
    jar_kept = jar[: room - len(kept.rows)]
    return kept, jar_kept, len(tracker.rows) + len(jar) - len(kept.rows) - len(jar_kept)


def _facts(table: Table) -> Iterator[str]:
    """Yield the facts under the title, a few words each."""
    seen = {table.exchange(step).exchange_id for step in range(1, len(table) + 1)}
    yield plural(len(table), "step")
    yield plural(len(seen), "request")
    hosts = table.hosts
    if len(hosts) == 1:
        yield hosts[0]
    elif hosts:
        yield f"{len(hosts)} hosts"
    described = table.focus.describe()
    if described != "everything":
        yield f"focus: {shown(described)}"
    if table.trace.exchanges:
        yield f"recorded {moment(table.trace.exchanges[0].request.at)}"


def _row(row: TableRow, wrong: Problems, browsers: tuple[BrowsersDiffer, ...]) -> PageRow:
    problem = wrong.worst(row.step)
    marks = row.marks if problem is None else row.marks | {problem.mark}
    return PageRow(
        row=row,
        signs=tuple((mark.value, SIGNS[mark]) for mark in SIGNS if mark in marks),
        problem=problem,
        verdict=wrong.verdict(row),
        browsers=browsers,
    )


def _browsers(
    table: Table, step: int, asked: VerdictsEverywhere, told: dict[object, str]
) -> Iterator[BrowsersDiffer]:
    """Yield what differs between browsers in a row; ``told`` is what earlier rows had."""
    for found in asked.of_step(table, step):
        title, cells = verdict_title(found), browser_cells(found)
        before = told.setdefault((title, cells), table.label(step))
        again = before != table.label(step)
        yield BrowsersDiffer(
            title,
            () if again else tuple(BrowserCell(*cell, tone=TONES[cell[1]]) for cell in cells),
            before if again else "",
        )


def _legend(rows: tuple[PageRow, ...]) -> tuple[tuple[str, str], ...]:
    used = {sign for row in rows for sign in row.signs}
    return tuple((mark.value, sign) for mark, sign in SIGNS.items() if (mark.value, sign) in used)


def _snapshot(table: Table) -> Iterator[SnapshotHistory]:
    """Yield the lines in the order of the mode."""
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
        history = tuple(
            Version(
                step=step,
                count=version.count,
                latest=version.latest,
                wording=wordings.setdefault(_wording(version), len(wordings)),
            )
            for step, version in seen[line.concept]
        )
        yield SnapshotHistory(line, tuple(wordings), history)


def _wording(line: SnapshotLine) -> str:
    return line.text.replace(str(line.count), "{}", 1)


def _late(table: Table, after: int, upto: int) -> Iterator[TranscriptParagraph]:
    """Yield what late responses did between two requests of the table."""
    for number in range(after + 1, upto + 1):
        for exchange in late_before(table.trace, number):
            steps = table.steps_of(exchange.exchange_id)[1:]
            if steps:
                yield TranscriptParagraph(
                    late_paragraph(table.trace, exchange, table.mask),
                    ranges(steps),
                    steps[0],
                )


def _paragraphs(table: Table) -> Iterator[TranscriptParagraph]:
    """Yield the story of each exchange in the table, with the notes between them."""
    trace = table.trace
    notes = in_order(trace.notes)
    at = written = 0
    for exchange in trace.exchanges:
        steps = table.steps_of(exchange.exchange_id)
        if not steps:
            continue
        while at < len(notes) and notes[at].position < exchange.request.position:
            yield TranscriptParagraph(f"Note: {shown(notes[at].message)}", "", 0)
            at += 1
        yield from _late(table, written, exchange.number)
        written = exchange.number
        late = is_late(trace, exchange)
        told = steps[:1] if late else steps
        yield TranscriptParagraph(paragraph(trace, exchange, table.mask), ranges(told), steps[0])
    yield from _late(table, written, len(trace.exchanges) + 1)
    for note in notes[at:]:
        yield TranscriptParagraph(f"Note: {shown(note.message)}", "", 0)

"""``P``: all problems and warnings, by recorder, host or cookie; what many have is there once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cookietrace.lesson.moments import Moment
from cookietrace.lesson.problem_groups import By, Problem, distinct, grouped
from cookietrace.lesson.problem_texts import none_text
from cookietrace.lesson.problems import tally
from cookietrace.lesson.row_marks import SIGNS
from cookietrace.lesson.step_verdict import SEVERITY_MARKS, headline
from cookietrace.lesson.table import Table
from cookietrace.lesson.unneeded_refusals import refusals_sentence
from tui.dialogs.base import Dialog
from tui.drawing.fit import cut
from tui.drawing.tones import tone

_ORDER: Final = (None, By.RECORDER, By.HOST, By.COOKIE)
"""The ways to list them; None is without groups."""

_NAMES: Final[dict[By | None, str]] = {None: "all"} | {by: f"by {by.value}" for by in By}

_MARGIN: Final = 5
"""Cells beside a line: the box, its padding and the scroll bar."""


class ProblemListDialog(Dialog[int]):
    """A line per problem, most often in groups. Returns the step whose row shows it."""

    HEADING = "Problems"
    KEYS = "Enter goes to its step · Tab a r h c group · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "next_way", "Group otherwise", show=False, priority=True),
        Binding("a", "way('')", "All", show=False),
        Binding("r", "way('recorder')", "By recorder", show=False),
        Binding("h", "way('host')", "By host", show=False),
        Binding("c", "way('cookie')", "By cookie", show=False),
    ]

    def __init__(self, table: Table, found: Sequence[Moment]) -> None:
        super().__init__()
        self._table = table
        self._moments = tuple(found)
        self._by: By | None = None
        rows = (self._table.label(moment.row) for moment in self._moments)
        self._label = max(map(len, rows), default=0)
        """The width of the steps' numbers."""
        self._rows: list[int] = []
        """The step of each line; 0 for the heading of a group."""

    def content(self) -> Iterable[Widget]:
        """Yield the ways to list the problems, the list, and the fix of the highlighted one."""
        yield Static(id="problem-ways", markup=False)
        yield OptionList(markup=False, compact=True)
        yield Static(id="problem-fix", markup=False)

    def on_mount(self) -> None:
        """Fill the list."""
        self._fill()
        self.query_one(OptionList).focus()

    def action_next_way(self) -> None:
        """Group by something else."""
        self._by = _ORDER[(_ORDER.index(self._by) + 1) % len(_ORDER)]
        self._fill()

    def action_way(self, by: str) -> None:
        """Group by one thing, or not at all."""
        self._by = By(by) if by else None
        self._fill()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the fix of the problem."""
        event.stop()
        self._show_fix(event.option_index)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to its step."""
        event.stop()
        self.dismiss(self._rows[event.option_index])

    def _fill(self) -> None:
        widest = _WIDEST if self.app.size.width >= _WIDE else 76
        width = min(widest, int(self.app.size.width * 0.92)) - _MARGIN
        self._rows, self._fixes = [], list[str]()
        options: list[Option] = []
        for content, problem in self._lines(width):
            self._rows.append(problem.moment.row if problem is not None else 0)
            self._fixes.append(problem.moment.advice if problem is not None else "")
            options.append(Option(content, disabled=problem is None))
        table = self._table
        also = refusals_sentence(table, self._moments) if options else none_text(table)
        if also:
            self._rows.append(0)
            self._fixes.append("")
            options.append(Option(Content.styled(also, "$quiet"), disabled=True))
        listing = self.query_one(OptionList)
        listing.clear_options()
        listing.add_options(options)
        first = next((at for at, row in enumerate(self._rows) if row), None)
        listing.highlighted = first
        self.query_one("#problem-ways", Static).update(self._ways())
        self._show_fix(first)

    def _lines(self, width: int) -> Iterator[tuple[Content, Problem | None]]:
        """Yield each line of the list, with its problem unless it is the heading of a group."""
        if self._by is None:
            for problem in distinct(self._moments):
                yield self._line(problem, width, ""), problem
            return
        for group in grouped(self._moments, self._by):
            title = cut(group.title(self._by), max(8, width - len(group.tally.text) - 2))
            yield (
                Content.assemble((title, "bold $foreground"), (f"  {group.tally.text}", "$quiet")),
                None,
            )
            for problem in group.problems:
                yield self._line(problem, width, "  "), problem

    def _line(self, problem: Problem, width: int, indent: str) -> Content:
        moment = problem.moment
        mark = SEVERITY_MARKS[moment.severity]
        label = self._table.label(moment.row).rjust(self._label)
        facts = [f"{len(problem.recorders):,} recorders"] if len(problem.recorders) > 1 else []
        if problem.count > max(1, len(problem.recorders)):
            facts.append(f"{problem.count:,} times")
        end = f"  {' · '.join(facts)}" if facts else ""
        text = cut(headline(moment), width - len(indent) - len(label) - len(end) - 4)
        blank = " " * max(0, width - len(indent) - len(label) - len(end) - 4 - cell_len(text))
        return Content.assemble(
            (f"{indent}{SIGNS[mark]} ", f"bold ${tone(mark)}"),
            (f"{label}  ", "$quiet"),
            (text, "$foreground"),
            (f"{blank}{end}", "$quiet"),
        )

    def _ways(self) -> Content:
        problems = distinct(self._moments)
        parts = [(tally(each.moment for each in problems).text or "none", "bold $foreground")]
        for by in _ORDER:
            parts.append(("   ", ""))
            parts.append((_NAMES[by], "bold $foreground underline" if by is self._by else "$quiet"))
        return Content.assemble(*parts)

    def _show_fix(self, at: int | None) -> None:
        fix = self._fixes[at] if at is not None and at < len(self._fixes) else ""
        text = Content.styled(f"Fix: {fix}", "$foreground") if fix else Content("")
        self.query_one("#problem-fix", Static).update(text)


_WIDE: Final = 150
_WIDEST: Final = 116
"""The width of the box where there is room; see the style sheet."""

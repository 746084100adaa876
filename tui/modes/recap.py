"""Mode 7, the concept snapshot: what this trace has shown up to the selected step, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec
from textual import on
from textual.widget import Widget

from cookietrace.cookies import Outcome
from cookietrace.fold.exchange import CookieStatus, Exchange
from cookietrace.lesson.marks import SIGNS, Mark
from cookietrace.lesson.words import shown
from tui.cells import Cells
from tui.columns import Column
from tui.help_data import HelpData
from tui.modes.base import ModeScreen
from tui.story import Change, Story
from tui.tones import PLAIN, QUIET, tone
from tui.widgets.virtual_table import VirtualTable

_COLUMNS = (
    Column("Times", 5, right=True),
    Column("What", 30),
    Column("First at step", 6, right=True),
    Column("For example", 20),
)
_OUTCOMES = {
    Outcome.CREATED: (Mark.CHANGED, "a cookie was stored"),
    Outcome.REPLACED: (Mark.CHANGED, "a stored cookie was replaced"),
    Outcome.REFRESHED: (Mark.CHANGED, "a cookie was set again, and nothing changed"),
    Outcome.DELETED: (Mark.CHANGED, "a cookie was deleted"),
    Outcome.IGNORED: (Mark.CHANGED, "a deletion found nothing to delete"),
}


class Fact(msgspec.Struct, frozen=True):
    """One thing that the trace has shown."""

    mark: Mark | None
    text: str
    count: int
    step: int
    """Where it was seen first; 0 where that is out of focus."""
    example: str


class RecapTable(VirtualTable):
    """The facts."""

    GUIDE = HelpData(
        title="Concept snapshot",
        text=(
            "What this trace has shown up to the selected step, each with how often, and the step "
            "at which it was seen first."
        ),
        keys=(("Enter", "go to that step in the table"), ("← →", "one step less, one more")),
    )


class RecapRows:
    """A ``RowSource`` over facts."""

    def __init__(self) -> None:
        self.facts: tuple[Fact, ...] = ()

    def __len__(self) -> int:
        """How many facts there are."""
        return len(self.facts)

    def cells(self, index: int) -> Cells:
        """Return one fact."""
        fact = self.facts[index]
        marks = ((SIGNS[fact.mark], tone(fact.mark)),) if fact.mark is not None else ()
        where = str(fact.step) if fact.step else "—"
        texts = (f"{fact.count:,}", fact.text, where, fact.example)
        return Cells(texts, (PLAIN, tone(fact.mark), QUIET, QUIET), marks)


class RecapScreen(ModeScreen):
    """A few counted lines."""

    KEY = "7"
    NAME = "Recap"
    TITLE_TEXT = "Concept snapshot"
    GUIDE = RecapTable.GUIDE

    def body(self) -> Iterable[Widget]:
        """The table."""
        self._rows = RecapRows()
        self._due = False
        yield RecapTable(self._rows, _COLUMNS, id="recap")

    def on_mount(self) -> None:
        """Start with the keys in the table."""
        self.query_one(RecapTable).focus()

    @property
    def at_rest(self) -> bool:
        """True where nothing is due to be drawn again."""
        return not self._due

    def body_changed(self, change: Change) -> None:
        """Count again before long."""
        del change
        if not self._due:
            self._due = True
            self.set_timer(0.5, self.refresh_body)

    def refresh_body(self) -> None:
        """Count what there is up to the selected step."""
        self._due = False
        self._rows.facts = facts(self.story)
        table = self.query_one(RecapTable)
        table.reload(self._rows)

    @on(VirtualTable.Chosen)
    async def _chosen(self, event: VirtualTable.Chosen) -> None:
        event.stop()
        step = self._rows.facts[event.index].step if self._rows.facts else 0
        if step:
            self.want_step(step)
            await self.app.run_action("mode('3')")

    @on(VirtualTable.Moved)
    def _moved(self, event: VirtualTable.Moved) -> None:
        event.stop()


def facts(story: Story) -> tuple[Fact, ...]:
    """Return what the trace has shown up to the story's step, the first seen first."""
    counts: Counter[tuple[Mark | None, str]] = Counter()
    first: dict[tuple[Mark | None, str], tuple[Exchange, str]] = {}
    for exchange in tuple(story.trace.exchanges):
        if exchange.request.position > story.position:
            break
        for mark, text, example in _seen(exchange, story.position):
            counts[mark, text] += 1
            first.setdefault((mark, text), (exchange, example))
    return tuple(
        Fact(key[0], key[1], count, _first_step(story, first[key][0]), first[key][1])
        for key, count in counts.items()
    )


def _first_step(story: Story, exchange: Exchange) -> int:
    steps = story.table.steps_of(exchange.exchange_id)
    return steps[0] if steps else 0


def _seen(exchange: Exchange, until: int) -> Iterator[tuple[Mark | None, str, str]]:
    part = exchange.request
    yield None, "a request was made", f"{shown(part.method)} {shown(part.url)}"
    for told in part.cookies:
        if told.status is CookieStatus.SENT:
            yield Mark.SENT, "a cookie came back to the server", shown(told.name)
        elif told.status is CookieStatus.UNEXPLAINED:
            yield Mark.UNEXPLAINED, "a cookie was sent that was never seen set", shown(told.name)
    for held in part.withheld:
        for reason in held.reasons[:1]:
            yield (
                Mark.WITHHELD,
                f"a cookie was withheld: {reason.code.value}",
                shown(held.cookie.name),
            )
    for absent in part.missing:
        if absent.status is CookieStatus.MISSING:
            text = "a cookie was expected and not sent"
            yield Mark.MISSING, text, shown(absent.cookie.name)
    if exchange.failure is not None:
        yield Mark.FAILED, "a request came to nothing", shown(exchange.failure.message)
    response = exchange.response
    if response is None or response.position > until:
        return
    for result in response.set_cookies:
        if result.outcome is Outcome.REJECTED:
            code = result.reasons[0].code.value if result.reasons else "unknown"
            yield Mark.REFUSED, f"a cookie was refused: {code}", shown(result.name)
        else:
            mark, text = _OUTCOMES[result.outcome]
            yield mark, text, shown(result.name)

"""A story that begins with a trace that is there already, as it is read from an index."""

from __future__ import annotations

from cookietrace.events import Recorder, Response
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.live.recording import Recording, State
from cookietrace.lesson.problems import ProblemBoard, problems
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace, fold
from tests.story import Story as StoryOnTheWire
from tests.tui import captures
from tui.state.story import Story


def test_it_shows_what_is_known() -> None:
    """The notices, the state of the recording and the newest step need no further event."""
    events = [
        *captures.rich(),
        Recorder(at=captures.START, state="gap", message="2 events were lost."),
        Recorder(at=captures.START, state="stopped"),
    ]
    grown = Story(Trace(), Focus(), Recording("test"))
    for event in events:
        grown.apply(grown.trace.apply(event))
    trace = fold(events)
    for story in (
        Story(trace, Focus(), Recording("test")),
        Story(trace, Focus(), Recording("test"), problems=ProblemBoard(Table(trace))),
    ):
        assert (story.recording, story.recording.state) == (grown.recording, State.STOPPED)
        assert story.notices.all() == grown.notices.all() != ()
        assert story.selection == grown.selection
    focus = Focus(host="shop.test")
    focused = Story(trace, focus, Recording("test"))
    assert focused.step == focused.count == len(Table(trace, focus)) > 0


def test_known_problems_miss_nothing() -> None:
    """The response to a request that the board has read already is read, too."""
    wire = StoryOnTheWire()
    wire.visit("/", None, "sid=1")
    events = wire.events
    at = next(at for at, event in enumerate(events) if isinstance(event, Response))
    trace = fold(events[:at])
    board = ProblemBoard(Table(trace))
    board.update()
    story = Story(trace, Focus(), Recording("test"), problems=board)
    for event in events[at:]:
        story.apply(trace.apply(event))
    assert story.boards.problems.catch_up(None)
    found = story.boards.problems.board.problems()
    assert found == problems(Table(fold(events))) != ()


def test_a_move_while_rows_are_placed_stays() -> None:
    """The step that the user selects meanwhile stays selected to the end."""
    story = Story(fold(captures.rich()), Focus(), Recording("test"))
    story.set_focus(Focus(host="shop.test"))
    whole = story.count
    table = Table(story.trace, story.focus, gradually=True)
    story._show_table(table)
    story.place_more(2)
    assert story.table.behind
    story.selection = story.selection.at(1, story.count).paused(story.count)
    while story.table.behind:
        story.place_more(1)
    assert (story.step, story.count) == (1, whole)
    assert not story.apply(TraceUpdate(story.trace.position)).moved

"""Each cookie's life: the events in order, the timeline, and what a jar has lost."""

from __future__ import annotations

import pytest

from cookietrace.cookies import CookieKey
from cookietrace.fold.exchange import CookieStatus, JarChange
from cookietrace.fold.jar_history import JarHistory
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.jar.board import MOST_GONE, JarBoard
from cookietrace.lesson.jar.life import LIFE_SIGNS, Life, LifeBoard, LifeKind
from cookietrace.lesson.mask import masked
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.table import Table
from cookietrace.trace import Trace
from tests.lesson.random_traces import random_story
from tests.lesson.visits import OWN_IMAGE, WITHIN, Visit, story_of
from tests.story import seed_story


def key(name: str, path: str = "/", domain: str = "shop.test") -> CookieKey:
    """A host-only cookie's key."""
    return CookieKey(name, domain, True, path, None)


def board_of(table: Table) -> LifeBoard:
    """A board that has read everything."""
    board = LifeBoard(table)
    assert board.update()
    return board


def texts(life: Life) -> list[str]:
    """The events with their signs."""
    return [f"{LIFE_SIGNS[event.kind][0]} {event.text}" for event in life.events]


def drawn(board: LifeBoard, table: Table, of: CookieKey, step: int, cells: int = 99) -> str:
    """The timeline of a cookie up to a step."""
    scale = board.scale(step, table.position(step), cells)
    return "".join(LIFE_SIGNS[kind][0] for kind in board.line("c1", of, scale))


ROWS: dict[str, tuple[tuple[Visit, ...], CookieKey, list[str], str]] = {
    "set, sent, replaced": (
        (
            Visit(sets=("a=1",)),
            Visit(cookie="a=1"),
            Visit(cookie="a=1", sets=("a=2",)),
            Visit(cookie="a=2"),
        ),
        key("a"),
        [
            "● stored with the value '1' · step 2",
            "↑ sent 2 times · step 3 to step 4",
            "● value '1' replaced with '2' · step 5",
            "↑ sent · step 6",
        ],
        "·●↑↑●↑",
    ),
    "set again and again": (
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=1",)), Visit(cookie="a=1")),
        key("a"),
        [
            "● stored with the value '1' · step 2",
            "↑ sent · step 3",
            "↻ set again to '1' · step 3",
            "↑ sent · step 4",
        ],
        "·●↻↑",
    ),
    "withheld": (
        (
            Visit(sets=("a=1; Path=/x",)),
            Visit(),
            Visit(),
            Visit(url="/x", cookie="a=1"),
        ),
        key("a", "/x"),
        [
            "● stored with the value '1' · step 2",
            "⊘ withheld 2 times · step 3 to step 4",
            "↑ sent · step 5",
        ],
        "·●⊘⊘↑",
    ),
    "deleted": (
        (Visit(sets=("a=1",)), Visit(cookie="a=1", sets=("a=; Max-Age=0",)), Visit()),
        key("a"),
        [
            "● stored with the value '1' · step 2",
            "↑ sent · step 3",
            "○ deleted by the server · step 4",
        ],
        "·●↑○·",
    ),
    "expired": (
        (Visit(sets=("a=1; Max-Age=5",)), Visit(), Visit()),
        key("a"),
        [
            "● stored with the value '1' · step 2",
            "○ expired · step 3",
            "⊘ withheld · step 3",
        ],
        "·●○·",
    ),
    "never seen set": (
        (Visit(cookie="a=1"), Visit(cookie="a=1")),
        key("a"),
        ["! seen in a request as '1', never seen being set · step 1", "↑ sent · step 2"],
        "!↑",
    ),
    "kept, though refused": (
        (Visit(sets=("a=1; Domain=other.test",)), Visit(cookie="a=1")),
        key("a"),
        ["! seen in a request as '1', though it should have been refused · step 3"],
        "··!",
    ),
    "in doubt, and sent after all": (
        (
            Visit(sets=("a=1; SameSite=None; Secure",)),
            Visit(url="/p", headers=OWN_IMAGE, cookie="b=1"),
            Visit(cookie="a=1; b=1"),
        ),
        key("a"),
        [
            "● stored with the value '1' · step 2",
            "? doubtful: should have been sent but was not · step 3",
            "─ no longer doubtful · step 4",
            "↑ sent · step 4",
        ],
        "·●?↑",
    ),
    "unknown": ((Visit(),), key("nobody"), [], "·"),
}
"""Visits, a cookie, its life in words, and its timeline."""


@pytest.mark.parametrize(("visits", "of", "events", "line"), ROWS.values(), ids=ROWS)
def test_a_life(visits: tuple[Visit, ...], of: CookieKey, events: list[str], line: str) -> None:
    """Every event has its text, step and sign, in order."""
    table = Table(story_of(*visits).trace())
    board = board_of(table)
    life = board.life("c1", of, table.trace.position)
    assert texts(life) == events
    assert life.before == 0
    assert life.sent == sum(event.count for event in life.events if event.kind is LifeKind.SENT)
    assert drawn(board, table, of, len(table)) == line


def test_a_new_reason_ends_a_run() -> None:
    """Withholding for another reason is another event, and each has its reason."""
    visits = (
        Visit(sets=("a=1; Path=/x; SameSite=Strict",)),
        Visit(),
        Visit(url="/x", headers=WITHIN),
        Visit(url="/x", headers=WITHIN),
    )
    table = Table(story_of(*visits).trace())
    life = board_of(table).life("c1", key("a", "/x"), table.trace.position)
    assert [(event.count, bool(event.more)) for event in life.events] == [
        (1, True),
        (1, True),
        (2, True),
    ]
    assert life.events[1].more != life.events[2].more


def test_going_back_shows_the_life_as_of_then() -> None:
    """No event and no cell of a timeline shows what came after the step."""
    for seed in range(6):
        table = Table(random_story(seed).trace())
        board = board_of(table)
        keys = {
            (state.client_id, change.key)
            for state in table.trace.clients
            for change in table.trace.jar_changes(state.client_id)
        }
        for step in range(1, len(table) + 1):
            position = table.position(step)
            scale = board.scale(step, position, 1000)
            assert len(scale.positions) == step
            for client_id, of in keys:
                held = any(cookie.key == of for cookie in table.trace.jar_at(client_id, position))
                last = board.line(client_id, of, scale)[-1]
                assert last is not (LifeKind.ABSENT if held else LifeKind.HELD)
                for event in board.life(client_id, of, position).events:
                    assert not event.step or table.position(event.last_step) <= position


@pytest.mark.parametrize("seed", range(6))
def test_counts_are_those_of_the_trace(seed: int) -> None:
    """A life counts a cookie as sent as often as the exchanges do."""
    table = Table(random_story(seed).trace())
    board = board_of(table)
    for state in table.trace.clients:
        for of in {change.key for change in table.trace.jar_changes(state.client_id)}:
            life = board.life(state.client_id, of, table.trace.position, most=10_000)
            sent = sum(
                carried.status is CookieStatus.SENT
                and carried.cookie is not None
                and carried.cookie.key == of
                for exchange in table.trace.exchanges
                if exchange.request.client_id == state.client_id
                for carried in exchange.request.cookies
            )
            assert life.sent == sent
            events = [event for event in life.events if event.kind is LifeKind.SENT]
            assert sum(event.count for event in events) == sent


def test_a_long_life_shows_its_latest_events() -> None:
    """Beyond the requested number, earlier events are only counted."""
    visits = [Visit(sets=("a=0",))]
    visits += [Visit(cookie=f"a={number}", sets=(f"a={number + 1}",)) for number in range(30)]
    table = Table(story_of(*visits).trace())
    life = board_of(table).life("c1", key("a"), table.trace.position, most=4)
    assert len(life.events) == 4
    assert life.before == 31 + 30 - 4
    assert life.events[-1].text.startswith("value '29' replaced with '30'")


def test_many_steps_share_a_cell() -> None:
    """If there are fewer cells than steps, each cell shows the most important event."""
    visits = [Visit(sets=("a=1",)), *[Visit(cookie="a=1")] * 8, Visit(cookie="a=1", sets=("a=2",))]
    table = Table(story_of(*visits).trace())
    board = board_of(table)
    assert drawn(board, table, key("a"), len(table), cells=4) == "●↑↑●"
    assert drawn(board, table, key("a"), len(table), cells=1) == "●"


def test_out_of_focus() -> None:
    """An event outside the focus is named by its number and its path; there is no step to go to."""
    visits = (Visit(url="/set", sets=("a=1; Path=/",)), Visit(cookie="a=1"))
    table = Table(story_of(*visits).trace(), Focus(path="/"))
    stored, sent = board_of(table).life("c1", key("a"), table.trace.position).events
    assert (stored.step, stored.text) == (0, "stored with the value '1' · step 1, /set")
    assert (sent.step, sent.text) == (1, "sent · step 3")


def test_mask() -> None:
    """With a mask, no life shows a value."""
    table = Table(seed_story().trace(), mask=masked)
    of = key("user", domain="127.0.0.1")
    assert "Alice" not in repr(board_of(table).life("c1", of, table.trace.position))


@pytest.mark.parametrize("seed", range(6))
def test_live_and_at_once_are_the_same(seed: int) -> None:
    """Boards that are fed event by event end like those that read everything at once."""
    story = random_story(seed)
    trace = Trace()
    table = Table(trace)
    live = JarBoard(table)
    for event in story.events:
        update = trace.apply(event)
        table.update(update)
        live.update(update, limit=1)
    while not live.update(limit=1):
        pass
    whole = JarBoard(table)
    assert whole.update()
    scale = whole.life_board.scale(len(table), trace.position, 20)
    assert live.life_board.scale(len(table), trace.position, 20) == scale
    for state in trace.clients:
        assert live.view(state.client_id, trace.position) == whole.view(
            state.client_id, trace.position
        )
        for of in {change.key for change in trace.jar_changes(state.client_id)}:
            for board in (live, whole):
                assert board.life_board.line(state.client_id, of, scale)
            assert live.life_board.line(state.client_id, of, scale) == whole.life_board.line(
                state.client_id, of, scale
            )
            assert live.life_board.life(
                state.client_id, of, trace.position
            ) == whole.life_board.life(state.client_id, of, trace.position)


def test_an_event_that_is_still_being_applied_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another thread can update a board while the trace expires a cookie for a new request."""
    visits = (Visit(sets=("a=1; Max-Age=5",)), Visit(after=30.0), Visit(sets=("a=2",)))
    trace = Trace()
    table = Table(trace)
    board = LifeBoard(table)
    looked: list[bool] = []
    add = JarHistory.add

    def add_and_look(history: JarHistory, change: JarChange) -> None:
        add(history, change)
        looked.append(board.update())

    monkeypatch.setattr(JarHistory, "add", add_and_look)
    for event in story_of(*visits).events:
        table.update(trace.apply(event))
    assert False in looked
    assert board.update()
    assert texts(board.life("c1", key("a"), trace.position)) == [
        "● stored with the value '1' · step 2",
        "○ expired · step 3",
        "⊘ withheld · step 3",
        "● stored with the value '2' · step 5",
    ]


def test_gone() -> None:
    """Deleted and expired cookies are listed, the latest first, until they are set again."""
    visits = (
        Visit(sets=("a=1", "b=1; Max-Age=5", "c=1")),
        Visit(cookie="a=1; c=1", sets=("a=; Max-Age=0",)),
        Visit(cookie="c=1", sets=("b=2",)),
    )
    table = Table(story_of(*visits).trace())
    board = JarBoard(table)
    board.update()
    at = {step: board.view("c1", table.position(step)) for step in range(1, len(table) + 1)}
    assert [lost.cookie.name for lost in at[2].gone] == []
    assert [(lost.cookie.name, lost.how, lost.step) for lost in at[4].gone] == [
        ("a", "deleted", 4),
        ("b", "expired", 3),
    ]
    assert [lost.cookie.name for lost in at[len(table)].gone] == ["a"]
    assert [cookie.name for cookie in at[len(table)].cookies] == ["b", "c"]


def test_a_refusal_appears_at_its_own_step() -> None:
    """If a response has several refused cookies, each appears only from its own step on."""
    visits = (Visit(sets=("a=1", "b=1; Domain=test", "c=1; Domain=test")),)
    table = Table(story_of(*visits).trace())
    board = JarBoard(table)
    board.update()
    views = [
        board.view("c1", table.position(step), table.trace_row(step).index)
        for step in range(1, len(table) + 1)
    ]
    assert [view.refused_count for view in views] == [0, 0, 1, 2]
    assert [[row.results[0].name for row in view.refused] for view in views[2:]] == [
        ["b"],
        ["c", "b"],
    ]
    assert board.view("c1", table.trace.position) == views[-1]


def test_marks_are_those_of_the_step() -> None:
    """A step marks what it sends, withholds and changes, only in its own client's jar."""
    visits = (
        Visit(sets=("a=1", "b=1; Path=/x")),
        Visit(cookie="a=1", sets=("a=2",)),
        Visit(client="c2"),
    )
    table = Table(story_of(*visits).trace())
    board = JarBoard(table)
    board.update()
    a, b = key("a"), key("b", "/x")
    sent, held, changed = frozenset({Mark.SENT}), frozenset({Mark.WITHHELD}), Mark.CHANGED
    assert [board.marks("c1", step) for step in range(1, len(table) + 1)] == [
        {},
        {a: frozenset({changed}), b: frozenset({changed})},
        {a: sent, b: held},
        {a: sent | {changed}, b: held},
        {},
    ]


def test_gone_is_bounded() -> None:
    """No more than the limit of lost cookies are listed."""
    names = [f"n{number}" for number in range(MOST_GONE + 20)]
    visits = (
        Visit(sets=tuple(f"{name}=1; Max-Age=5" for name in names)),
        Visit(),
    )
    table = Table(story_of(*visits).trace())
    board = JarBoard(table)
    board.update()
    assert len(board.view("c1", table.trace.position).gone) == MOST_GONE

"""Playing the steps: what Space and each tick do, and how it looks in every mode."""

from __future__ import annotations

import pytest

from cookietrace.lesson.modes import MODES
from tests.tui import captures
from tests.tui.conftest import Open, dialog, screen_text, until
from tui.dialogs.help import HelpDialog
from tui.state.playing import SPEEDS, Playing, stepped, toggled
from tui.state.selection import Selection

LONG = [
    *captures.rich(),
    *(event for n in range(100, 200) for event in captures.visit(n, "https://shop.test/again")),
]
"""Enough steps to still be playing, at the highest speed, when a slow test looks."""

ON, OFF = Playing(on=True), Playing()
FOLLOWING = Selection(step=5, following=True, seen=5)


def at(step: int) -> Selection:
    """A step among five that the user has chosen."""
    return Selection(step=step, following=False, seen=5)


@pytest.mark.parametrize(
    ("playing", "selection", "count", "more", "plays", "step", "following"),
    [
        pytest.param(OFF, at(2), 5, False, True, 2, False, id="plays on from the selected step"),
        pytest.param(OFF, at(2), 5, True, True, 2, False, id="also while traffic arrives"),
        pytest.param(OFF, at(5), 5, False, True, 1, False, id="starts again after the last"),
        pytest.param(OFF, FOLLOWING, 5, False, True, 1, False, id="also if it was followed"),
        pytest.param(OFF, at(5), 5, True, False, 5, True, id="follows at the live end"),
        pytest.param(OFF, FOLLOWING, 5, True, False, 5, False, id="pauses following"),
        pytest.param(ON, at(2), 5, False, False, 2, False, id="pauses"),
        pytest.param(ON, at(2), 5, True, False, 2, False, id="pauses while traffic arrives"),
        pytest.param(OFF, Selection(), 0, True, False, 0, True, id="nothing to play"),
        pytest.param(OFF, Selection(step=1), 1, False, False, 1, True, id="one step only"),
    ],
)
def test_what_space_does(
    playing: Playing,
    selection: Selection,
    count: int,
    more: bool,
    plays: bool,
    step: int,
    following: bool,
) -> None:
    """Space plays on, starts again, pauses or follows, depending on the selected step."""
    now, there = toggled(playing, selection, count, more=more)
    assert (now.on, there.step, there.following) == (plays, step, following)


@pytest.mark.parametrize(
    ("playing", "selection", "count", "more", "plays", "step", "following"),
    [
        pytest.param(ON, at(2), 5, False, True, 3, False, id="goes one step on"),
        pytest.param(ON, at(4), 5, False, False, 5, False, id="stops at the last"),
        pytest.param(ON, at(4), 5, True, False, 5, True, id="follows from the newest"),
        pytest.param(ON, at(4), 9, True, True, 5, False, id="continues with what has arrived"),
        pytest.param(ON, at(5), 3, False, False, 3, False, id="a focus with fewer steps"),
        pytest.param(ON, at(5), 0, False, False, 5, False, id="a focus with none"),
        pytest.param(OFF, at(2), 5, False, False, 2, False, id="was paused meanwhile"),
    ],
)
def test_what_time_does(
    playing: Playing,
    selection: Selection,
    count: int,
    more: bool,
    plays: bool,
    step: int,
    following: bool,
) -> None:
    """Each tick takes one step, until none is left."""
    now, there = stepped(playing, selection, count, more=more)
    assert (now.on, there.step, there.following) == (plays, step, following)


def test_speeds_stay_in_range() -> None:
    """No speed is higher than the highest or lower than the lowest."""
    assert [Playing().faster(by).name for by in (-9, -1, 0, 1, 2, 9)] == [
        "½×",
        "½×",
        "1×",
        "2×",
        "4×",
        "8×",
    ]
    assert [Playing(speed=i).wait for i in range(len(SPEEDS))] == [2.0, 1.0, 0.5, 0.25, 0.125]
    assert (OFF.label, Playing(on=True, speed=2).label) == ("", "▶ playing 2×")


async def test_space_plays_and_pauses_in_every_mode(opened: Open) -> None:
    """Space plays and pauses, and the screen shows it, in every mode."""
    it = opened(LONG)
    async with it.app.run_test(size=(100, 30)) as pilot:
        await it.settled(pilot)
        await pilot.press(*["greater_than_sign"] * 3)
        for mode in MODES:
            await it.go_to(pilot, mode.key)
            await pilot.press("home", "space")
            await until(pilot, lambda: it.app.story.step > 2)
            assert "▶ playing 8×" in screen_text(it.app), mode.title
            await pilot.press("space")
            paused_at = it.app.story.step
            assert not it.app.story.playing.on, mode.title
            await pilot.pause()
            assert "▶ playing" not in screen_text(it.app), mode.title
            assert it.app.story.step == paused_at, mode.title


async def test_plays_across_modes_while_traffic_arrives(opened: Open) -> None:
    """Another mode plays on; new steps are played too; at the end it follows."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(100, 30)) as pilot:
        await it.settled(pilot)
        await pilot.press("home", *["greater_than_sign"] * 3, "space")
        it.append(captures.visit(3, "http://127.0.0.1:8081/", cookie="user=Alice"))
        await it.go_to(pilot, "9")
        await until(pilot, lambda: it.app.story.selection.following)
        await it.settled(pilot)
        assert not it.app.story.playing.on
        assert it.app.story.step == it.app.story.count
        it.append(captures.visit(4, "http://127.0.0.1:8081/", cookie="user=Alice"))
        await it.settled(pilot)
        assert it.app.story.step == it.app.story.count
        assert "▼ following" in screen_text(it.app)


async def test_stops_at_the_end_of_a_closed_trace(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stops at the last step; Space starts again at the first."""
    # The lowest speed is so low that the first step is still selected when a slow test looks.
    monkeypatch.setattr("tui.state.playing.SPEEDS", ((1 / 3600, "½×"), *SPEEDS[1:]))
    events = [*captures.seed(), captures.stopped()]
    it = opened(events, live=False)
    async with it.app.run_test(size=(100, 30)) as pilot:
        await it.settled(pilot)
        await pilot.press("home", *["greater_than_sign"] * 3, "space")
        await until(pilot, lambda: not it.app.story.playing.on)
        assert it.app.story.step == it.app.story.count
        await pilot.press(*["less_than_sign"] * 4, "space")
        assert it.app.story.step == 1
        assert "▶ playing ½×" in screen_text(it.app)


async def test_a_step_by_hand_pauses(opened: Open) -> None:
    """A step that the user takes or goes to stays selected."""
    it = opened(captures.rich())
    async with it.app.run_test(size=(100, 30)) as pilot:
        await it.settled(pilot)
        for keys in (("left",), ("right",), ("home",), ("end",), ("down",), ("g", "3", "enter")):
            await pilot.press("home", "right", "space")
            assert it.app.story.playing.on, keys
            await pilot.press(*keys)
            await until(pilot, lambda: not it.app.story.playing.on)
            await until(pilot, lambda: it.in_front)


async def test_a_dialog_holds_the_play(opened: Open) -> None:
    """Nothing moves behind a dialog; once it is closed, the steps play on."""
    it = opened(LONG)
    async with it.app.run_test(size=(100, 70)) as pilot:
        await it.settled(pilot)
        await pilot.press("home", *["greater_than_sign"] * 3, "space", "question_mark")
        await dialog(pilot, HelpDialog)
        assert "play (step automatically), pause" in screen_text(it.app)
        before = it.app.story.step
        await pilot.press("space", "escape")
        await until(pilot, lambda: it.app.story.step > before)


async def test_the_speed_is_shown_while_nothing_plays(opened: Open) -> None:
    """``<`` and ``>`` say which speed they have chosen."""
    it = opened(captures.seed())
    async with it.app.run_test(size=(100, 30), notifications=True) as pilot:
        await it.settled(pilot)
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: "Playing speed: 2×. Space plays." in screen_text(it.app))

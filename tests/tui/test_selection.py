"""The shared selected step."""

from __future__ import annotations

from tui.state.selection import Selection


def test_following_selects_the_newest() -> None:
    """While following, each new step is selected."""
    selection = Selection().grown(3).grown(5)
    assert (selection.step, selection.following, selection.new(5)) == (5, True, 0)


def test_moving_up_pauses_and_counts() -> None:
    """An older step stays selected, and new ones are counted."""
    selection = Selection().grown(5).at(4, 5).grown(9)
    assert (selection.step, selection.following, selection.new(9)) == (4, False, 4)


def test_moving_about_keeps_the_count() -> None:
    """Moves while paused do not reset the count of new steps."""
    assert Selection().grown(5).at(4, 5).at(2, 7).new(9) == 4


def test_down_to_the_newest_does_not_follow_by_itself() -> None:
    """Only ``f`` or End follows again."""
    paused = Selection().grown(5).at(4, 5)
    assert not paused.at(5, 5).following
    assert paused.follow(7) == Selection(step=7, following=True, seen=7)


def test_stays_in_range() -> None:
    """The step is between 1 and the newest; an empty table has none."""
    assert Selection().at(-3, 5).step == 1
    assert Selection().at(99, 5).step == 5
    assert Selection().at(1, 0).step == 0


def test_a_first_step_is_selected_even_when_paused() -> None:
    """A table that was empty selects its first step."""
    assert Selection(following=False).grown(3).step == 1

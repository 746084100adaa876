"""Pictures of the screen: every mode, two sizes, two themes, and traces from none to rich."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from cookietrace.events import Event
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.modes import MODES, Mode
from tests.tui import captures
from tests.tui.conftest import Open

Compare = Callable[..., bool]

USER = Focus(path="/", cookies=("user",))
TRACES: dict[str, tuple[list[Event], Focus]] = {
    "empty": ([captures.started()], USER),
    "seed": (captures.seed(), USER),
    "rich": (captures.rich(), Focus()),
}
SIZES = [(80, 24), (160, 48)]
THEMES = ["cookietrace-dark", "cookietrace-light"]


def named(size: tuple[int, int]) -> str:
    """Return a size as people write it."""
    return f"{size[0]}x{size[1]}"


def picture(
    opened: Open,
    snap_compare: Compare,
    trace: str,
    size: tuple[int, int],
    theme: str = THEMES[0],
    keys: Sequence[str] = (),
) -> bool:
    """Compare the screen, once everything is on it, with the picture that was kept."""
    events, focus = TRACES[trace]
    it = opened(events, focus=focus, theme=theme)

    async def ready(pilot: Pilot[Any]) -> None:
        await it.settled(pilot)
        for key in keys:
            await pilot.press(key)
            await it.settled(pilot)

    return snap_compare(it.app, terminal_size=size, run_before=ready)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=named)
@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_modes(
    opened: Open,
    snap_compare: Compare,
    mode: Mode,
    trace: str,
    size: tuple[int, int],
    theme: str,
) -> None:
    """Every mode with nothing, with the trace that started all this, with a rich one."""
    assert picture(opened, snap_compare, trace, size, theme, keys=(mode.key,))


@pytest.mark.parametrize("size", [(120, 36), (200, 60)], ids=named)
def test_other_sizes(opened: Open, snap_compare: Compare, size: tuple[int, int]) -> None:
    """The table between the usual sizes, and on a large screen."""
    assert picture(opened, snap_compare, "rich", size)


@pytest.mark.parametrize(
    "keys",
    [("question_mark",), ("o",), ("y",), ("slash", "l", "o", "g"), ("enter",), ("m",)],
    ids=lambda keys: "-".join(keys),
)
def test_dialogs(opened: Open, snap_compare: Compare, keys: tuple[str, ...]) -> None:
    """Help, focus, copy, find, zoomed details, hidden values."""
    assert picture(opened, snap_compare, "rich", (80, 24), keys=("home", *keys))


def test_too_small(opened: Open, snap_compare: Compare) -> None:
    """One message where nothing else would fit."""
    assert picture(opened, snap_compare, "seed", (50, 12))

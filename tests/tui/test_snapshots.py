"""Pictures of the screen: three sizes, two themes, nothing, the seed trace, a rich one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from cookietrace.events import Event
from cookietrace.lesson.focus import Focus
from tests.tui import captures
from tests.tui.conftest import Open

Compare = Callable[..., bool]

USER = Focus(path="/", cookies=("user",))
TRACES: dict[str, tuple[list[Event], Focus]] = {
    "empty": ([captures.started()], USER),
    "seed": (captures.seed(), USER),
    "rich": (captures.rich(), Focus()),
}
SIZES = [(80, 24), (120, 36), (200, 60)]
THEMES = ["cookietrace-dark", "cookietrace-light"]


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
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("trace", TRACES)
def test_table(
    opened: Open, snap_compare: Compare, trace: str, size: tuple[int, int], theme: str
) -> None:
    """The execution table."""
    assert picture(opened, snap_compare, trace, size, theme)


@pytest.mark.parametrize("trace", ["seed", "rich"])
@pytest.mark.parametrize("size", SIZES[:2], ids=lambda size: f"{size[0]}x{size[1]}")
def test_jar(opened: Open, snap_compare: Compare, trace: str, size: tuple[int, int]) -> None:
    """The cookie jar."""
    assert picture(opened, snap_compare, trace, size, keys=("9",))


def test_jar_in_the_light(opened: Open, snap_compare: Compare) -> None:
    """The cookie jar in the light theme, wide."""
    assert picture(opened, snap_compare, "rich", SIZES[2], THEMES[1], keys=("9",))


@pytest.mark.parametrize("trace", TRACES)
@pytest.mark.parametrize("key", list("12478"))
def test_other_modes(opened: Open, snap_compare: Compare, trace: str, key: str) -> None:
    """The modes that follow from the trace, at the size everybody has."""
    assert picture(opened, snap_compare, trace, (80, 24), keys=(key,))


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

"""Pictures of the screen: each mode with three traces, and each dialog once.

``make snapshots`` writes them. They belong to the versions in constraints.txt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from cookietrace.events import Event
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.modes import MODES
from tests.tui import captures
from tests.tui.conftest import Open

Compare = Callable[..., bool]

USER = Focus(path="/", cookies=("user",))
TRACES: dict[str, tuple[list[Event], Focus]] = {
    "empty": ([captures.started()], USER),
    "seed": (captures.seed(), USER),
    "rich": (captures.rich(), Focus()),
}
DARK, LIGHT = "cookietrace-dark", "cookietrace-light"
EVERY_MODE = [
    pytest.param("rich", (80, 24), DARK, id=f"rich-80x24-{DARK}"),
    pytest.param("seed", (160, 48), LIGHT, id=f"seed-160x48-{LIGHT}"),
    pytest.param("empty", (80, 24), DARK, id=f"empty-80x24-{DARK}"),
]


def named(size: tuple[int, int]) -> str:
    """Return a size as people write it."""
    return f"{size[0]}x{size[1]}"


@pytest.mark.parametrize(("trace", "size", "theme"), EVERY_MODE)
async def test_modes(
    opened: Open,
    snapshot: SnapshotAssertion,
    tmp_path: Path,
    trace: str,
    size: tuple[int, int],
    theme: str,
) -> None:
    """Every mode looks as in its picture: without a step, with three, and with many."""
    events, focus = TRACES[trace]
    it = opened(events, focus=focus, theme=theme)
    kept = snapshot.use_extension(SVGImageExtension)
    others = []
    async with it.app.run_test(size=size) as pilot:
        await it.settled(pilot)
        for mode in MODES:
            await it.go_to(pilot, mode.key)
            await pilot.wait_for_scheduled_animations()
            drawn = it.app.export_screenshot(title=it.app.title, simplify=True)
            if kept(name=mode.name) != drawn:
                others.append(mode.name)
                (tmp_path / f"{mode.name}.svg").write_text(drawn, encoding="utf-8")
    assert others == [], f"{tmp_path} holds how they look now"


def picture(
    opened: Open,
    snap_compare: Compare,
    trace: str,
    size: tuple[int, int],
    keys: Sequence[str] = (),
) -> bool:
    """Return whether the screen, once all of it is drawn, is the one in the kept picture."""
    events, focus = TRACES[trace]
    it = opened(events, focus=focus)

    async def ready(pilot: Pilot[Any]) -> None:
        await it.settled(pilot)
        await it.press(pilot, *keys)

    return snap_compare(it.app, terminal_size=size, run_before=ready)


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
    """Help, focus, copy, find, zoomed details and hidden values."""
    assert picture(opened, snap_compare, "rich", (80, 24), keys=("home", *keys))


def test_too_small(opened: Open, snap_compare: Compare) -> None:
    """One message if nothing else would fit."""
    assert picture(opened, snap_compare, "seed", (50, 12))

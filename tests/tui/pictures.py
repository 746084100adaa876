"""Draws the pictures of the documentation: ``python -m tests.tui.pictures``."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from cookietrace.lesson.focus import Focus
from cookietrace.stores import open_store
from tests.tui import captures
from tests.tui.conftest import Opened
from tui.app.app import CookietraceApp, Options
from tui.app.themes import DARK, LIGHT

IMAGES = Path(__file__).parents[2] / "docs" / "images"
USER = Focus(path="/", cookies=("user",))

PICTURES = (
    ("bug", captures.login_bug, Focus(), DARK.name, ("home", *["right"] * 3)),
    ("jar", captures.rich, Focus(), DARK.name, ("9", "down", "down", "down", "down", "down")),
    ("flow", captures.seed, USER, DARK.name, ("1", "home", "right", "right")),
    ("code", captures.seed, USER, DARK.name, ("2", "home", "comma", "comma")),
    ("tracker", captures.rich, Focus(), DARK.name, ("4",)),
    ("moments", captures.rich, Focus(), DARK.name, ("5", *["down"] * 4)),
    ("quiz", captures.seed, USER, LIGHT.name, ("6", "h")),
)
"""Name, trace, focus, theme, and the keys to press first."""


async def draw(folder: Path) -> None:
    """Draw them all."""
    for name, events, focus, theme, keys in PICTURES:
        path = folder / f"{name}.cookietrace"
        written = events()
        writer = captures.write(path, written)
        store = open_store(path)
        app = CookietraceApp(store, Options(capture=path, focus=focus, theme=theme))
        async with app.run_test(size=(118, 32)) as pilot:
            it = Opened(app, writer, len(written) + 1)
            await it.settled(pilot)
            for key in keys:
                await pilot.press(key)
                await it.settled(pilot)
            picture = app.export_screenshot(title="cookietrace", simplify=True)
        store.close()
        writer.close()
        alone = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
        fonts = 'font-family: "Fira Code", "DejaVu Sans Mono", Menlo, monospace'
        drawn = alone.replace("font-family: Fira Code, monospace", fonts)
        (IMAGES / f"{name}.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(draw(Path(temporary)))

"""A table of many rows: ours beside Textual's DataTable in the same run.

Each is the only widget of an app. Times are wall-clock times of one machine, so only the ratios
can be compared between machines.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import DataTable

from benchmarks.figures import Figure, figure, medians, rounds
from benchmarks.runner import main
from tui.app.themes import DARK
from tui.drawing.table_layout import Cells, Column
from tui.widgets.virtual_table import VirtualTable

ROOT = Path(__file__).parents[1]
PAGES = 100
MOST_OF_THEIRS = 100_000
"""How many rows a DataTable is filled with: it takes minutes for ten times as many."""
TITLES = ("Step", "Action", "Request Cookies", "Read Cookie", "Set Cookie", "Response Content")


def screen_on_terminal(capture: Path) -> tuple[int, subprocess.Popen[bytes]]:
    """Start the screen on a pseudo-terminal of 120 by 36 cells."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", str(capture)],
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
    )
    os.close(slave)
    return master, process


class Rows:
    """The rows of a long capture."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._count

    def cells(self, index: int) -> Cells:
        """Return the cells of one row."""
        return Cells(texts(index), ("quiet", "", "sent", "", "changed", ""), (("↑", "sent"),))


def texts(index: int) -> tuple[str, ...]:
    """Return the texts of a row's six cells."""
    value = index // 10
    return (
        str(index + 1),
        f"Client sends request {index + 1} with cookie: GET shop.test/page/{index % 97}",
        f"{{'user': 'v{value}'}}",
        f"v{value}",
        f"Set 'user'='v{value}'",
        f"Hello v{value}",
    )


class OursApp(App[None]):
    """An app with only our table."""

    CSS_PATH = str(ROOT / "tui" / "app" / "styles.tcss")

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = Rows(rows)
        self.register_theme(DARK)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        """Compose the table."""
        yield VirtualTable(self._rows, tuple(Column(title, 8) for title in TITLES))


class TheirsApp(App[None]):
    """An app with only Textual's DataTable."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def compose(self) -> ComposeResult:
        """Compose the table."""
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable)
        table.add_columns(*TITLES)
        table.add_rows(texts(index) for index in range(self._rows))


async def open_and_scroll(app: App[None], pages: int) -> tuple[float, float]:
    """Return the seconds to the first complete screen, and the average seconds per page down."""
    start = time.perf_counter()
    async with app.run_test(size=(120, 40)) as pilot:
        await _drawn(pilot)
        opened = time.perf_counter() - start
        table = app.query_one("VirtualTable, DataTable")
        table.focus()
        await _drawn(pilot)
        start = time.perf_counter()
        for _ in range(pages):
            await pilot.press("pagedown")
            await _drawn(pilot)
        scrolled = (time.perf_counter() - start) / pages
    return opened, scrolled


async def _drawn(pilot: Pilot[None]) -> None:
    await pilot.pause()


def measured(app: App[None], size: int) -> tuple[float, float]:
    """Return the milliseconds to the first screen, and those of a page down."""
    gc.collect()
    opened, scrolled = asyncio.run(open_and_scroll(app, min(PAGES, max(1, size // 30))))
    return opened * 1000, scrolled * 1000


def figures(sizes: Sequence[int]) -> Iterator[Figure]:
    """Yield what opening and scrolling a table of so many rows takes."""
    for size in sizes:
        both = []
        for _ in range(rounds(size)):
            theirs = measured(TheirsApp(size), size) if size <= MOST_OF_THEIRS else (0.0, 0.0)
            both.append((*measured(OursApp(size), size), *theirs))
        middle = medians(both)
        for name, ours, their in zip(("open", "page down"), middle[:2], middle[2:], strict=True):
            yield figure(name, size, ours, "ms", peer="Textual's DataTable", peer_value=their)


if __name__ == "__main__":
    sys.exit(main(["table", *sys.argv[1:]]))

"""Measures a viewer over a big capture: how soon it shows it, and how soon it answers keys.

    python -m benchmarks.bench_view [--exchanges N] [--capture FILE] [--still] [--first]
                                    [--json FILE]

The real viewer on a pseudo-terminal of 120 by 36 cells, over an ``ordinary`` capture of
``benchmarks.captures``. It loads all of it while no key is pressed: what keys draw takes its share
of the processor. Then come Down, the newest step, the next problem, a search for a text that is
everywhere and for one that is nowhere, the dialog of the focus, and a narrow focus: for each, the
time to the first thing drawn that shows it, and to the last. After that the same capture is
opened a second time, with what the first run kept.

In a run of its own, with nothing kept, Down is pressed ten times a second for the first 20 seconds
of loading; a press is answered when the number of the selected step is drawn. ``--still`` leaves
that run out.

Loading has ended once no new count of steps was drawn for two seconds and the viewer has come
to rest. Times are wall-clock times of one machine; the processor's seconds stand beside them.
"""

from __future__ import annotations

import argparse
import os
import re
import select
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.bench_live import run_first
from benchmarks.bench_tui import screen_on_terminal
from benchmarks.captures import SEED, SHAPES
from benchmarks.whole_process import peak_of_running

EXCHANGES = 100_000
KEY_SECONDS = 0.1
DOWN, END, ENTER, ESCAPE = "\x1b[B", "\x1b[F", "\r", "\x1b"
FIRST_ROW = " 1  GET "
COUNT = re.compile(r"([\d,]+) steps")
STEP = re.compile(r"step ([\d,]+)[a-z]* of")
FOUND = re.compile(r"[\d,]+ match|no match|searching|searched")
_CODES = re.compile(rb"\x1b\[[0-9;:?]*[A-Za-z]|\x1b[()=>].?|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_TICKS = os.sysconf("SC_CLK_TCK")
_REST_SHARE = 0.2
"""The share of a core below which the viewer is at rest."""
_PATIENCE = 10.0
"""Seconds after which a key press counts as not answered."""
_PRESSES = 30
_PRESSING_SECONDS = 20.0
"""The most seconds of loading in which keys are pressed."""
_LOADED_SECONDS = 2.0
"""Seconds without a new count of steps after which everything may have been loaded."""


class Reaction(msgspec.Struct, frozen=True):
    """The seconds from a key to what it does."""

    first: float | None
    """To the first thing that shows it; None if that never came."""
    last: float
    """To the last thing drawn for it."""
    processor: float
    """What the viewer took of the processor meanwhile."""


class Viewed(msgspec.Struct, frozen=True):
    """What one run of the viewer took, in seconds and bytes."""

    exchanges: int
    steps: int
    """The last count of steps that was drawn."""
    first_row: float
    loaded: float
    """To the last new count of steps."""
    at_rest: float
    """To the end of all work: problems graded, everything drawn."""
    processor: float
    """Processor seconds until then."""
    peak_memory: int
    key_presses: int
    """How many presses of Down were answered while it loaded in another run; 0 if not asked."""
    keys: tuple[float, float, float]
    """From such a press to the number of the selected step: median, 99 of 100, longest."""
    keys_at_rest: tuple[float, float, float]
    """The same once everything is loaded."""
    reactions: dict[str, Reaction]
    again: float
    """To the last count of steps when the same capture is viewed a second time."""
    again_processor: float
    """Processor seconds until then."""
    idle: float
    """The share of a core that the viewer takes in the end."""
    load_average: float


class Viewer:
    """The viewer on its terminal; what it draws arrives as text without its codes."""

    def __init__(self, capture: Path) -> None:
        self.begun = time.monotonic()
        self.master, self.process = screen_on_terminal(capture)
        self._rest = b""
        self._tail = ""

    def read(self, seconds: float) -> str:
        """Return what is drawn next, empty if that is nothing; a bit of before stands first."""
        if not select.select([self.master], [], [], seconds)[0]:
            return ""
        try:
            data = self._rest + os.read(self.master, 1 << 18)
        except OSError:
            raise SystemExit(f"the viewer ended with {self.process.wait()}") from None
        cut = data.rfind(b"\x1b") if b"\x1b" in data[-24:] else len(data)
        data, self._rest = data[:cut], data[cut:]
        text = self._tail + _CODES.sub(b"", data).decode(errors="replace")
        self._tail = text[-24:]
        return text

    def press(self, key: str) -> float:
        """Press a key, and return when that was."""
        self._tail = ""
        os.write(self.master, key.encode())
        return time.monotonic()

    @property
    def processor(self) -> float:
        """The processor seconds that it has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def busy(self) -> float:
        """The seconds in which its threads ran or waited for a processor."""
        spent = 0
        for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                ran, waited, _ = (thread / "schedstat").read_text().split()
            except OSError:
                continue  # ended just now
            spent += int(ran) + int(waited)
        return spent / 1e9

    @property
    def peak_memory(self) -> int:
        """The most memory that it has had, in bytes."""
        return peak_of_running(self.process.pid)

    def until_rest(self, look: Callable[[str], object], most: float) -> float:
        """Read on, and look at all of it, until it is at rest; return when it last drew."""
        end = time.monotonic() + most
        drew, spent, looked_at = time.monotonic(), self.busy, time.monotonic()
        while time.monotonic() < end:
            text = self.read(0.05)
            if text:
                drew = time.monotonic()
                look(text)
            now = time.monotonic()
            if now - looked_at >= 1.0:
                share = (self.busy - spent) / (now - looked_at)
                spent, looked_at = self.busy, now
                if share < _REST_SHARE:
                    break
        return drew

    def reaction(self, keys: Sequence[str], sign: re.Pattern[str], most: float = 120.0) -> Reaction:
        """Press keys, and wait until all that the last one does is done."""
        for key in keys[:-1]:
            self.press(key)
            self.until_rest(lambda _: None, 5.0)
        spent, begun = self.processor, self.press(keys[-1])
        first: list[float] = []

        def look(text: str) -> None:
            if not first and sign.search(text):
                first.append(time.monotonic() - begun)

        last = self.until_rest(look, most) - begun
        return Reaction(first[0] if first else None, last, self.processor - spent)

    def step_down(self, wanted: int) -> float:
        """Press Down, and return the seconds until this step is drawn as the selected one."""
        pressed, drawn = self.press(DOWN), False
        while not drawn and time.monotonic() - pressed < _PATIENCE:
            drawn = any(_number(match) >= wanted for match in STEP.finditer(self.read(0.01)))
        taken = time.monotonic() - pressed
        while time.monotonic() - pressed < KEY_SECONDS:
            self.read(0.01)
        return taken

    def end(self) -> None:
        """End it; its last output must be read for that."""
        self.process.terminate()
        end = time.monotonic() + 10
        while self.process.poll() is None:
            if time.monotonic() > end:
                self.process.kill()
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    os.read(self.master, 1 << 16)
                except OSError:
                    break
        self.process.wait()
        os.close(self.master)


def measure(capture: Path, exchanges: int, most: float = 900.0, *, still: bool = False) -> Viewed:
    """View a capture twice, and press keys while it loads again unless ``still``.

    What earlier runs kept is out of sight.
    """
    with _nothing_kept():
        with _viewing(capture) as viewer:
            viewed = _measured(viewer, exchanges, most)
        with _viewing(capture) as viewer:
            again, processor = _again(viewer, viewed.steps, most)
    waits: list[float] = []
    if not still:
        with _nothing_kept(), _viewing(capture) as viewer:
            waits = _waits_while_loading(viewer, most)
    return msgspec.structs.replace(
        viewed,
        again=again,
        again_processor=processor,
        key_presses=len(waits),
        keys=_spread(waits or [0.0]),
    )


@contextmanager
def _nothing_kept() -> Iterator[None]:
    """Let viewers keep what they keep in a folder that is empty at first and removed after."""
    before = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["XDG_CACHE_HOME"]
            else:
                os.environ["XDG_CACHE_HOME"] = before


@contextmanager
def _viewing(capture: Path) -> Iterator[Viewer]:
    viewer = Viewer(capture)
    try:
        yield viewer
    finally:
        viewer.end()


def _again(viewer: Viewer, steps: int, most: float) -> tuple[float, float]:
    """Return the seconds until that many steps are drawn, and those of the processor."""
    count = 0
    while count < steps and time.monotonic() - viewer.begun < most:
        counts = [_number(match) for match in COUNT.finditer(viewer.read(0.05))]
        count = max([count, *counts])
    return time.monotonic() - viewer.begun, viewer.processor


def _until_first_row(viewer: Viewer, most: float) -> float:
    """Return the seconds until the first row is drawn."""
    text = ""
    while FIRST_ROW not in text:
        text = viewer.read(0.05)
        assert time.monotonic() - viewer.begun < most, "the first row never came"
    return time.monotonic() - viewer.begun


def _waits_while_loading(viewer: Viewer, most: float) -> list[float]:
    """Press Down ten times a second while it loads, and return how long each press waited."""
    _until_first_row(viewer, most)
    counted = begun = time.monotonic()
    steps, wanted, due = 0, 1, begun
    waits: list[tuple[float, float]] = []
    pressed = 0.0
    while time.monotonic() - counted < _LOADED_SECONDS:
        if not pressed and time.monotonic() - begun > _PRESSING_SECONDS:
            break
        if not pressed and time.monotonic() >= due:
            wanted, pressed = wanted + 1, viewer.press(DOWN)
            due = pressed + KEY_SECONDS
        text = viewer.read(0.01)
        now = time.monotonic()
        for match in COUNT.finditer(text):
            count = _number(match)
            if count > steps:
                steps, counted = count, now
        drawn = any(_number(match) >= wanted for match in STEP.finditer(text))
        if pressed and (drawn or now - pressed > _PATIENCE):
            waits.append((pressed, now - pressed))
            pressed = 0.0
    return [wait for at, wait in waits if at < counted]


def _measured(viewer: Viewer, exchanges: int, most: float) -> Viewed:
    begun = viewer.begun
    first_row = _until_first_row(viewer, most)
    counted, steps = time.monotonic(), 0
    while time.monotonic() - counted < _LOADED_SECONDS and time.monotonic() - begun < most:
        text = viewer.read(0.01)
        now = time.monotonic()
        for match in COUNT.finditer(text):
            count = _number(match)
            if count > steps:
                steps, counted = count, now
    at_rest = viewer.until_rest(lambda _: None, most)
    at_rest = max(at_rest, counted) - begun
    processor, memory, wanted = viewer.processor, viewer.peak_memory, 1
    resting = [viewer.step_down(wanted := wanted + 1) for _ in range(_PRESSES)]
    reactions = {}
    for name, keys, sign in (
        ("newest step", (END,), re.compile(rf"step {steps:,}|step {steps}")),
        ("next problem", ("]",), re.compile(r"step|problem")),
        ("find: everywhere", ("/", "session"), FOUND),
        ("find: ended", (ESCAPE,), re.compile(".")),
        ("find: nowhere", ("/", "qqqzzz"), FOUND),
        ("find: ended again", (ESCAPE,), re.compile(".")),
        ("focus: dialog", ("o",), re.compile(r"Cookies \(any|counted")),
        ("focus: one path", ("/page/7/",), re.compile("exchanges|counted")),
        ("focus: applied", (ENTER,), re.compile(r"path /page/7/")),
        ("focus: everything", ("O",), re.compile("everything")),
    ):
        reactions[name] = viewer.reaction(keys, sign)
    spent, since = viewer.processor, time.monotonic()
    while time.monotonic() - since < 10:
        viewer.read(0.1)
    idle = (viewer.processor - spent) / (time.monotonic() - since)
    return Viewed(
        exchanges=exchanges,
        steps=steps,
        first_row=first_row,
        loaded=counted - begun,
        at_rest=at_rest,
        processor=processor,
        peak_memory=memory,
        key_presses=0,
        keys=(0.0, 0.0, 0.0),
        keys_at_rest=_spread(resting),
        reactions=reactions,
        again=0.0,
        again_processor=0.0,
        idle=idle,
        load_average=os.getloadavg()[0],
    )


def _number(match: re.Match[str]) -> int:
    return int(match[1].replace(",", ""))


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    ordered = sorted(values)
    most = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return statistics.median(ordered), most, ordered[-1]


def print_table(viewed: Viewed) -> None:
    """Print what was measured."""
    print(f"{viewed.exchanges:,} exchanges, {viewed.steps:,} steps")
    print(f"  first row        {viewed.first_row:8.2f} s")
    print(f"  loaded           {viewed.loaded:8.2f} s")
    print(f"  at rest          {viewed.at_rest:8.2f} s, {viewed.processor:.2f} s of processor")
    print(f"  peak memory      {viewed.peak_memory / 1e6:8.0f} MB")
    for name, keys, presses in (
        ("keys meanwhile", viewed.keys, viewed.key_presses),
        ("keys at rest", viewed.keys_at_rest, _PRESSES),
    ):
        if not presses:
            continue
        median, most, longest = (1000 * each for each in keys)
        print(
            f"  {name:17}{median:8.0f} ms median, p99 {most:.0f}, longest {longest:.0f}, "
            f"{presses} presses"
        )
    for name, reaction in viewed.reactions.items():
        first = "   never" if reaction.first is None else f"{1000 * reaction.first:8.0f}"
        print(
            f"  {name:17}{first} ms first, {reaction.last:.2f} s last, "
            f"{reaction.processor:.2f} s of processor"
        )
    print(f"  loaded again     {viewed.again:8.2f} s, {viewed.again_processor:.2f} s of processor")
    print(f"  idle             {100 * viewed.idle:8.2f} % of a core")
    print(f"  load average     {viewed.load_average:8.1f}")


def main() -> int:
    """Measure, print and keep what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--exchanges", type=int, default=EXCHANGES)
    parser.add_argument("--capture", type=Path, help="one made before with that many exchanges")
    parser.add_argument(
        "--still", action="store_true", help="leave out the run that presses keys while it loads"
    )
    parser.add_argument("--first", action="store_true", help="before other programs, if allowed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    given = parser.parse_args()
    if given.first and not run_first():
        parser.error("--first: the system does not allow it")
    with tempfile.TemporaryDirectory() as folder:
        capture = given.capture
        if capture is None:
            capture = Path(folder) / "bench.cookietrace"
            SHAPES["ordinary"](capture, given.exchanges, SEED)
        viewed = measure(capture, given.exchanges, still=given.still)
    print_table(viewed)
    if given.json is not None:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(viewed)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Viewers on terminals and readers without one, which come and go while a capture grows."""

from __future__ import annotations

import json
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from cookietrace.errors import CookietraceError
from cookietrace.stores import events_of, open_store
from tests.e2e.terminal import ROOT, Terminal
from tests.soak.monitors import Sample, has_work, sample

KEYS = ("\x1b[D", "\x1b[C", "j", "k", "\x1b[5~", "\x1b[6~", "f", "[", "]", "d", "m", *"123456789")
"""What a user presses: steps, pages, problems, details, values hidden, and the nine modes."""

FIRST_STEP, NEWEST_STEP = "\x1b[H", "f"

ENDS = ("q", "Ctrl-C", "SIGTERM", "SIGKILL", "closed window")
"""How a viewer is left."""

_LOOK_SECONDS = 0.02

_LEAVE_SECONDS = 60.0
"""How long a viewer may take to leave: on a busy machine it has keys to handle before that one."""

_SECONDS = 30.0
"""How long one reader may take."""


class Viewers:
    """One viewer that stays, and others that come, press keys and go, as do readers."""

    def __init__(self, capture: Path, seed: int) -> None:
        self.left: Counter[str] = Counter()
        """How often a viewer was left in each way."""
        self.read: Counter[str] = Counter()
        """How often each reader read the capture."""
        self.trouble: list[str] = []
        self._capture = capture
        self._dice = random.Random(f"{seed}-viewers")
        self._over = threading.Event()
        self._calm = threading.Event()
        """Set while nobody else presses keys in the viewer that stays."""
        self.resident = self._open()
        self._closed = False
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._stay, self._come_and_go, self._read)
        ]

    @property
    def screen_pid(self) -> int:
        """The process that draws the viewer that stays, which has shown each mode once."""
        return self._settled(self.resident)

    def settle(self) -> None:
        """Let the viewer that stays show each mode once, at the first step and at the newest.

        What a mode draws is made when it is first shown, and made anew for what was recorded since
        then: with 2,500 exchanges of the lessons the nine modes take 26 MB together, and what is
        kept of single steps 10 MB more. After that, memory stays where it is: it grew by 0.5 MB
        while 400 further keys were pressed.
        """
        self._settled(self.resident)

    def newcomer(self) -> Sample | None:
        """Return the memory of a viewer that is opened now, has shown each mode, and leaves."""
        viewer = self._open()
        try:
            return sample(self._settled(viewer))
        finally:
            self._leave(viewer, "q")

    def _settled(self, viewer: Terminal) -> int:
        """Let a viewer show each mode once; return the process that draws it."""
        self._calm.set()
        viewer.wait_for("step")
        pid = viewer.children()["tui"]
        _wait_for_rest(pid, 1.0)
        for key in (*"123456789", "3"):
            for each in (key, FIRST_STEP, NEWEST_STEP):
                viewer.press(each)
                _wait_for_rest(pid, 0.1, most=1.0)
        _wait_for_rest(pid, 0.5)
        self._calm.clear()
        return pid

    def start(self) -> None:
        """Let them come and go."""
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Send away those that are there, except the one that stays."""
        self._over.set()
        for thread in self._threads:
            thread.join(2 * _SECONDS)

    def close(self) -> None:
        """Send away the one that stays, too. Safe to call twice."""
        self.finish()
        if not self._closed:
            self._closed = True
            self._leave(self.resident, "q")

    def _open(self) -> Terminal:
        return Terminal(["view", str(self._capture)], secrets.token_hex(8))

    def _stay(self) -> None:
        dice = random.Random(self._dice.random())
        while not self._over.wait(dice.uniform(0.1, 0.6)):
            if not self._calm.is_set():
                self.resident.press(dice.choice(KEYS))
            if self.resident.process.poll() is not None:
                self.trouble.append(f"the viewer that stays ended: {self.resident.text[-300:]}")
                return

    def _come_and_go(self) -> None:
        dice = random.Random(self._dice.random())
        while not self._over.wait(dice.uniform(0.5, 3.0)):
            viewer = self._open()
            try:
                viewer.wait_for("step")
                for _ in range(dice.randrange(30)):
                    viewer.press(dice.choice(KEYS))
                    if self._over.wait(dice.uniform(0.05, 0.3)):
                        break
                self._leave(viewer, dice.choice(ENDS))
            except AssertionError as error:
                self.trouble.append(f"a viewer: {str(error)[-300:]}")
                viewer.close()

    def _leave(self, viewer: Terminal, way: str) -> None:
        """Leave a viewer in one of the ways, and wait until it has ended."""
        try:
            if way == "closed window":
                viewer.hang_up()
            elif way == "Ctrl-C":
                viewer.press("\x03")
            elif way == "q":
                viewer.press("\x1bq")
                viewer.press("q")
            else:
                viewer.process.send_signal(signal.Signals[way])
            viewer.process.wait(_LEAVE_SECONDS)
            self.left[way] += 1
        except (subprocess.TimeoutExpired, AssertionError):
            self.trouble.append(f"a viewer did not end ({way}): {viewer.text[-200:]}")
        finally:
            viewer.close()

    def _read(self) -> None:
        dice = random.Random(self._dice.random())
        readers = {"store": self._read_store, "explain": self._explain, "export": self._export}
        while not self._over.wait(dice.uniform(1.0, 4.0)):
            name = dice.choice(sorted(readers))
            try:
                readers[name]()
                self.read[name] += 1
            except (CookietraceError, subprocess.SubprocessError, ValueError) as error:
                self.trouble.append(f"{name}: {error}")

    def _read_store(self) -> None:
        """Read all events."""
        with closing(open_store(self._capture)) as store:
            if not list(events_of(store)):
                raise ValueError("no events")

    def _explain(self) -> None:
        """Read what ``explain --json`` prints: every line is an object."""
        for line in self._run("explain", str(self._capture), "--json").splitlines():
            json.loads(line)

    def _export(self) -> None:
        """Export, as a page."""
        page = self._run("export", str(self._capture), "--format", "html", "--output", "-")
        if "</html>" not in page:
            raise ValueError("the page has no end")

    def _run(self, *arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "cookietrace", *arguments],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            timeout=_SECONDS * 4,
        ).stdout


def _wait_for_rest(pid: int, seconds: float, most: float = _SECONDS) -> None:
    """Wait until a process has nothing to do for so many seconds, but not longer than ``most``.

    However busy the machine is: a process that waits for a processor has something to do. While
    much is recorded there is always something.
    """
    end, quiet = time.monotonic() + most, 0.0
    while quiet < seconds and time.monotonic() < end:
        time.sleep(_LOOK_SECONDS)
        quiet = 0.0 if has_work(pid) else quiet + _LOOK_SECONDS

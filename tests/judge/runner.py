"""Runs scenarios in one Chromium behind one proxy; returns what the browser and the fold say."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from cookietrace.stores import START, open_store
from cookietrace.trace import Trace
from tests.judge.devtools import PATIENCE, DevToolsError, Json
from tests.judge.proxy import Proxy
from tests.judge.scenario import (
    Act,
    Back,
    ClearCookies,
    Elapse,
    Go,
    Leave,
    Reload,
    Scenario,
    Step,
    UntilGone,
)
from tests.judge.server import Server
from tests.judge.windows import Noted, Window, Windows

AT_ONCE = 4
"""Scenarios that run at the same time."""

_BACKGROUND = "background"
"""The label of the listener for the browser's own traffic."""


class Snapshot(msgspec.Struct, frozen=True):
    """Chromium's jar of one window after one step."""

    label: str
    at: float
    cookies: tuple[Json, ...]


class Report(msgspec.Struct):
    """What Chromium did and reported in one scenario."""

    scenario: Scenario
    notes: dict[int, Noted] = msgspec.field(default_factory=dict)
    snapshots: list[Snapshot] = msgspec.field(default_factory=list)
    error: str | None = None
    """Why the scenario did not finish."""


class Run(msgspec.Struct, frozen=True):
    """Everything that the score needs."""

    report: Mapping[str, Report]
    trace: Trace


def run(scenarios: Sequence[Scenario]) -> Run:
    """Run all scenarios. Those that wait for time to pass start first."""
    labels = [f"{one.name}#{window}" for one in scenarios for window in one.windows()]
    ordered = sorted(
        scenarios, key=lambda one: not any(isinstance(step, Elapse) for step in one.steps)
    )
    with tempfile.TemporaryDirectory(prefix="cookietrace-judge-") as folder:
        capture = Path(folder) / "judge.cookietrace"
        with (
            Server() as server,
            Proxy(
                capture, Path(folder), f"http://127.0.0.1:{server.port}", [_BACKGROUND, *labels]
            ) as proxy,
        ):
            for one in scenarios:
                server.add(one)
            windows = Windows(proxy.addresses[_BACKGROUND], proxy.ca)
            with windows.chromium, ThreadPoolExecutor(AT_ONCE) as pool:
                windows.start()
                report = list(
                    pool.map(lambda one: _Play(one, server, proxy, windows).report(), ordered)
                )
        return Run({one.scenario.name: one for one in report}, _folded(capture))


def _folded(capture: Path) -> Trace:
    """Return the trace of a capture."""
    trace = Trace()
    store = open_store(capture)
    try:
        position = START
        while (batch := store.read(position)).events:
            for event in batch.events:
                trace.apply(event)
            position = batch.position
    finally:
        store.close()
    return trace


class _Play:
    """One running scenario."""

    def __init__(self, scenario: Scenario, server: Server, proxy: Proxy, windows: Windows) -> None:
        self._scenario = scenario
        self._server = server
        self._windows = windows
        self._proxy = proxy
        self._open: dict[str, Window] = {}

    def report(self) -> Report:
        """Run it, and return what Chromium reported."""
        report = Report(self._scenario)
        try:
            for name in self._scenario.windows():
                label = f"{self._scenario.name}#{name}"
                self._open[name] = self._windows.open(self._proxy.addresses[label])
            for step in self._scenario.steps:
                self._handle(step)
                label = f"{self._scenario.name}#{step.window}"
                cookies = tuple(self._open[step.window].cookies())
                report.snapshots.append(Snapshot(label, time.time(), cookies))
        except (DevToolsError, TimeoutError, OSError) as error:
            report.error = f"{type(error).__name__}: {error}"
        for window in self._open.values():
            report.notes.update(window.notes)
            window.close()
        return report

    def _handle(self, step: Step) -> None:
        """Run one step."""
        window = self._open[step.window]
        before = self._served(step.until)
        match step:
            case Go():
                window.go(step.url)
            case Act():
                window.act(step.script)
            case Leave():
                window.leave(step.script)
            case Reload():
                window.reload()
            case Back():
                window.back()
            case ClearCookies():
                window.clear()
            case UntilGone():
                _poll(lambda: all(one["name"] != step.name for one in window.cookies()))
            case Elapse():
                threading.Event().wait(step.seconds)
        if step.until is not None:
            self._server.wait_served(self._scenario.name, step.until, before + 1)
        window.settle()

    def _served(self, url: str | None) -> int:
        return self._server.served(self._scenario.name, url) if url is not None else 0


def _poll(condition: Callable[[], bool]) -> None:
    """Poll the browser until the condition holds: it sends no event when a cookie expires."""
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the cookie was not removed")
        pause.wait(0.1)

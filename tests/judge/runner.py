"""Runs scenarios in browsers behind one proxy; returns what the browsers and the fold say."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, Self

import msgspec

from cookietrace.events import Event
from cookietrace.formats import read_capture
from cookietrace.listening.said import Said
from cookietrace.trace import Trace, fold
from tests.judge.browser import PATIENCE, Browser, BrowserError, JarCookie, Noted, Window
from tests.judge.proxy import Proxy
from tests.judge.recorded import by_label
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
    UntilHeld,
)
from tests.judge.server import Server
from tests.judge.variants import VARIANTS

_AT_ONCE, _MOST_AT_ONCE = 12, 5
"""Scenarios that run at the same time in all browsers together, and at most in one."""

BACKGROUND = "background"
"""The label of the listener for the browsers' own traffic."""


class Snapshot(msgspec.Struct, frozen=True):
    """A browser's jar of one window after one step."""

    label: str
    """The window's listener."""
    step: int
    """From 1."""
    at: float
    cookies: tuple[JarCookie, ...]


class Report(msgspec.Struct):
    """What a browser did and reported in one scenario."""

    browser: str
    scenario: Scenario
    notes: dict[int, Noted] = msgspec.field(default_factory=dict)
    snapshots: list[Snapshot] = msgspec.field(default_factory=list)
    error: str | None = None
    """Why the scenario did not finish."""

    @property
    def key(self) -> str:
        """The browser and the scenario, as in the labels of its listeners."""
        return _key(self.browser, self.scenario)


class Run(msgspec.Struct, frozen=True):
    """Everything that the score needs."""

    reports: tuple[Report, ...]
    trace: Trace
    recorded: Mapping[str, Sequence[Event]]
    """By the label of the listener, as if it had a capture to itself."""
    said: Mapping[str, tuple[tuple[Said, ...], ...]] = {}
    """What the logs of each browser say, one for each of its processes."""
    heard: Mapping[str, tuple[tuple[Said, ...], ...]] = {}
    """What each browser says over a protocol (DevTools, BiDi), in the same way."""


class Hosts(Protocol):
    """Whoever responds instead of all hosts, from when it is entered."""

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""

    def add(self, key: str, scenario: Scenario) -> None:
        """Serve a scenario from now on, as played by one browser: ``BROWSER/NAME``."""

    def served(self, scenario: str, url: str) -> int:
        """Return how many responses for a URL were sent."""

    def wait_served(self, scenario: str, url: str, times: int) -> None:
        """Wait until that many responses were sent; raises ``TimeoutError``."""

    def __enter__(self) -> Self:
        """Start serving."""

    def __exit__(self, *_: object) -> None:
        """Accept no more connections."""


def run(chosen: Mapping[str, Sequence[Scenario]], hosts: Hosts | None = None) -> Run:
    """Run the scenarios of each browser. Those that wait for time to pass start first.

    ``hosts`` respond; by default as the scenarios say.
    """
    hosts = Server() if hosts is None else hosts
    number = sum(map(len, chosen.values()))
    # Shared by how many each has, so that all browsers end at about the same time.
    shares = {
        browser: min(_MOST_AT_ONCE, max(1, round(_AT_ONCE * len(scenarios) / max(1, number))))
        for browser, scenarios in chosen.items()
    }
    labels = [
        label
        for browser, scenarios in chosen.items()
        for one in scenarios
        for label in labels_of(browser, one)
    ]
    with tempfile.TemporaryDirectory(prefix="cookietrace-judge-") as folder:
        capture = Path(folder) / "judge.cookietrace"
        with (
            hosts as server,
            Proxy(
                capture, Path(folder), f"http://127.0.0.1:{server.port}", [BACKGROUND, *labels]
            ) as proxy,
            ThreadPoolExecutor(max(1, len(chosen))) as pool,
        ):
            played = list(
                pool.map(
                    lambda browser: _run(
                        browser, chosen[browser], server, proxy, at_once=shares[browser]
                    ),
                    chosen,
                )
            )
        events = list(read_capture(capture))
        return Run(
            tuple(one for reports, _, _ in played for one in reports),
            fold(events),
            by_label(events),
            {browser: said for browser, (_, said, _) in zip(chosen, played, strict=True)},
            {browser: heard for browser, (_, _, heard) in zip(chosen, played, strict=True)},
        )


def _run(
    name: str, scenarios: Sequence[Scenario], server: Hosts, proxy: Proxy, *, at_once: int
) -> tuple[Sequence[Report], tuple[tuple[Said, ...], ...], tuple[tuple[Said, ...], ...]]:
    """Run scenarios in one browser; return its reports, and what its logs and protocols say."""
    for one in scenarios:
        server.add(_key(name, one), one)
    ordered = sorted(
        scenarios, key=lambda one: not any(isinstance(step, Elapse) for step in one.steps)
    )
    start = VARIANTS[name].start
    with (
        start(proxy.addresses[BACKGROUND], proxy.ca) as browser,
        ThreadPoolExecutor(at_once) as pool,
    ):
        reports = list(
            pool.map(lambda one: _Play(name, one, server, proxy, browser).report(), ordered)
        )
    return reports, browser.said, browser.heard


def _key(browser: str, scenario: Scenario) -> str:
    return f"{browser}/{scenario.name}"


def labels_of(browser: str, scenario: Scenario) -> list[str]:
    """Return the labels of the listeners by which a browser plays a scenario."""
    return [f"{_key(browser, scenario)}#{window}" for window in scenario.listeners()]


class _Play:
    """One running scenario."""

    def __init__(
        self, name: str, scenario: Scenario, server: Hosts, proxy: Proxy, browser: Browser
    ) -> None:
        self._report = Report(name, scenario)
        self._scenario = scenario
        self._server = server
        self._browser = browser
        self._proxy = proxy
        self._open: dict[str, Window] = {}

    def report(self) -> Report:
        """Run it, and return what the browser reported."""
        report = self._report
        try:
            for name in self._scenario.windows():
                self._open[name] = self._browser.open(
                    self._proxy.addresses[self._label(name)],
                    private=name in self._scenario.private,
                    seen=self._scenario.seen,
                )
            for number, step in enumerate(self._scenario.steps, 1):
                self._handle(step)
                if self._is_waited_for(number):
                    continue
                cookies = tuple(self._open[step.window].cookies())
                label = self._label(step.window)
                report.snapshots.append(Snapshot(label, number, time.time(), cookies))
        except (BrowserError, TimeoutError, OSError) as error:
            report.error = f"{type(error).__name__}: {error}"
        for window in self._open.values():
            try:
                window.close()
            except (BrowserError, TimeoutError) as error:
                report.error = report.error or f"{type(error).__name__}: {error}"
            report.notes.update(window.notes)
        return report

    def _is_waited_for(self, number: int) -> bool:
        """Return whether the next step waits for what a step does to the jar."""
        following = self._scenario.steps[number : number + 1]
        return any(isinstance(step, UntilGone | UntilHeld) for step in following)

    def _label(self, window: str) -> str:
        """Return the label of a window's listener."""
        return f"{self._report.key}#{self._scenario.beside.get(window, window)}"

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
                _poll(lambda: all(one.name != step.name for one in window.cookies()))
            case UntilHeld():
                _poll(lambda: any(one.name == step.name for one in window.cookies()))
            case Elapse():
                threading.Event().wait(step.seconds)
        if step.until is not None:
            self._server.wait_served(self._report.key, step.until, before + 1)
        window.settle()

    def _served(self, url: str | None) -> int:
        return self._server.served(self._report.key, url) if url is not None else 0


def _poll(condition: Callable[[], bool]) -> None:
    """Poll the browser until the condition holds: not every change of a jar has an event."""
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the jar did not change as expected")
        pause.wait(0.1)

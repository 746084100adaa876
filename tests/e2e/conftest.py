"""Real processes on free ports, a real Chromium, and the trace of a recording."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as PlaywrightBrowser
from playwright.sync_api import BrowserContext, expect, sync_playwright

from cookietrace.errors import LaunchError
from cookietrace.formats import export, read_capture
from cookietrace.lesson.focus import Focus
from cookietrace.supervision.browsers import Browser, find_browser
from cookietrace.supervision.recording import Recording, RecordingOptions, recording
from cookietrace.trace import Trace, fold
from tests.ports import FreePort

BROWSER_PATIENCE = 120_000.0
"""Milliseconds to wait for a page, long enough for a busy machine."""

expect.set_options(timeout=BROWSER_PATIENCE)

SEED_FOCUS = Focus(path="/", cookies=("user",))

SEED_TABLES = """\
| Step | Action | Request Cookies | Read Cookie 'user' | Set Cookie 'user' | Response Content |
|---|---|---|---|---|---|
| 1 | Client sends first request | {} | None | Set 'user'='Alice' | Hello None |
| 2 | Client stores cookie 'user'='Alice' | {} | N/A | N/A | N/A |
| 3 | Client sends second request with cookie | {'user': 'Alice'} | Alice | Set 'user'='Alice' | Hello Alice |

| Variable | Start | After Step 1 | After Step 2 | After Step 3 |
|---|---|---|---|---|
| request.cookies | {} | {} | {} | {'user': 'Alice'} |
| user | None | None | None | Alice |
| response cookie 'user' | None | Alice | Alice | Alice |
"""  # noqa: E501
"""The two tables of the first two visits to the demo app, cell for cell."""

SEED_SIGNS = """\
What happened to cookies:

- Step 2: ● 'user' stored
- Step 3: ↑ 'user' sent
"""

SEED_MARKDOWN = SEED_TABLES.replace("\n\n", f"\n\n{SEED_SIGNS}\n")
"""The same as Markdown, with what the signs of the execution table mean under it."""


class Live:
    """A running recording; ``finish`` ends it and returns its trace."""

    def __init__(self, running: Recording, stack: ExitStack) -> None:
        self.running = running
        self._stack = stack

    @property
    def capture(self) -> Path:
        """The file it records into."""
        return self.running.capture

    @property
    def proxy(self) -> str:
        """``host:port`` of the proxy."""
        return str(self.running.listen)

    @property
    def reverse(self) -> str:
        """The URL of the reverse listener, without a path."""
        assert self.running.reverse_listen is not None
        return f"http://{self.running.reverse_listen}"

    def finish(self) -> Trace:
        """End all processes, and return the fold of the capture."""
        self._stack.close()
        return fold(read_capture(self.capture))

    def served(self) -> int:
        """Return how many requests the demo app counted; call it after ``finish``."""
        assert self.running.app is not None
        served = self.running.app.served()
        assert served is not None
        return served

    def assert_whole(self, trace: Trace) -> None:
        """Compare the demo app's own count of requests with the trace that ``finish`` returned.

        Each request that the app got is recorded exactly once. Only a favicon may be
        recorded that the app never saw: a browser that leaves a page cancels the request
        for its icon, which may or may not have reached the app by then.
        """
        cancelled = [each for each in trace.exchanges if each.response is None]
        for each in cancelled:
            assert urlsplit(each.request.url).path == "/favicon.ico"
            assert each.failure is not None
            assert each.failure.kind == "aborted"
        recorded = len(trace.exchanges)
        assert recorded - len(cancelled) <= self.served() <= recorded

    def markdown(self, focus: Focus = SEED_FOCUS) -> str:
        """Return what ``cookietrace export`` writes of the capture."""
        return b"".join(export(read_capture(self.capture), "markdown", focus)).decode()


Record = Callable[..., Live]


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder for the tests: captures and the witness's secret are kept there."""
    folder = tmp_path_factory.mktemp("data")
    before = os.environ.get("XDG_DATA_HOME")
    os.environ["XDG_DATA_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["XDG_DATA_HOME"]
    else:
        os.environ["XDG_DATA_HOME"] = before


@pytest.fixture(scope="session")
def confdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for a CA that no browser trusts, made once for all tests."""
    return tmp_path_factory.mktemp("confdir")


@pytest.fixture
def record(tmp_path: Path, confdir: Path, free_port: FreePort) -> Iterator[Record]:
    """Start a recording with real processes on free ports; it is ended after the test."""
    with ExitStack() as everything:

        def start(**kwargs: object) -> Live:
            stack = everything.enter_context(ExitStack())
            options = RecordingOptions(
                listen=f"127.0.0.1:{free_port()}",
                reverse_listen=f"127.0.0.1:{free_port()}",
                capture=tmp_path / "test.cookietrace",
                confdir=confdir,
                **kwargs,  # type: ignore[arg-type]
            )
            return Live(stack.enter_context(recording(options, print)), stack)

        yield start


@pytest.fixture
def demo(record: Record) -> Live:
    """The demo app behind a recording proxy."""
    return record(demo=True)


@pytest.fixture(scope="session")
def chromium() -> Browser:
    """The installed Chromium; without one the test fails and says how to get one."""
    try:
        return find_browser("chromium")
    except LaunchError as error:
        pytest.fail(f"this test needs a real browser: {error}", pytrace=False)


@pytest.fixture(scope="module")
def driven_chromium(chromium: Browser) -> Iterator[PlaywrightBrowser]:
    """One Chromium process for all tests of a module, each in its own context.

    Module scope, because no asynchronous test can run while Playwright's event loop does.
    """
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def context_through(
    driven_chromium: PlaywrightBrowser,
) -> Iterator[Callable[[str | None], BrowserContext]]:
    """Make a fresh browser context, behind a proxy or without one."""
    with ExitStack() as contexts:

        def make(proxy: str | None) -> BrowserContext:
            context = driven_chromium.new_context(
                proxy={"server": f"http://{proxy}"} if proxy is not None else None,
                ignore_https_errors=True,
            )
            context.set_default_timeout(BROWSER_PATIENCE)
            contexts.callback(context.close)
            return context

        yield make

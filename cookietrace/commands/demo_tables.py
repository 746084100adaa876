"""The demo without a screen: two visits, and the two tables that show them."""

from __future__ import annotations

import sys

import click
import msgspec

from cookietrace.addresses import DEMO_URL
from cookietrace.commands.recording import say, say_where_capture_is
from cookietrace.commands.recording_options import LISTEN_BROWSER_FLAG, WATCH_FLAG
from cookietrace.errors import LaunchError
from cookietrace.formats import export, read_capture
from cookietrace.lesson.focus import Focus
from cookietrace.settings import NO_BROWSER
from cookietrace.supervision.browsers import Listening, find_browser
from cookietrace.supervision.devtools_address import ATTACH_FLAG
from cookietrace.supervision.recording import Recording, RecordingOptions, recording
from cookietrace.supervision.signals import orderly_end
from cookietrace.supervision.visits import visit_with_chromium, visit_with_own_client


def print_tables(wanted: RecordingOptions, browser: str | None, *, path: str, cookie: str) -> None:
    """Visit the demo app twice, print both tables, and print where the capture is.

    If the visits fail or are interrupted, only the last is printed. ``browser`` is the user's
    choice; None if there is none. Raises ``LaunchError``.
    """
    if browser not in (None, "chromium", NO_BROWSER):
        raise LaunchError(
            "--headless makes its visits with chromium, or with a built-in HTTP client (--browser "
            "none)"
        )
    if wanted.attach is not None:
        raise LaunchError(f"--headless makes the visits itself: leave out {ATTACH_FLAG}")
    if wanted.listen_browser:
        raise LaunchError(
            f"--headless makes its visits with chromium, which reports what it does without "
            f"{LISTEN_BROWSER_FLAG}: leave that out"
        )
    if wanted.watch_scripts:
        raise LaunchError(f"--headless watches no scripts: leave out {WATCH_FLAG}")
    running = None
    try:
        with (
            orderly_end(),
            recording(msgspec.structs.replace(wanted, browser=None), say) as running,
        ):
            visitor = _visit(running, browser)
    except BaseException:
        if running is not None:
            say_where_capture_is(running.end(), wanted)
        raise
    click.echo(f"Two visits to {DEMO_URL} by {visitor}.\n")
    end = running.end()
    if end.place is not None:
        focus = Focus(path=path, cookies=(cookie,))
        tables = b"".join(export(read_capture(end.place), "markdown", focus))
        click.echo(tables.decode())
    if not say_where_capture_is(end, wanted):
        sys.exit(1)


def _visit(running: Recording, browser: str | None) -> str:
    """Visit the demo app twice, and return who did."""
    proxy = str(running.listen)
    if browser == NO_BROWSER:
        visit_with_own_client(DEMO_URL, proxy=proxy)
        return "the built-in HTTP client, as requested"
    try:
        chromium = find_browser("chromium")
    except LaunchError as error:
        if browser is not None:
            raise
        visit_with_own_client(DEMO_URL, proxy=proxy)
        return f"the built-in HTTP client ({error})"
    listening = Listening(running.capture, running.proxy.commands_fd, say)
    visit_with_chromium(chromium, DEMO_URL, proxy=proxy, ca=running.proxy.ca, listening=listening)
    return f"a headless Chromium ({chromium.path})"

"""The demo without a screen: two visits, and the two tables that come of them."""

from __future__ import annotations

import click
import msgspec

from cookietrace.commands.recording import name_capture, say
from cookietrace.commands.recording_options import NO_BROWSER
from cookietrace.errors import LaunchError
from cookietrace.formats import export, read_capture
from cookietrace.lesson.focus import Focus
from cookietrace.supervision.browsers import find_browser
from cookietrace.supervision.recording import Recording, RecordingOptions, recording
from cookietrace.supervision.signals import orderly_end
from cookietrace.supervision.visits import visit_with_chromium, visit_with_own_client

DEMO_URL = "http://shop.test/"
"""A made-up host: in the demo the proxy leads it to the demo app, without DNS."""


def print_tables(wished: RecordingOptions, browser: str | None, *, path: str, cookie: str) -> None:
    """Make the two visits, print what came of them, and name the capture.

    ``browser`` is what the user asked for, None where nothing was asked. Raises
    ``LaunchError``.
    """
    if browser not in (None, "chromium", NO_BROWSER):
        raise LaunchError(
            "the demo without a screen visits with chromium, or with --browser none "
            "by our own HTTP client"
        )
    with (
        orderly_end(),
        recording(msgspec.structs.replace(wished, browser=None), say) as running,
    ):
        visitor = _visit(running, browser)
    click.echo(f"Two visits to {DEMO_URL} by {visitor}.\n")
    focus = Focus(path=path, cookies=(cookie,))
    tables = b"".join(export(read_capture(running.capture), "markdown", focus))
    click.echo(tables.decode())
    name_capture(running.capture, wished.capture)


def _visit(running: Recording, browser: str | None) -> str:
    """Visit the demo twice, and say who did."""
    proxy = str(running.listen)
    if browser == NO_BROWSER:
        visit_with_own_client(DEMO_URL, proxy=proxy)
        return "our own HTTP client, as asked"
    try:
        chromium = find_browser("chromium")
    except LaunchError as error:
        if browser is not None:
            raise
        visit_with_own_client(DEMO_URL, proxy=proxy)
        return f"our own HTTP client ({error})"
    visit_with_chromium(chromium, DEMO_URL, proxy=proxy, ca=running.proxy.ca)
    return f"a headless Chromium ({chromium.path})"

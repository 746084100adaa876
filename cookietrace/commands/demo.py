"""``demo``: the small app behind the proxy, on the screen or told in two tables."""

from __future__ import annotations

import sys
from typing import Any

import click
import msgspec

from cookietrace.browsers import find_browser
from cookietrace.commands.examples import examples
from cookietrace.commands.recording import name_capture, say
from cookietrace.commands.recording_options import NO_BROWSER, recording_options, wishes
from cookietrace.errors import LaunchError
from cookietrace.formats import export, read_capture
from cookietrace.lesson.focus import Focus
from cookietrace.supervision.recording import Recording, Wishes, recording
from cookietrace.supervision.screen import has_terminal, run_screen
from cookietrace.supervision.signals import orderly_end
from cookietrace.supervision.visits import visit_with_chromium, visit_with_own_client

FOCUS_PATH, FOCUS_COOKIE = "/", "user"
"""What the demo's screen and tables show at first."""
DEMO_URL = "http://shop.test/"
"""A made-up host: in the demo the proxy leads it to the demo app, without DNS."""


@click.command(
    epilog=examples(
        "cookietrace demo",
        "cookietrace demo --browser chromium",
        "cookietrace demo --headless",
        "    two visits by a headless Chromium, or by our own HTTP client",
        "cookietrace demo --headless --browser none",
        "    two visits by our own HTTP client",
    )
)
@click.option(
    "--headless",
    is_flag=True,
    help="No screen: make the two visits, print the tables, end "
    "[default where there is no terminal].",
)
@recording_options
def demo(headless: bool, **options: Any) -> None:
    """See it work: a small Flask app behind the proxy, and the screen.

    Open the address that the screen names in any browser, and reload it once:
    the first visit gets a cookie, the second brings it back. Other pages of the
    app teach sign-in, expiry, Path and Domain, SameSite and refused cookies.
    """
    wished = wishes(options, demo=True)
    with orderly_end():
        if headless or not has_terminal():
            _without_screen(wished, options["browser"])
            return
        capture = None
        try:
            with recording(wished, say) as running:
                capture = running.capture
                arguments = ["--focus-path", FOCUS_PATH, "--focus-cookie", FOCUS_COOKIE]
                status = run_screen(running.capture, arguments, running.proxy)
        finally:
            if capture is not None:
                name_capture(capture)
    sys.exit(status)


def _without_screen(wished: Wishes, browser: str | None) -> None:
    """Make the two visits, print what came of them, and name the capture."""
    if browser not in (None, "chromium", NO_BROWSER):
        raise LaunchError(
            "the demo without a screen visits with chromium, or with --browser none "
            "by our own HTTP client"
        )
    with recording(msgspec.structs.replace(wished, browser=None), say) as running:
        visitor = _visit(running, browser)
    click.echo(f"Two visits to {DEMO_URL} by {visitor}.\n")
    focus = Focus(path=FOCUS_PATH, cookies=(FOCUS_COOKIE,))
    tables = b"".join(export(read_capture(running.capture), "markdown", focus))
    click.echo(tables.decode())
    name_capture(running.capture)


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

"""``demo``: the small app behind the proxy, on the screen or told in two tables."""

from __future__ import annotations

from typing import Any

import click

from cookietrace.commands.examples import examples
from cookietrace.commands.recording import show_recording
from cookietrace.commands.recording_options import recording_options, wishes
from cookietrace.supervision.screen import has_terminal

FOCUS_PATH, FOCUS_COOKIE = "/", "user"
"""What the demo's screen and tables show at first."""


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
    if headless or not has_terminal():
        # Imported here, since the screen needs none of it and should come up at once.
        from cookietrace.commands.demo_tables import print_tables

        print_tables(wished, options["browser"], path=FOCUS_PATH, cookie=FOCUS_COOKIE)
    else:
        focus = ["--focus-path", FOCUS_PATH, "--focus-cookie", FOCUS_COOKIE, "--focus-opens"]
        show_recording(wished, focus)

"""``demo``: a small app behind the proxy, on the screen or as two printed tables."""

from __future__ import annotations

from typing import Any

import click

from cookietrace.commands import examples
from cookietrace.commands.chosen_settings import chosen_settings
from cookietrace.commands.recording import show_recording
from cookietrace.commands.recording_options import recording_options, requested
from cookietrace.commands.web_terminal_options import web_terminal_option
from cookietrace.supervision.screen import has_terminal

FOCUS_PATH, FOCUS_COOKIE = "/", "user"
"""The focus in which the demo starts."""


@click.command(
    epilog=examples(
        "cookietrace demo",
        "cookietrace demo --browser chromium",
        "cookietrace demo --headless",
        "    two visits, by a headless Chromium if there is one",
        "cookietrace demo --headless --browser none",
        "    two visits, by a built-in HTTP client",
    )
)
@click.option(
    "--headless",
    is_flag=True,
    help="Without the screen: visit the app twice, print the tables and exit "
    "[default if there is no terminal].",
)
@recording_options
@web_terminal_option
def demo(headless: bool, web_terminal: bool, **options: Any) -> None:
    """Try it: a small Flask app behind the proxy, and the screen.

    Open the address on the screen in any browser, then reload the page: the
    first response sets a cookie, and the second request sends it back. Other
    pages of the app show sign-in, expiry, Path and Domain, SameSite, third-party
    cookies, fetch with and without credentials, and refused cookies.
    """
    chosen = chosen_settings()
    wanted = requested(options, chosen.settings, demo=True)
    focus = ["--focus-path", FOCUS_PATH, "--focus-cookie", FOCUS_COOKIE, "--focus-opens"]
    if headless or not (web_terminal or has_terminal()):
        # Imported here because the screen, which should appear at once, needs none of it.
        from cookietrace.commands.demo_tables import print_tables

        print_tables(wanted, options["browser"], path=FOCUS_PATH, cookie=FOCUS_COOKIE)
    elif web_terminal:
        from cookietrace.commands.web_terminal import show_recording_in_tabs

        show_recording_in_tabs(wanted, [*focus, *chosen.screen_arguments()])
    else:
        show_recording(wanted, [*focus, *chosen.screen_arguments()])

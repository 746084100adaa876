"""``demo``: a small app behind the proxy, on the screen or as two printed tables."""

from __future__ import annotations

from typing import Any

import click

from cookietrace.commands import examples
from cookietrace.commands.chosen_settings import chosen_settings
from cookietrace.commands.recording import show_recording
from cookietrace.commands.recording_options import recording_options, requested
from cookietrace.commands.web_options import chosen_page, chosen_terminal, web_options
from cookietrace.lesson.focus import Focus
from cookietrace.supervision.screen import has_terminal

FOCUS_PATH, FOCUS_COOKIE = "/", "user"
"""The focus in which the demo starts."""


@click.command(
    epilog=examples(
        "cookietrace demo",
        "cookietrace demo --browser chromium",
        "cookietrace demo --web",
        "    the lesson page in a browser instead of the screen",
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
@web_options
def demo(headless: bool, **options: Any) -> None:
    """Try it: a small Flask app behind the proxy, and the screen.

    Open the address on the screen in any browser, then reload the page: the
    first response sets a cookie, and the second request sends it back. Other
    pages of the app show sign-in, expiry, Path and Domain, SameSite, third-party
    cookies, fetch with and without credentials, and refused cookies.
    """
    page, tabs = chosen_page(options), chosen_terminal(options)
    chosen = chosen_settings()
    wanted = requested(options, chosen.settings, demo=True)
    if page is not None and not headless:
        from cookietrace.commands.web_page import PageWanted, show_recording_on_page

        focus = Focus(path=FOCUS_PATH, cookies=(FOCUS_COOKIE,))
        settings = chosen.page(show_values=options["show_values"])
        shown = PageWanted(where=page, focus=focus, focus_opens=True, **settings)
        show_recording_on_page(wanted, shown)
    elif headless or (tabs is None and not has_terminal()):
        # Imported here because the screen, which should appear at once, needs none of it.
        from cookietrace.commands.demo_tables import print_tables

        print_tables(wanted, options["browser"], path=FOCUS_PATH, cookie=FOCUS_COOKIE)
    else:
        screen = [f"--focus-path={FOCUS_PATH}", f"--focus-cookie={FOCUS_COOKIE}", "--focus-opens"]
        screen += chosen.screen_arguments()
        if tabs is None:
            show_recording(wanted, screen)
        else:
            from cookietrace.commands.web_terminal import TabsWanted, show_recording_in_tabs

            # Its capture holds no secrets.
            show_recording_in_tabs(wanted, TabsWanted(tabs, tuple(screen), shows_values=True))

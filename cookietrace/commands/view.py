"""``view``: show a capture on the screen, live if it is being recorded."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cookietrace.commands import examples
from cookietrace.commands.chosen_settings import chosen_settings
from cookietrace.commands.reading_options import (
    browser_option,
    file_argument,
    focus_options,
    lenient_option,
    new_session_option,
)
from cookietrace.commands.web_terminal_options import web_terminal_option
from cookietrace.errors import LaunchError
from cookietrace.supervision.screen import Screen, has_terminal
from cookietrace.supervision.signals import orderly_end


@click.command(
    epilog=examples(
        "cookietrace view shop.cookietrace",
        "cookietrace view shop.cookietrace --path '/account/*' --cookie session",
        "cookietrace view from-the-browser.har",
        "cookietrace view shop.cookietrace --web-terminal",
    )
)
@file_argument
@focus_options
@browser_option
@new_session_option
@lenient_option
@web_terminal_option
def view(
    file: Path,
    host: str | None,
    path: str | None,
    cookies: tuple[str, ...],
    browser: str,
    new_sessions: tuple[int, ...],
    lenient: bool,
    web_terminal: bool,
) -> None:
    """Open a capture on the screen, even while it is being recorded.

    FILE is a capture, a JSONL, HAR or mitmproxy flow file (JSONL and HAR also as
    .gz or .zip), or a name from `cookietrace captures`. Viewing changes nothing, so
    any number of viewers can open the same capture at the same time.
    """
    if not (web_terminal or has_terminal()):
        raise LaunchError(
            "view needs a terminal: use `cookietrace explain FILE` for the story in plain text, "
            "or `cookietrace export FILE --format markdown` for the tables"
        )
    arguments = ["--browser-profile", browser, *chosen_settings().screen_arguments()]
    if host is not None:
        arguments += ["--focus-host", host]
    if path is not None:
        arguments += ["--focus-path", path]
    for cookie in cookies:
        arguments += ["--focus-cookie", cookie]
    for step in new_sessions:
        arguments += ["--new-session", str(step)]
    if lenient:
        arguments.append("--lenient")
    if web_terminal:
        from cookietrace.commands.web_terminal import show_file_in_tabs

        show_file_in_tabs(file, arguments, lenient=lenient)
        return
    with orderly_end(), Screen() as screen:
        screen.load()
        status = screen.run(file, arguments)
    sys.exit(status)

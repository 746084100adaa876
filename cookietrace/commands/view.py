"""``view``: the screen on a capture, live while somebody else writes it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cookietrace.commands.examples import examples
from cookietrace.commands.reading_options import (
    browser_option,
    file_argument,
    focus_options,
    lenient_option,
)
from cookietrace.errors import LaunchError
from cookietrace.supervision.screen import Screen, has_terminal
from cookietrace.supervision.signals import orderly_end


@click.command(
    epilog=examples(
        "cookietrace view shop.cookietrace",
        "cookietrace view shop.cookietrace --path '/account/*' --cookie session",
        "cookietrace view from-the-browser.har",
    )
)
@file_argument
@focus_options
@browser_option
@lenient_option
def view(
    file: Path,
    host: str | None,
    path: str | None,
    cookies: tuple[str, ...],
    browser: str,
    lenient: bool,
) -> None:
    """Show a capture on the screen, live if it is being written.

    FILE is a capture, or a JSONL, HAR or mitmproxy flow file, or the name of a
    capture as `cookietrace captures` lists it. Looking changes nothing: several
    may look at once, and come and go while it is recorded.
    """
    if not has_terminal():
        raise LaunchError(
            "view needs a terminal: without one, `cookietrace explain FILE` tells the story "
            "and `cookietrace export FILE --format markdown` prints the tables"
        )
    arguments = ["--browser-profile", browser]
    if host is not None:
        arguments += ["--focus-host", host]
    if path is not None:
        arguments += ["--focus-path", path]
    for cookie in cookies:
        arguments += ["--focus-cookie", cookie]
    if lenient:
        arguments.append("--lenient")
    with orderly_end(), Screen() as screen:
        screen.load()
        status = screen.run(file, arguments)
    sys.exit(status)

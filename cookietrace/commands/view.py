"""``view``: show a capture on the screen, live if it is being recorded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from cookietrace.commands import examples
from cookietrace.commands.chosen_settings import chosen_settings
from cookietrace.commands.reading_options import (
    FocusWords,
    browser_option,
    focus_options,
    lenient_option,
    new_session_option,
    place_argument,
)
from cookietrace.commands.web_options import chosen_page, chosen_terminal, web_options
from cookietrace.errors import FormatError, LaunchError
from cookietrace.lesson.focus import Focus
from cookietrace.recorders import Place, Several, place_events
from cookietrace.supervision.screen import Screen, has_terminal
from cookietrace.supervision.signals import orderly_end


@click.command(
    epilog=examples(
        "cookietrace view shop.cookietrace",
        "cookietrace view shop.cookietrace --path '/account/*' --cookie session",
        "cookietrace view from-the-browser.har",
        "cookietrace view 'redis://lab.example/0?capture=lab-*'",
        "cookietrace view shop.cookietrace --web",
        "    shows the lesson page in a browser instead of the screen",
        "cookietrace view shop.cookietrace --web-terminal",
        "    shows the screen itself in browser tabs",
    )
)
@place_argument
@focus_options
@browser_option
@new_session_option
@lenient_option
@web_options
def view(
    file: Place,
    words: FocusWords,
    browser: str,
    new_sessions: tuple[int, ...],
    lenient: bool,
    **options: Any,
) -> None:
    """Open a capture on the screen, even while it is being recorded.

    FILE is a capture, a JSONL, HAR or mitmproxy flow file (JSONL and HAR also as
    .gz or .zip), or a name from `cookietrace captures`. Viewing changes nothing, so
    any number of viewers can open the same capture at the same time.

    Several files, or a pattern in quotes such as 'lab-*', are shown as one story, with
    the recorders by name. Captures that match the pattern later are added. R lists
    the recorders, P the problems by recorder, host or cookie.
    """
    page = chosen_page(options)
    if page is not None:
        if not isinstance(file, Path):
            raise FormatError("--web shows one file: name a capture on this machine")
        from cookietrace.commands.web_page import PageWanted, show_file_on_page

        wanted = PageWanted(
            where=page,
            focus=words.focus(place_events(file) if words.client is not None else ()) or Focus(),
            browser_profile=browser,
            new_sessions=new_sessions,
            lenient=lenient,
            **chosen_settings().page(show_values=options["show_values"]),
        )
        show_file_on_page(wanted, file)
        return
    tabs = chosen_terminal(options)
    if tabs is None and not has_terminal():
        raise LaunchError(
            "view needs a terminal: use `cookietrace explain FILE` for the story in plain text, "
            "or `cookietrace export FILE --format markdown` for the tables"
        )
    arguments = ["--browser-profile", browser, *chosen_settings().screen_arguments()]
    arguments += words.screen_arguments()
    for step in new_sessions:
        arguments += ["--new-session", str(step)]
    if lenient:
        arguments.append("--lenient")
    if tabs is not None:
        if not isinstance(file, Path):
            raise FormatError("--web-terminal shows one file: name a capture on this machine")
        from cookietrace.commands.web_terminal import TabsWanted, show_file_in_tabs

        wanted_tabs = TabsWanted(tabs, tuple(arguments), options["show_values"])
        show_file_in_tabs(wanted_tabs, file, lenient=lenient)
    with orderly_end(), Screen() as screen:
        screen.load()
        status = screen.run(file.words if isinstance(file, Several) else [file], arguments)
    sys.exit(status)

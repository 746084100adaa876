"""The options of ``export`` for a lesson page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from cookietrace.errors import FormatError
from cookietrace.events import Capture, Event
from cookietrace.follow import folded
from cookietrace.formats import Format, PageOptions
from cookietrace.formats.page import FORMAT as PAGE
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.table import Table
from cookietrace.safe_text import safe
from cookietrace.whole_file import read_whole

Command = TypeVar("Command", bound=Callable[..., Any])

MOST_QUESTIONS = 50
"""More than anyone answers; a page asks fewer if the trace yields fewer."""

MOST_BYTES = 100_000
"""The largest file that is read as an introduction."""

_OPTIONS = (
    click.option("--title", metavar="TEXT", help="HTML: the heading of the page."),
    click.option(
        "--intro",
        metavar="FILE",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="HTML: file with a text for the top of the page (paragraphs, # headings, - lists).",
    ),
    click.option(
        "--questions",
        metavar="N",
        type=click.IntRange(0, MOST_QUESTIONS),
        help="HTML: the most questions to ask [default: depends on the number of steps].",
    ),
    click.option(
        "--no-answers",
        is_flag=True,
        help="HTML: a handout, without the answers to the questions.",
    ),
)


def page_options(command: Command) -> Command:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen_page(given: Mapping[str, Any], chosen: Format) -> PageOptions | None:
    """Return what the user chose for a page; None for another format.

    Raises ``FormatError`` if an option is given that the format does not have, or if the
    introduction cannot be read.
    """
    if chosen is not PAGE:
        used = [name for name, value in given.items() if value is not None and value is not False]
        if used:
            option = f"--{used[0].replace('_', '-')}"
            raise FormatError(
                f"{option} is for a lesson page, and {chosen.name} is not one: use --format html"
            )
        return None
    return PageOptions(
        title=given["title"],
        intro=_text(given["intro"]) if given["intro"] is not None else "",
        questions=given["questions"],
        answers=not given["no_answers"],
    )


def _text(path: Path) -> str:
    name = safe(str(path))
    try:
        content = read_whole(path, MOST_BYTES)
        if len(content) > MOST_BYTES:
            raise FormatError(f"{name} is too long for an introduction: shorten it")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise FormatError(f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{name} is not UTF-8 text: save it as UTF-8") from error


def first_lesson(events: Iterable[Event], browser: str) -> Focus | None:
    """Return the focus in which the demo starts, for a capture of the demo with steps in it.

    None for every other capture. ``events`` can be read several times.
    """
    first = next(iter(events), None)
    if not isinstance(first, Capture) or first.sensitive:
        return None
    # Imported here because no other export needs what the demo needs.
    from cookietrace.commands.demo import FOCUS_COOKIE, FOCUS_PATH

    focus = Focus(path=FOCUS_PATH, cookies=(FOCUS_COOKIE,))
    return focus if len(Table(folded(events, browser), focus)) else None

"""``diff``: what changed between two captures of the same journey."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from cookietrace.checking.outgoing import Outgoing, outgoing_texts
from cookietrace.commands import examples
from cookietrace.commands.chosen_capture import chosen_capture
from cookietrace.commands.chosen_settings import chosen_names
from cookietrace.commands.reading_options import (
    CaptureOrFile,
    browser_option,
    keep_option,
    lenient_option,
    show_values_option,
)
from cookietrace.errors import FormatError
from cookietrace.events import Event
from cookietrace.follow import folded
from cookietrace.json_text import json_bytes
from cookietrace.lesson.changes import changes_entry, changes_lines, compare
from cookietrace.lesson.transcript import WIDTH

_MOST: Final = 20
"""How many differences are listed in text."""


@click.command(
    epilog=examples(
        "cookietrace diff before.cookietrace after.cookietrace",
        "cookietrace diff works-in-chrome.har fails-in-safari.har",
        "cookietrace diff dev.cookietrace live.har --map localhost=shop.example",
        "cookietrace diff good bad --json | jq '.differences[0]'",
    )
)
@click.argument("before", metavar="A", type=CaptureOrFile(path_type=Path))
@click.argument("after", metavar="B", type=CaptureOrFile(path_type=Path))
@click.option(
    "--map", "maps", metavar="HOST=HOST", multiple=True, help="A host of A, and its name in B."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@browser_option
@show_values_option
@keep_option
@lenient_option
def diff(
    before: Path | str,
    after: Path | str,
    maps: tuple[str, ...],
    as_json: bool,
    browser: str,
    show_values: bool,
    keep: tuple[str, ...],
    lenient: bool,
) -> None:
    """Say what changed between two captures of the same journey.

    A and B are read as by `cookietrace explain`. Their requests are aligned by what they
    ask for. The first difference comes first: which cookie, which attribute, which
    request, with the reason on each side. Ids, times and values that merely rotate are
    no difference.

    The exit status is 0 if both fare the same, 1 if they do not, and 2 if they could not
    be compared.
    """
    hosts = dict(map(_hosts, maps))
    both: list[Iterable[Event]] = [
        chosen_capture(file, lenient=lenient, new_sessions=(), browser=browser)
        for file in (before, after)
    ]
    traces = [folded(events, browser) for events in both]
    found = compare(traces[0], traces[1], hosts)
    names = chosen_names(keep)
    texts: list[Outgoing] = [
        outgoing_texts(events, show_values=show_values, names=names) for events in both
    ]
    outgoing = texts[0].text, texts[1].text
    if as_json:
        click.echo(json_bytes(changes_entry(traces[0], traces[1], found, outgoing)))
    else:
        for line in changes_lines(traces[0], traces[1], found, outgoing, width=WIDTH, most=_MOST):
            click.echo(line)
    if not found.alignment.pairs or found.differs:
        click.get_current_context().exit(1)


def _hosts(text: str) -> tuple[str, str]:
    mine, equals, theirs = text.partition("=")
    if not equals or not mine.strip() or not theirs.strip():
        raise FormatError(f"not two hosts: {text} (such as localhost=shop.example)")
    return mine.strip().lower(), theirs.strip().lower()

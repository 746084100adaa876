"""``diff``: what changed between two captures of the same journey."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

import click

from cookietrace.commands import examples
from cookietrace.commands.beside import beside
from cookietrace.commands.chosen_capture import chosen_capture
from cookietrace.commands.chosen_settings import chosen_names, chosen_settings
from cookietrace.commands.compared_side import Side, SideBeside
from cookietrace.commands.reading_options import (
    CaptureOrFile,
    browser_option,
    keep_option,
    lenient_option,
    show_values_option,
)
from cookietrace.commands.unhindered import left_to_the_system, unhindered
from cookietrace.commands.writing_options import is_standard_output, writing_options
from cookietrace.errors import EndedError, FormatError, LaunchError
from cookietrace.formats import write_export
from cookietrace.json_text import json_bytes
from cookietrace.lesson.changes import changes_entry, changes_lines, compare_journeys
from cookietrace.lesson.display_text import shown
from cookietrace.lesson.transcript import WIDTH
from cookietrace.safe_text import safe
from cookietrace.supervision.screen import Screen, has_terminal
from cookietrace.supervision.signals import orderly_end

_PAGES: Final = frozenset({"", ".html", ".htm"})
"""How the names of pages end."""

_MOST: Final = 20
"""How many differences are listed in text."""


@click.command(
    epilog=examples(
        "cookietrace diff before.cookietrace after.cookietrace",
        "cookietrace diff works-in-chrome.har fails-in-safari.har",
        "cookietrace diff dev.cookietrace live.har --map localhost=shop.example",
        "cookietrace diff good bad --screen",
        "cookietrace diff good bad -o what-changed.html",
        "cookietrace diff good bad --json | jq '.differences[0]'",
    )
)
@click.argument("before", metavar="A", type=CaptureOrFile(path_type=Path))
@click.argument("after", metavar="B", type=CaptureOrFile(path_type=Path))
@click.option(
    "--map", "maps", metavar="HOST=HOST", multiple=True, help="A host of A, and its name in B."
)
@click.option("--all", "everything", is_flag=True, help="List every difference.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--screen", "on_screen", is_flag=True, help="Show both side by side on the screen.")
@writing_options("Write a page (.html) with both side by side; - is standard output.")
@browser_option
@show_values_option
@keep_option
@lenient_option
def diff(
    before: Path | str,
    after: Path | str,
    maps: tuple[str, ...],
    everything: bool,
    as_json: bool,
    on_screen: bool,
    out: Path | None,
    force: bool,
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

    The exit status is 0 if nothing differs, 1 if something does, and 2
    if they could not be compared.
    """
    hosts = dict(map(_hosts, maps))
    if as_json + on_screen + (out is not None) > 1:
        raise FormatError("choose one of --json, --screen and -o")
    own = _files(before, after)
    if out is not None and out not in own and out.suffix.lower() not in _PAGES:
        raise FormatError(
            f"-o writes a page: give it a name in .html, not {out} "
            "(for plain text, leave out -o and use >)"
        )
    if on_screen:
        _show(before, after, hosts, browser, lenient=lenient)
    names = chosen_names(keep)

    def read(file: Path | str, hosts: Mapping[str, str]) -> Side:
        events = chosen_capture(file, lenient=lenient, new_sessions=(), browser=browser)
        return Side(events, browser, hosts, show_values=show_values, names=names)

    with unhindered(), _both_needed(), beside(lambda: read(after, {})) as other:
        mine = read(before, hosts)
        left_to_the_system(mine)
        other.ready()
        theirs = SideBeside(other)
        found = compare_journeys(mine, theirs, hosts)
        if found.differs:
            other.ask("prepare")
            mine.prepare()
            other.answer()
        outgoing = mine.text, theirs.text
        if out is not None:
            # Imported here so that templates are loaded only when a page is written.
            from cookietrace.formats.page.changes import render_changes

            labels = shown(str(before)), shown(str(after))
            page = render_changes(found, (mine, theirs), labels, outgoing).encode()
            if is_standard_output(out):
                click.echo(page, nl=False)
            else:
                write_export(out, [page], force=force, sources=own)
                click.echo(f"Wrote {safe(str(out))}", err=True)
        elif as_json:
            click.echo(json_bytes(changes_entry(found, outgoing)))
        else:
            most = sys.maxsize if everything else _MOST
            for line in changes_lines(
                found, outgoing, width=WIDTH, most=most, folded=not everything
            ):
                click.echo(line)
    if found.differs:
        click.get_current_context().exit(1)


@contextmanager
def _both_needed() -> Iterator[None]:
    """Say what it means that the process that reads B was ended; raises ``EndedError``."""
    try:
        yield
    except EndedError:
        raise EndedError(
            "the process that read B was killed: is there enough memory to read both captures at "
            "once?"
        ) from None


def _show(
    before: Path | str, after: Path | str, hosts: Mapping[str, str], browser: str, *, lenient: bool
) -> NoReturn:
    """Show both captures on the screen until the user quits."""
    if not has_terminal():
        raise LaunchError("--screen needs a terminal: leave it out for the report in plain text")
    arguments = [f"--browser-profile={browser}", f"--theme={chosen_settings().settings.theme}"]
    arguments += [f"--map={mine}={theirs}" for mine, theirs in hosts.items()]
    if lenient:
        arguments.append("--lenient")
    with orderly_end(), Screen("tui.changes") as screen:
        screen.load()
        status = screen.run([before, after], arguments)
    sys.exit(status)


def _files(*places: Path | str) -> list[Path]:
    return [place for place in places if isinstance(place, Path)]


def _hosts(text: str) -> tuple[str, str]:
    mine, equals, theirs = text.partition("=")
    if not equals or not mine.strip() or not theirs.strip():
        raise FormatError(f"not a pair of hosts: {text} (such as localhost=shop.example)")
    return mine.strip().lower(), theirs.strip().lower()

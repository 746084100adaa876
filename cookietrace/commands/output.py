"""``export``: write a capture to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from cookietrace.commands import examples
from cookietrace.commands.chosen_capture import (
    chosen_capture,
    has_secrets,
    kept,
    no_match,
    warn,
)
from cookietrace.commands.chosen_settings import chosen_names
from cookietrace.commands.page_options import chosen_page, first_lesson, page_options
from cookietrace.commands.reading_options import (
    FocusWords,
    browser_option,
    focus_options,
    keep_option,
    lenient_option,
    new_session_option,
    place_argument,
    show_values_option,
    stretch_options,
)
from cookietrace.commands.writing_options import (
    is_standard_output,
    print_pieces,
    writing_options,
)
from cookietrace.cutting.places import chosen_stretch
from cookietrace.cutting.stretch import stretch
from cookietrace.errors import FormatError
from cookietrace.follow import folded
from cookietrace.formats import (
    JarOptions,
    format_for_file,
    format_to_write,
    writable,
    write_export,
)
from cookietrace.formats import export as export_pieces
from cookietrace.formats.page import FORMAT as PAGE
from cookietrace.lesson.table import Table
from cookietrace.recorders import Place, files_of
from cookietrace.safe_text import safe


class _ListsFormats(click.Command):
    """A command whose help lists all formats, including those of plug-ins."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list, then the examples."""
        with formatter.section("Formats"):
            formatter.write_dl(
                [(known.name, f"{known.title} ({known.suffixes[0]})") for known in writable()]
            )
        super().format_epilog(ctx, formatter)


@click.command(
    cls=_ListsFormats,
    epilog=examples(
        "cookietrace export shop.cookietrace --format har -o shop.har",
        "cookietrace export shop.cookietrace -o shop.jsonl --show-values",
        "cookietrace export shop.cookietrace --format markdown --path / --cookie user",
        "cookietrace export shop.cookietrace -o part.jsonl --from 120 --to 180",
        "cookietrace export shop.cookietrace -f storage-state --at 12 --show-values -o state.json",
        "cookietrace export shop.cookietrace -o lesson.html --title 'Why sign-in fails'",
        "cookietrace export shop.cookietrace -o handout.html --no-answers --questions 5",
    ),
)
@place_argument
@click.option("--format", "-f", "name", metavar="FORMAT", help="One of the formats below.")
@writing_options("File to write [default: standard output]. Its suffix can replace --format.")
@focus_options
@stretch_options
@click.option(
    "--at", metavar="STEP", help="For a jar: the step after which to write it [default: the last]."
)
@page_options
@show_values_option
@keep_option
@browser_option
@new_session_option
@lenient_option
def export(
    file: Place,
    name: str | None,
    out: Path | None,
    force: bool,
    words: FocusWords,
    first: str | None,
    last: str | None,
    at: str | None,
    show_values: bool,
    keep: tuple[str, ...],
    browser: str,
    new_sessions: tuple[int, ...],
    lenient: bool,
    **page: Any,
) -> None:
    """Write a capture as HAR, JSONL, CSV, Markdown or HTML, or a jar for other tools.

    FILE is a capture, a JSONL, HAR or mitmproxy flow file (JSONL and HAR also as
    .gz or .zip), or a name from `cookietrace captures`.
    Several of them, or a pattern such as 'lab-*', are written as one. Cookie values, and
    secrets with names such as Authorization or password, are replaced by tokens.
    Equal values get equal tokens, so you can still see which values changed and which
    were sent back. `cookietrace leaks` says whether a secret survives in a file.

    --from and --to choose a stretch, by steps or local times. What came before it
    is kept as the cookies of each jar, so that verdicts and numbers stay the same.

    An HTML export is a lesson page. Of the demo's own capture, it shows the first
    lesson only, unless you add --path '/*'.
    """
    if out is not None and is_standard_output(out):
        out = None
    if name is not None:
        chosen = format_to_write(name)
    elif out is not None:
        chosen = format_for_file(out)
    else:
        names = ", ".join(known.name for known in writable())
        raise FormatError(f"choose a format with --format: {names}")
    if not chosen.is_jar and at is not None:
        names = ", ".join(known.name for known in writable() if known.is_jar)
        raise FormatError(f"--at chooses a jar: use it with --format {names}")
    jar = JarOptions(at=at, client=words.client)
    if chosen.is_jar:
        words = msgspec.structs.replace(words, client=None)
    events = chosen_capture(file, lenient=lenient, new_sessions=new_sessions, browser=browser)
    if first is not None or last is not None:
        part = chosen_stretch(folded(events, browser), first, last)
        events = kept(stretch(events, part, browser))
    focus = None if chosen.is_jar else words.focus(events)  # a jar is one client's, and whole
    options = chosen_page(page, chosen)
    if focus is None and chosen is PAGE:
        focus = first_lesson(events, browser)
        if focus is not None:
            warn(
                f"the page shows the demo's first lesson ({focus.describe()}): "
                "--path '/*' puts everything into it"
            )
    elif focus is not None and not len(Table(folded(events, browser), focus)):
        warn(no_match(file, focus))
    pieces = export_pieces(
        events,
        chosen,
        focus,
        show_values=show_values,
        browser=browser,
        names=chosen_names(keep),
        page=options,
        jar=jar,
    )
    if out is None:
        print_pieces(pieces)
    else:
        write_export(out, pieces, force=force, sources=files_of(file))
        click.echo(f"Wrote {safe(str(out))}", err=True)
    if chosen.is_jar and not show_values and has_secrets(events):
        warn(
            "the values are tokens, which no other tool can use: --show-values keeps the real ones"
        )

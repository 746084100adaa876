"""``export`` and ``explain``: write a capture to a file, or explain it in plain text."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from cookietrace.checking.outgoing import outgoing_texts
from cookietrace.commands import examples
from cookietrace.commands.chosen_capture import (
    WHAT_IS_THERE,
    WHY_NOTHING,
    chosen_capture,
    kept,
    warn,
)
from cookietrace.commands.chosen_settings import chosen_names
from cookietrace.commands.everywhere import ALL, everywhere_json, everywhere_text
from cookietrace.commands.page_options import chosen_page, first_lesson, page_options
from cookietrace.commands.reading_options import (
    FocusWords,
    browser_option,
    browser_or_all_option,
    focus_options,
    keep_option,
    lenient_option,
    new_session_option,
    place_argument,
    show_values_option,
    stretch_options,
)
from cookietrace.commands.session_options import session_key_options
from cookietrace.commands.writing_options import is_standard_output, writing_options
from cookietrace.cutting import chosen_stretch, stretch
from cookietrace.errors import FormatError
from cookietrace.events import Capture, Event
from cookietrace.follow import folded
from cookietrace.formats import (
    JarOptions,
    format_for_file,
    format_to_write,
    outgoing,
    outgoing_explanations,
    writable,
    write_export,
)
from cookietrace.formats import export as export_pieces
from cookietrace.formats.page import FORMAT as PAGE
from cookietrace.json_text import json_bytes
from cookietrace.lesson.browser_says.wording import own_word_lines
from cookietrace.lesson.decoded_cookies import (
    NOTHING_INSIDE,
    TITLE,
    decoded_entries,
    decoded_story,
)
from cookietrace.lesson.explain import explanations
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.problem_groups import distinct
from cookietrace.lesson.problem_texts import NONE as NO_PROBLEMS
from cookietrace.lesson.problem_texts import problem_entry, problem_lines, summary_lines
from cookietrace.lesson.problems import problems, tally
from cookietrace.lesson.sibling_cookies import SiblingCookies
from cookietrace.lesson.stripped_cookies import LEFT_OUT, are_left_out
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import WIDTH, transcript
from cookietrace.recorders import Place, files_of
from cookietrace.redact import needs_redaction
from cookietrace.safe_text import safe, safe_lines
from cookietrace.sessions import Keys
from cookietrace.sessions.given_keys import given_keys


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
@click.option("--at", metavar="STEP", help="Of a jar: after which step [default: the last one].")
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
        warn(_no_match(file, focus))
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
        _print(pieces)
    else:
        write_export(out, pieces, force=force, sources=files_of(file))
        click.echo(f"Wrote {safe(str(out))}", err=True)
    if chosen.is_jar and not show_values and _has_secrets(events):
        warn(
            "the values are tokens, which no other tool can use: --show-values keeps the real ones"
        )


@click.command(
    epilog=examples(
        "cookietrace explain shop.cookietrace",
        "cookietrace explain shop.cookietrace --problems",
        "cookietrace explain shop.cookietrace --browser all",
        "cookietrace explain shop.cookietrace --host shop.test --cookie session",
        "cookietrace explain shop.cookietrace --json --jar | jq 'select(.missing != [])'",
    )
)
@place_argument
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per exchange, one per line."
)
@click.option("--jar", is_flag=True, help="With --json: add the jar after each exchange.")
@click.option(
    "--all-withheld",
    is_flag=True,
    help="List also the withheld cookies of the site's other hosts, which are counted.",
)
@click.option(
    "--problems",
    "only_problems",
    is_flag=True,
    help="Only the problems and warnings, the worst first: verdict, cause, fix, step.",
)
@click.option(
    "--all-verdicts",
    is_flag=True,
    help="With --browser all: list also the verdicts that are the same in all.",
)
@click.option(
    "--decode",
    is_flag=True,
    help="Add what is inside sessions and tokens. Needs --show-values.",
)
@session_key_options
@focus_options
@browser_or_all_option
@new_session_option
@show_values_option
@keep_option
@lenient_option
def explain(
    file: Place,
    as_json: bool,
    jar: bool,
    all_withheld: bool,
    only_problems: bool,
    all_verdicts: bool,
    decode: bool,
    key_files: tuple[Path, ...],
    salts: tuple[str, ...],
    words: FocusWords,
    browser: str,
    new_sessions: tuple[int, ...],
    show_values: bool,
    keep: tuple[str, ...],
    lenient: bool,
) -> None:
    """Explain what happened to each exchange's cookies, and why, after a summary.

    FILE is a capture, a JSONL, HAR or mitmproxy flow file (JSONL and HAR also as
    .gz or .zip), or a name from `cookietrace captures`.
    Several of them, or a pattern such as 'lab-*', are explained as one. Cookie values
    and other secrets are replaced by tokens, unless you use --show-values or the
    capture is the demo's own.
    """
    if jar and not as_json:
        raise FormatError("--jar needs --json: `cookietrace view FILE` shows the jar on the screen")
    if only_problems and (jar or all_withheld):
        option = "--jar" if jar else "--all-withheld"
        raise FormatError(f"{option} and --problems do not go together")
    everywhere = browser == ALL
    if everywhere:
        if jar or all_withheld or only_problems or decode:
            raise FormatError("--browser all compares verdicts: leave the other lists out")
        browser = "auto"
    elif all_verdicts:
        raise FormatError("--all-verdicts needs --browser all")
    if decode and only_problems:
        raise FormatError("--decode and --problems do not go together")
    if (key_files or salts) and not decode:
        raise FormatError("--session-key-file and --session-salt need --decode")
    keys = given_keys(key_files, salts) if decode else None
    read = chosen_capture(file, lenient=lenient, new_sessions=new_sessions, browser=browser)
    if decode and not show_values and _has_secrets(read):
        raise FormatError(
            "--decode shows what is inside cookies: add --show-values if it may be seen"
        )
    names, focus = chosen_names(keep), words.focus(read)
    if everywhere:
        texts = outgoing_texts(read, show_values=show_values, names=names)
        table = Table(folded(kept(read), browser), focus, mask=texts.mask)
        if focus is not None and not len(table):
            warn(_no_match(file, focus))
        if as_json:
            _print(everywhere_json(table, texts, all_verdicts=all_verdicts))
        else:
            for line in everywhere_text(table, texts, all_verdicts=all_verdicts):
                click.echo(line)
        return
    if as_json and focus is None and not only_problems and not decode:
        _print(
            outgoing_explanations(
                read,
                show_values=show_values,
                browser=browser,
                names=names,
                jar=jar,
                all_withheld=all_withheld,
            )
        )
        return
    bodies = not as_json or only_problems
    events = outgoing(read, show_values=show_values, browser=browser, names=names, bodies=bodies)
    trace = folded(kept(events), browser)
    table = Table(trace, focus)
    if focus is not None and not len(table):
        if only_problems:  # it must not look as if there were none
            raise FormatError(_no_match(file, focus))
        warn(_no_match(file, focus))
    if as_json:
        objects = (
            (problem_entry(table, problem) for problem in distinct(problems(table)))
            if only_problems
            else explanations(trace, jar=jar, all_withheld=all_withheld, focus=focus)
        )
        if keys is not None:
            objects = ({**each, "sessions": decoded_entries(each, keys)} for each in objects)
        _print_each(objects)
        return
    for line in (
        _problem_lines(table) if only_problems else _story_lines(table, focus, all_withheld)
    ):
        click.echo(line)
    if keys is not None:
        _echo_decoded(table, keys)


def _echo_decoded(table: Table, keys: Keys) -> None:
    """Print what is inside the cookies of the exchanges in focus, after the story."""
    click.echo(f"\n{TITLE}")
    steps = {table.exchange(step).number: step for step in range(len(table), 0, -1)}
    story = ((table.label(steps[n]), table.exchange(steps[n])) for n in sorted(steps))
    any_found = False
    for line in decoded_story(story, keys):
        any_found = True
        click.echo(line)
    if not any_found:
        click.echo(f"\n{NOTHING_INSIDE}")


def _has_secrets(events: Iterable[Event]) -> bool:
    first = next(iter(events), None)
    return isinstance(first, Capture) and needs_redaction(first)


def _problem_lines(table: Table) -> Iterator[str]:
    """Yield how many problems and warnings there are, then each in full."""
    found = distinct(problems(table))
    if are_left_out(table.trace):
        yield from _left_out_lines()
        if not found:
            return
    yield tally(problem.moment for problem in found).text or NO_PROBLEMS
    for problem in found:
        yield ""
        yield from problem_lines(table, problem, WIDTH)


def _left_out_lines() -> list[str]:
    return textwrap.wrap(f"Nothing can be said of cookies: {LEFT_OUT}", WIDTH)


def _story_lines(table: Table, focus: Focus | None, all_withheld: bool) -> Iterator[str]:
    """Yield a summary of the problems, then the transcript."""
    found = problems(table) if len(table) else []
    if are_left_out(table.trace):
        yield from _left_out_lines()
        yield ""
    if found or (len(table) and not are_left_out(table.trace)):
        yield from summary_lines(table, found, WIDTH)
        yield ""
    siblings = SiblingCookies(table.trace) if all_withheld else None
    yield from transcript(table.trace, focus=focus, siblings=siblings)
    if not table.trace.exchanges:
        yield WHY_NOTHING
    yield from own_word_lines(table.trace, focus)


def _no_match(file: Place, focus: Focus) -> str:
    return f"nothing in {safe(str(file))} matches {safe(focus.describe())}: {WHAT_IS_THERE}"


def _print_each(objects: Iterable[object]) -> None:
    """Write objects to standard output as JSON, one per line."""
    _print(json_bytes(each) + b"\n" for each in objects)


def _print(pieces: Iterable[bytes]) -> None:
    """Write to standard output: safe text to a terminal, the bytes as they are otherwise."""
    stream, to_terminal = sys.stdout.buffer, sys.stdout.isatty()
    for piece in pieces:
        if to_terminal:
            piece = "\n".join(safe_lines(piece.decode(errors="replace"))).encode()
        stream.write(piece)
    stream.flush()

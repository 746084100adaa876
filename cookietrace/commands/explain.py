"""``explain``: what happened to each exchange's cookies, in plain text or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cookietrace.commands import examples
from cookietrace.commands.beside import half_of_the_work, unsaid
from cookietrace.commands.chosen_capture import chosen_capture, has_secrets
from cookietrace.commands.chosen_settings import chosen_names
from cookietrace.commands.reading_options import (
    ALL,
    FocusWords,
    browser_or_all_option,
    focus_options,
    keep_option,
    lenient_option,
    new_session_option,
    place_argument,
    show_values_option,
)
from cookietrace.commands.session_options import session_key_options
from cookietrace.commands.unhindered import unhindered
from cookietrace.commands.writing_options import print_pieces
from cookietrace.errors import FormatError
from cookietrace.formats import outgoing_explanations
from cookietrace.recorders import Place, place_events
from cookietrace.secret_names import Names

if TYPE_CHECKING:
    from cookietrace.redact.line_maker import LineMaker


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
    help="Also list the withheld cookies of the site's other hosts, which are otherwise only "
    "counted.",
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
    help="With --browser all: also list the verdicts that are the same in every browser.",
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
        raise FormatError(f"{option} and --problems cannot be combined")
    everywhere = browser == ALL
    if everywhere:
        if jar or all_withheld or only_problems or decode:
            raise FormatError(
                "--browser all compares verdicts: leave out the options for other lists"
            )
        browser = "auto"
    elif all_verdicts:
        raise FormatError("--all-verdicts needs --browser all")
    if decode and only_problems:
        raise FormatError("--decode and --problems cannot be combined")
    if (key_files or salts) and not decode:
        raise FormatError("--session-key-file and --session-salt need --decode")
    keys = None
    if decode:
        from cookietrace.sessions.given_keys import given_keys

        keys = given_keys(key_files, salts)
    names = chosen_names(keep)
    only_explained = (
        as_json and words == FocusWords() and not (everywhere or only_problems or decode)
    )
    if only_explained:
        click.get_current_context().with_resource(unhindered())
    other = None
    if only_explained and not (show_values or jar or all_withheld or new_sessions):
        other = half_of_the_work(file, lambda: _line_maker(file, names, lenient=lenient))
    read = chosen_capture(file, lenient=lenient, new_sessions=new_sessions, browser=browser)
    if decode and not show_values and has_secrets(read):
        raise FormatError("--decode shows what is inside cookies: add --show-values to allow that")
    if only_explained:
        print_pieces(
            outgoing_explanations(
                read,
                show_values=show_values,
                browser=browser,
                names=names,
                jar=jar,
                all_withheld=all_withheld,
                other=other,
            )
        )
        return
    focus = words.focus(read)
    # Imported here since what is printed above, of a long capture most often, needs no words.
    from cookietrace.commands.story import Story

    story = Story(file, read, focus, browser, show_values=show_values, names=names)
    if everywhere:
        story.everywhere(as_json=as_json, all_verdicts=all_verdicts)
    elif only_problems:
        story.problems(as_json=as_json)
    elif as_json:
        story.objects(keys, jar=jar, all_withheld=all_withheld)
    else:
        story.text(keys, all_withheld=all_withheld)


def _line_maker(file: Place, names: Names, *, lenient: bool) -> LineMaker:
    """Read the capture in the other process, which alone needs what redacts."""
    from cookietrace.redact.line_maker import LineMaker

    with place_events(file, lenient=lenient, lost=unsaid) as events:
        return LineMaker(events, names)

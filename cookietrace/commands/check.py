"""``check``: say whether a capture has problems, by text, by report and by exit status."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cookietrace.checking import (
    NAME,
    REPORTERS,
    Severity,
    find_project_file,
    read_ignores,
)
from cookietrace.checking import (
    check as check_events,
)
from cookietrace.commands import examples
from cookietrace.commands.chosen_capture import WHAT_IS_THERE, chosen_capture, warn
from cookietrace.commands.chosen_settings import chosen_names
from cookietrace.commands.reading_options import (
    FocusWords,
    browser_option,
    focus_options,
    keep_option,
    lenient_option,
    new_session_option,
    place_argument,
    show_values_option,
)
from cookietrace.commands.writing_options import is_standard_output, writing_options
from cookietrace.errors import FormatError
from cookietrace.formats import write_export
from cookietrace.lesson.problem_groups import By
from cookietrace.recorders import Place, Several, files_of
from cookietrace.safe_text import safe
from cookietrace.stores.redis_streams.address import parse_redis_url

_FAILING = (Severity.PROBLEM, Severity.WARNING)


@click.command(
    epilog=examples(
        "cookietrace check shop.cookietrace",
        "cookietrace check shop.cookietrace --fail-on warning --host shop.test",
        "cookietrace check shop.cookietrace --format sarif -o cookies.sarif",
        "cookietrace check 'redis://lab.example/0?capture=lab-*' --by recorder",
    ),
)
@place_argument
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in _FAILING]),
    default=Severity.PROBLEM.value,
    show_default=True,
    help="What makes the exit status 1. Anything uncertain is at most a warning.",
)
@click.option(
    "--format",
    "-f",
    "name",
    type=click.Choice(list(REPORTERS)),
    default="text",
    show_default=True,
    help="How to write the report.",
)
@click.option(
    "--by",
    type=click.Choice([each.value for each in By]),
    help="Group the problems by recorder, host or cookie, in text and JSON.",
)
@writing_options("File to write the report to [default: standard output].")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=f"What to ignore [default: the nearest {NAME}, up to the repository's root].",
)
@focus_options
@show_values_option
@keep_option
@browser_option
@new_session_option
@lenient_option
def check(
    file: Place,
    fail_on: str,
    name: str,
    by: str | None,
    out: Path | None,
    force: bool,
    config: Path | None,
    words: FocusWords,
    show_values: bool,
    keep: tuple[str, ...],
    browser: str,
    new_sessions: tuple[int, ...],
    lenient: bool,
) -> None:
    """Check a capture for problems with cookies, for use in CI.

    The exit status is 0 if there are none, 1 if there are, and 2 if the check could
    not be made, for example because no request matches --host, --path or --cookie.

    A problem is a cookie that the app needed and did not get or read, or that was
    refused, not deleted, overwritten by a late response, or hidden by another cookie
    of its name. A warning is what is uncertain, or works but is not safe.

    FILE is a capture, a JSONL, HAR or mitmproxy flow file (JSONL and HAR also as
    .gz or .zip), or a name from `cookietrace captures`.
    Several of them, or a pattern such as 'lab-*', are checked as one; what several
    recorders have is one problem. Cookie values and other secrets are replaced by
    tokens, unless you use --show-values or the capture is the demo's own.
    """
    project = config if config is not None else find_project_file(Path.cwd())
    events = chosen_capture(file, lenient=lenient, new_sessions=new_sessions, browser=browser)
    focus = words.focus(events)
    report = check_events(
        events,
        source=_named(file),
        focus=focus,
        browser=browser,
        show_values=show_values,
        names=chosen_names(keep),
        ignores=read_ignores(project) if project is not None else (),
        by=By(by) if by is not None else None,
    )
    if report.unchecked:  # not 0, which would say that all is well
        why = " ".join(report.unchecked).rstrip(".")
        hint = f" ({WHAT_IS_THERE})" if focus is not None else ""
        raise FormatError(f"{why[:1].lower()}{why[1:]}{hint}")
    severity = Severity(fail_on)
    text = REPORTERS[name].write(report, severity)
    if out is None or is_standard_output(out):
        click.echo(text.encode(), nl=False)  # JSON and XML are UTF-8, whatever the locale is
    else:
        write_export(out, [text.encode()], force=force, sources=files_of(file))
        click.echo(f"Wrote {safe(str(out))}", err=True)
    if name != "text":
        for remark in report.remarks:
            warn(remark)
    sys.exit(1 if report.failing(severity) else 0)


def _named(file: Place) -> str:
    """Return a file's path as a report names it: relative to the current folder if it is there."""
    if isinstance(file, Several):
        return str(file)
    if isinstance(file, str):
        return str(parse_redis_url(file))
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)

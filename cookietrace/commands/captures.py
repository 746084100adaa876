"""``captures``: list the captures in the data folder, and delete them."""

from __future__ import annotations

import sys
from contextlib import closing, suppress
from datetime import datetime

import click

from cookietrace.commands import examples
from cookietrace.commands.captures_changing import capture_path, compact_command, merge_command
from cookietrace.errors import CaptureError
from cookietrace.index import delete_index
from cookietrace.lesson.display_text import plural, size
from cookietrace.safe_text import safe
from cookietrace.stores import (
    SUFFIX,
    CaptureFile,
    captures_folder,
    delete_capture,
    list_captures,
    open_store,
)


@click.group(
    invoke_without_command=True,
    epilog=examples(
        "cookietrace captures",
        "cookietrace view 2026-01-31-101500",
        "cookietrace captures list redis://lab.example:6379",
        "cookietrace captures delete 2026-01-31-101500",
        "cookietrace captures delete --all",
        "cookietrace captures compact 2026-01-31-101500 --max-size 100MB",
        "cookietrace captures merge monday.cookietrace tuesday.cookietrace -o both.cookietrace",
    ),
)
@click.pass_context
def captures(context: click.Context) -> None:
    """List, delete, compact and merge captures.

    `view`, `export`, `explain` and `check` accept the names in the list of those in
    your data folder.
    """
    if context.invoked_subcommand is None:
        context.invoke(list_command)


captures.add_command(compact_command)
captures.add_command(merge_command)


@captures.command("list")
@click.argument("url", metavar="[URL]", required=False)
def list_command(url: str | None) -> None:
    """List the captures, oldest first.

    With the URL of a Redis server, those that are published there: whether each is being
    recorded now, how far behind it is, and what its recorder lost.
    """
    if url is not None:
        from cookietrace.commands.captures_published import listed

        for line in listed(url):
            click.echo(line)
        return
    found = list_captures()
    if not found:
        folder = safe(str(captures_folder()))
        click.echo(f"No captures in {folder} yet. `cookietrace demo` makes one.")
        return
    click.echo(f"In {safe(str(captures_folder()))}:")
    for capture in found:
        click.echo(_line(capture))


@captures.command("delete")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Delete every capture in the data folder.")
@click.option("--yes", is_flag=True, help="With --all: do not ask for confirmation.")
def delete_command(names: tuple[str, ...], *, everything: bool, yes: bool) -> None:
    """Delete captures.

    NAME is a name from `cookietrace captures`, or a path. --all skips captures that
    are being recorded, and anything that is not a file.
    """
    if everything == bool(names):
        raise CaptureError("name the captures to delete, or use --all")
    paths = [capture_path(name) for name in names]
    if everything:
        found = [capture for capture in list_captures() if not capture.live]
        paths = [capture.path for capture in found if capture.path.is_file()]
    if not paths:
        click.echo("Nothing to delete.")
        return
    if everything and not yes:
        if not sys.stdin.isatty():
            raise CaptureError("--all asks for confirmation, and there is no terminal: add --yes")
        click.confirm(f"Delete {plural(len(paths), 'capture')}?", abort=True)
    for path in paths:
        with suppress(CaptureError), closing(open_store(path)) as store:
            delete_index(store.info.capture_id)
        delete_capture(path)
        click.echo(f"Deleted {safe(str(path))}")


def _when(at: float) -> str:
    """Return a Unix time as the local date and time; at the same width if it is no date."""
    try:
        return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return "unknown time".ljust(16)


def _line(capture: CaptureFile) -> str:
    """Return one line of the list."""
    name = safe(capture.path.name.removesuffix(SUFFIX))
    if capture.first_at is None:
        return f"  {name}  cannot be read: {capture.trouble}"
    began = _when(capture.first_at)
    live = "  recording now" if capture.live else ""
    return (
        f"  {name}  {began}  {plural(capture.events, 'event'):>12}  {size(capture.size):>9}{live}"
    )

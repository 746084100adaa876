"""``captures compact`` and ``merge``: remove old exchanges, and put recordings together."""

from __future__ import annotations

import time
from pathlib import Path

import click

from cookietrace.commands import examples
from cookietrace.commands.recording_options import AGE_FLAG, SIZE_FLAG, chosen_limits
from cookietrace.cutting.compacting import COMPACTED
from cookietrace.cutting.limits import cut_to_limits
from cookietrace.cutting.merge import merge
from cookietrace.errors import CaptureError
from cookietrace.events import Capture, Event
from cookietrace.lesson.display_text import plural, size
from cookietrace.safe_text import safe
from cookietrace.stores import (
    capture_named,
    create_capture,
    delete_capture,
    is_live,
    is_redis_url,
    open_store,
)
from cookietrace.stores.trimming import Trimming

_BATCH = 1000


@click.command(
    "compact",
    epilog=examples(
        "cookietrace captures compact 2026-01-31-101500 --max-size 100MB",
        "cookietrace captures compact shop.cookietrace --max-age 7d",
        "cookietrace captures compact shop.cookietrace",
        "    only frees unused space",
    ),
)
@click.argument("name", metavar="NAME")
@click.option(SIZE_FLAG, metavar="SIZE", help="Remove the oldest exchanges down to this size.")
@click.option(AGE_FLAG, metavar="AGE", help="Remove exchanges older than this, such as 7d.")
def compact_command(name: str, max_size: str | None, max_age: str | None) -> None:
    """Remove the oldest exchanges of a capture, and shrink its file.

    NAME is a name from `cookietrace captures`, or a path. What is left keeps its
    verdicts and the numbers of its steps: the cookies in each jar at that moment
    are kept. To limit a capture while it is recorded, give --max-size or
    --max-age to watch or proxy.
    """
    limits = chosen_limits(max_size, max_age)
    path = capture_path(name)
    if is_live(path):
        raise CaptureError(
            f"{safe(str(path))} is being recorded: stop the recorder first, or start it with "
            f"{SIZE_FLAG}"
        )
    before = path.stat().st_size if path.exists() else 0
    removed = None
    store = open_store(path, write=True)
    try:
        with Trimming(path) as trimming:
            if limits:
                removed = cut_to_limits(
                    trimming, limits, time.time(), why=COMPACTED, pause=lambda _: None
                )
            trimming.shrink()
    finally:
        store.close()
    what = "nothing was removed"
    if removed is not None:
        what = f"{plural(removed.exchanges, 'exchange')} removed in all"
    click.echo(f"{safe(str(path))}: {what}, {size(before)} before, {size(path.stat().st_size)} now")


@click.command(
    "merge",
    epilog=examples(
        "cookietrace captures merge monday.cookietrace tuesday.cookietrace -o week.cookietrace",
        "cookietrace captures merge phone.cookietrace laptop.har -o both.cookietrace",
    ),
)
@click.argument("names", metavar="NAME NAME...", nargs=-1)
@click.option(
    "-o",
    "--output",
    "out",
    metavar="OUT",
    required=True,
    type=click.Path(path_type=Path),
    help="The capture to make.",
)
def merge_command(names: tuple[str, ...], out: Path) -> None:
    """Make one capture of several, in the order of time.

    NAME is a name from `cookietrace captures`, or the path of any file that `view`
    reads. Clients stay apart, each with its own jar, and keep their verdicts;
    steps are numbered again. The captures themselves stay as they are.
    """
    if len(names) < 2:
        raise CaptureError("name at least two captures to merge")
    if out.exists():
        raise CaptureError(f"{safe(str(out))} already exists: give -o another file")
    from cookietrace.formats import read_capture  # only merging needs all formats

    read = [(safe(name), tuple(read_capture(capture_path(name)))) for name in names]
    merged = merge(read)
    info = next(merged)
    assert isinstance(info, Capture)
    store = create_capture(out, info=info)
    try:
        batch: list[Event] = []
        for event in merged:
            batch.append(event)
            if len(batch) == _BATCH:
                store.append(batch)
                batch.clear()
        store.append(batch)
    except BaseException:
        store.close()
        delete_capture(out)
        raise
    store.close()
    click.echo(f"Made {safe(str(out))} of {plural(len(names), 'capture')}")


def capture_path(name: str) -> Path:
    """Return the file for a name from the list or a path. Raises ``CaptureError``."""
    if is_redis_url(name):
        raise CaptureError(
            "this changes files on this machine, and what is published is a copy: docs/REDIS.md "
            "says how to remove a capture from Redis"
        )
    path = capture_named(name)
    if path is None:
        raise CaptureError(f"there is no capture {safe(name)}: `cookietrace captures` lists them")
    return path

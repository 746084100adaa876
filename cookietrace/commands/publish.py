"""``publish``: add a capture to a Redis stream, while it is recorded or afterwards."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from cookietrace.commands import examples
from cookietrace.commands.chosen_settings import chosen_settings
from cookietrace.commands.publishing_options import (
    chosen_publishing,
    destination,
    publishing_options,
)
from cookietrace.commands.reading_options import file_argument
from cookietrace.commands.recording import say
from cookietrace.errors import CaptureError
from cookietrace.lesson.display_text import plural
from cookietrace.publishing.publisher import Publisher
from cookietrace.supervision.signals import END_SIGNALS


@click.command(
    epilog=examples(
        "cookietrace publish shop.cookietrace 'redis://lab.example:6379/0?capture=lab-7'",
        "    then, anywhere: cookietrace view 'redis://lab.example:6379/0?capture=lab-7'",
        "cookietrace publish --once shop.cookietrace redis+unix:///run/redis.sock",
    )
)
@file_argument
@click.argument("url", metavar="URL")
@publishing_options
@click.option("--once", is_flag=True, help="End once everything that is there is published.")
@click.option(
    "--replace", is_flag=True, help="Remove another capture that has the same name there."
)
def publish(file: Path | str, url: str, *, once: bool, replace: bool, **options: Any) -> None:
    """Publish a capture to Redis, also while it is being recorded, until Ctrl-C.

    FILE is a capture, or a name from `cookietrace captures`. URL is a Redis server's, with
    ?capture=NAME for the name there. The password comes from COOKIETRACE_REDIS_PASSWORD or
    ?password_file=FILE.

    Values are redacted before they leave this machine; bodies, source and the values of
    parameters stay here.
    """
    if isinstance(file, str):
        raise CaptureError("publish reads a capture on this machine: name its file")
    address, _ = destination(url, file)
    names = chosen_settings().settings.names
    chosen = chosen_publishing(options, names, once=once, replace=replace)
    publisher = Publisher(file, address, chosen, lambda line: say(line) if line else None)
    if not once:
        say(f"publishing to {address}; press Ctrl-C to stop")
    with _stopped_by_signals(publisher):
        whole = publisher.run()
    published = f"{publisher.position:,} of {plural(publisher.recorded, 'event')}"
    if not whole:
        raise CaptureError(
            f"not everything could be published to {address}, only {published}: run this again"
        )
    say(f"published to {address}: {published}, complete")


@contextmanager
def _stopped_by_signals(publisher: Publisher) -> Iterator[None]:
    """Stop a publisher at the first signal that ends a program: it publishes what is there."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        publisher.stop()

    before = {each: signal.signal(each, stop) for each in END_SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)

"""The argument and options that view, export, explain and check share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from cookietrace.cookies import PROFILES
from cookietrace.events import Event
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.numbered_client import numbered_client
from cookietrace.recorders import Place, place_of
from cookietrace.safe_text import safe
from cookietrace.stores import capture_named, is_redis_url
from cookietrace.stores.redis_streams.address import parse_redis_url

Command = TypeVar("Command", bound=Callable[..., Any])

AUTO = "auto"
ALL = "all"
"""The value of ``--browser`` that asks for a comparison."""


_STEP = re.compile(r"[0-9]{1,18}")
_LONGEST_SHOWN = 60


class _Step(click.types.IntParamType):
    """The number of a step."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; say what is wanted if it is none."""
        text = str(value)
        if not (_STEP.fullmatch(text) and int(text) > 0):
            self.fail(
                f"{safe(text[:_LONGEST_SHOWN])!r} is not the number of a step, which counts from 1",
                param,
                ctx,
            )
        return int(text)


class CaptureOrFile(click.Path):
    """A path, the name of a capture as ``cookietrace captures`` lists it, or a URL."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | PathLike[str]:
        """Return the path to read; the value unchanged if it names nothing.

        A URL of a capture in Redis stays a string. Raises ``CaptureError`` if it is not valid.
        """
        if is_redis_url(str(value)):
            parse_redis_url(str(value))
            return str(value)
        return super().convert(capture_named(str(value)) or value, param, ctx)


def _as_place(ctx: click.Context, param: click.Parameter, value: tuple[Path | str, ...]) -> Place:
    """Return what the words name together. Raises ``CaptureError``."""
    del ctx, param
    return place_of(value)


file_argument = click.argument("file", metavar="FILE", type=CaptureOrFile(path_type=Path))
"""One capture."""

place_argument = click.argument(
    "file",
    metavar="FILE...",
    type=CaptureOrFile(path_type=Path),
    nargs=-1,
    required=True,
    callback=_as_place,
)
"""One capture, or several as one."""

browser_option = click.option(
    "--browser",
    type=click.Choice([AUTO, *PROFILES]),
    default=AUTO,
    show_default=True,
    help="Cookie rules to apply; auto uses each client's User-Agent.",
)

browser_or_all_option = click.option(
    "--browser",
    type=click.Choice([AUTO, ALL, *PROFILES]),
    default=AUTO,
    show_default=True,
    help="Cookie rules to apply; auto uses each client's User-Agent. all: the verdicts that differ "
    "between Chromium, Firefox, Safari and the specification, side by side.",
)

lenient_option = click.option("--lenient", is_flag=True, help="Skip unreadable parts.")

show_values_option = click.option(
    "--show-values",
    is_flag=True,
    help="Show the real cookie values instead of tokens. They may be live sessions.",
)

keep_option = click.option(
    "--keep",
    metavar="NAME",
    multiple=True,
    help="Keep the values of this field, parameter or member, such as state, unless a cookie or "
    "another secret name has the same value (can be repeated).",
)

new_session_option = click.option(
    "--new-session",
    "new_sessions",
    metavar="STEP",
    type=_Step(),
    multiple=True,
    help="From this step's request on, its client is a fresh browser with an empty jar (can be "
    "repeated).",
)

_STRETCH = (
    click.option(
        "--from",
        "first",
        metavar="PLACE",
        help="Leave out what comes before this step (12) or local time (12:30, 2026-01-31T12:30).",
    ),
    click.option(
        "--to", "last", metavar="PLACE", help="Leave out what comes after this step or time."
    ),
)

_FOCUS = (
    click.option("--host", metavar="HOST", help="Only this host."),
    click.option(
        "--path",
        metavar="PATH",
        help="Only this path: /x exactly, or /x/* for everything below /x.",
    ),
    click.option(
        "--cookie",
        "cookies",
        metavar="NAME",
        multiple=True,
        help="Only exchanges that involve this cookie (can be repeated).",
    ),
    click.option("--client", metavar="N", type=_Step(), help="Only the client with this number."),
    click.option("--recorder", metavar="NAME", help="Of several recorders, only this one."),
)


def focus_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose a focus to a command, which gets them as ``words``."""

    @wraps(command)
    def with_words(
        *arguments: Any,
        host: str | None,
        path: str | None,
        cookies: tuple[str, ...],
        client: int | None,
        recorder: str | None,
        **more: Any,
    ) -> Any:
        words = FocusWords(host, path, cookies, client, recorder)
        return command(*arguments, words=words, **more)

    chosen: Callable[..., Any] = with_words
    for option in reversed(_FOCUS):
        chosen = option(chosen)
    return chosen


def stretch_options(command: Command) -> Command:
    """Add the options that choose a stretch of a capture to a command."""
    for option in reversed(_STRETCH):
        command = option(command)
    return command


class FocusWords(msgspec.Struct, frozen=True):
    """The focus as the options describe it."""

    host: str | None = None
    path: str | None = None
    cookies: tuple[str, ...] = ()
    client: int | None = None
    """The number of a client, from 1."""
    recorder: str | None = None

    def focus(self, events: Iterable[Event]) -> Focus | None:
        """Return the focus on these events; None if none was given.

        Raises ``FormatError`` if there is no such client.
        """
        if self == FocusWords():
            return None
        return Focus(
            host=self.host,
            path=self.path,
            cookies=self.cookies,
            client_id=None if self.client is None else numbered_client(events, self.client),
            recorder=self.recorder,
        )

    def screen_arguments(self) -> list[str]:
        """Return the arguments with which the screen is started in this focus."""
        given = (
            ("host", self.host),
            ("path", self.path),
            *(("cookie", cookie) for cookie in self.cookies),
            ("client", self.client),
            ("recorder", self.recorder),
        )
        return [f"--focus-{name}={value}" for name, value in given if value is not None]

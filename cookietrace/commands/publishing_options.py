"""The options that say how a capture is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from cookietrace.cutting.amounts import AGE_EXPECTED, age_of
from cookietrace.errors import LaunchError
from cookietrace.publishing.options import PublishingOptions
from cookietrace.publishing.retention import Retention
from cookietrace.safe_text import safe
from cookietrace.secret_names import Names
from cookietrace.stores.redis_streams.address import NAME, RedisAddress, parse_redis_url

Command = TypeVar("Command", bound=Callable[..., Any])

EVENTS_FLAG, AGE_FLAG = "--publish-max-events", "--publish-max-age"

_OPTIONS = (
    click.option(
        "--publish-values",
        is_flag=True,
        help="Publish everything, with cookie values, bodies and source. They may be live "
        "sessions, and anyone who can read that server sees them.",
    ),
    click.option(
        "--token-key",
        "token_key",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The key that your team shares, so that equal values have equal tokens in all "
        "captures [default: COOKIETRACE_TOKEN_KEY, or a key of this capture].",
    ),
    click.option(
        EVENTS_FLAG,
        metavar="N",
        type=click.IntRange(min=100),
        help="Keep about the latest N events there, with the jars as they were before "
        "[default: all].",
    ),
    click.option(
        AGE_FLAG,
        metavar="AGE",
        help="Keep only newer events than this there, such as 2d or 12h, with the jars as they "
        "were before [default: all].",
    ),
)


def publishing_options(command: Command) -> Command:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen_publishing(
    options: Mapping[str, Any], names: Names, *, once: bool = False, replace: bool = False
) -> PublishingOptions:
    """Return what the options mean. Raises ``LaunchError`` and ``CaptureError``."""
    from cookietrace.redact import shared_key  # whoever publishes nothing does not wait for it

    age = options["publish_max_age"]
    try:
        most_seconds = None if age is None else age_of(age)
    except ValueError:
        raise LaunchError(f"{AGE_FLAG} must be {AGE_EXPECTED}, not {safe(age)!r}") from None
    return PublishingOptions(
        values=options["publish_values"],
        key=shared_key(options["token_key"]),
        names=names,
        browser=options.get("browser") or "auto",
        retention=Retention(options["publish_max_events"], most_seconds),
        once=once,
        replace=replace,
    )


def destination(url: str, capture: Path | None) -> tuple[RedisAddress, str]:
    """Return the address that a URL names, and the URL, both with the name of a capture.

    Without one in the URL, that is the name of the capture's file. Raises ``CaptureError`` and
    ``LaunchError``.
    """
    address = parse_redis_url(url)
    if address.capture is None and capture is not None:
        name = capture.name.removesuffix(".cookietrace")
        if not NAME.fullmatch(name):
            raise LaunchError(
                f"{safe(name)!r} cannot be the name of a capture in Redis: add ?capture=NAME to "
                "the URL"
            )
        separator = "&" if "?" in url else "?"
        return address.named(name), f"{url}{separator}capture={name}"
    address.name  # noqa: B018 - raises if it is a pattern
    return address, url

"""The options that watch, demo and view share to show something in a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from cookietrace.errors import LaunchError
from cookietrace.supervision.web_listening import (
    CERTIFICATE_FLAG,
    DEFAULT_LISTEN,
    KEY_FLAG,
    LISTEN_FLAG,
    PAGE_FLAG,
    TERMINAL_FLAG,
    WebAddress,
    chosen_address,
    require_extra,
)

Command = TypeVar("Command", bound=Callable[..., Any])

SHOW_FLAG = "--show-values"

_OPTIONS = (
    click.option(
        PAGE_FLAG,
        is_flag=True,
        help="Serve the lesson page, live, instead of the screen: prints its address.",
    ),
    click.option(
        TERMINAL_FLAG,
        is_flag=True,
        help="Serve the screen itself, in browser tabs: prints its address.",
    ),
    click.option(
        LISTEN_FLAG,
        metavar="HOST:PORT",
        help=f"Where the page listens [default: {DEFAULT_LISTEN}, or the next free port]. Access "
        f"from other machines needs {CERTIFICATE_FLAG} and {KEY_FLAG}, and values are hidden "
        "there.",
    ),
    click.option(
        CERTIFICATE_FLAG,
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The page's certificate: serve it with https.",
    ),
    click.option(
        KEY_FLAG, metavar="FILE", type=click.Path(path_type=Path), help="The certificate's key."
    ),
    click.option(
        SHOW_FLAG,
        is_flag=True,
        help=f"With {LISTEN_FLAG}: show cookie values to other machines too. They may be live "
        "sessions.",
    ),
)

_SHOWN = {PAGE_FLAG: "web", TERMINAL_FLAG: "web_terminal"}
"""What can be shown in a browser."""

_GIVEN = {
    LISTEN_FLAG: "web_listen",
    CERTIFICATE_FLAG: "web_cert",
    KEY_FLAG: "web_key",
    SHOW_FLAG: "show_values",
}


def web_options(command: Command) -> Command:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def chosen_page(options: Mapping[str, Any]) -> WebAddress | None:
    """Return where the user wants the page; None without ``--web``.

    Raises ``LaunchError`` if the options do not fit together, or the extra is not installed.
    """
    return _chosen(options, PAGE_FLAG)


def chosen_terminal(options: Mapping[str, Any]) -> WebAddress | None:
    """Return where the user wants the screen in browser tabs; None without ``--web-terminal``.

    Raises as ``chosen_page`` does.
    """
    return _chosen(options, TERMINAL_FLAG)


def _chosen(options: Mapping[str, Any], wanted: str) -> WebAddress | None:
    chosen = [flag for flag, name in _SHOWN.items() if options[name]]
    if len(chosen) > 1:
        raise LaunchError(f"{PAGE_FLAG} and {TERMINAL_FLAG}: choose one of them")
    if not chosen:
        for flag, name in _GIVEN.items():
            if options[name]:
                raise LaunchError(
                    f"{flag} is for what is shown in a browser: add {PAGE_FLAG} or {TERMINAL_FLAG}"
                )
    if wanted not in chosen:
        return None
    require_extra(wanted)
    return chosen_address(options["web_listen"], options["web_cert"], options["web_key"])

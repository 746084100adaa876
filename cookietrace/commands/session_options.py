"""The options with which signatures of sessions are checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cookietrace.sessions.given_keys import KEY_VARIABLE

Command = TypeVar("Command", bound=Callable[..., Any])


def session_key_options(command: Command) -> Command:
    """Add ``--session-key-file`` and ``--session-salt``, as ``key_files`` and ``salts``."""
    files = click.option(
        "--session-key-file",
        "key_files",
        metavar="FILE",
        multiple=True,
        type=click.Path(path_type=Path, dir_okay=False),
        help="A file with the app's key (SECRET_KEY, or a public key in PEM), to check "
        f"signatures with. May be repeated. {KEY_VARIABLE} works, too.",
    )
    salts = click.option(
        "--session-salt",
        "salts",
        metavar="SALT",
        multiple=True,
        help="A salt that the app signs with, if it is not the default. May be repeated.",
    )
    return files(salts(command))

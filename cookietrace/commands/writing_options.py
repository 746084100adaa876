"""The options of the commands that write a file: export and check."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from cookietrace.safe_text import safe_lines
from cookietrace.whole_file import descriptor_of

Command = TypeVar("Command", bound=Callable[..., Any])


def writing_options(about: str) -> Callable[[Command], Command]:
    """Return what adds ``-o`` and ``--force`` to a command; ``about`` is the help of ``-o``."""

    def add(command: Command) -> Command:
        command = click.option("--force", is_flag=True, help="Replace OUT if it exists.")(command)
        return click.option(
            "-o",
            "--output",
            "out",
            metavar="OUT",
            type=click.Path(path_type=Path, allow_dash=True),
            help=about,
        )(command)

    return add


def is_standard_output(out: Path) -> bool:
    """Return whether ``-o`` names standard output."""
    return str(out) == "-" or descriptor_of(out) == 1


def print_pieces(pieces: Iterable[bytes]) -> None:
    """Write to standard output: safe text to a terminal, the bytes as they are otherwise."""
    stream, to_terminal = sys.stdout.buffer, sys.stdout.isatty()
    for piece in pieces:
        if to_terminal:
            piece = "\n".join(safe_lines(piece.decode(errors="replace"))).encode()
        stream.write(piece)
    stream.flush()

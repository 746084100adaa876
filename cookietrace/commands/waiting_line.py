"""A line on the terminal while a command reads, and nothing else can be said yet."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

_LINE = "Reading …\r"
"""What else is written meanwhile, such as a warning, takes its place."""

_ERASED = "\r\x1b[K"


@contextmanager
def waiting_line() -> Iterator[None]:
    """Say on standard error that a command reads, if that is a terminal; then remove it."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    click.echo(_LINE, nl=False, err=True)
    try:
        yield
    finally:
        click.echo(_ERASED, nl=False, err=True)

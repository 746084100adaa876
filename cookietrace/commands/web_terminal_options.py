"""The option that watch, demo and view share to show the screen in browser tabs."""

from __future__ import annotations

import click

from cookietrace.supervision.web_terminal import FLAG

web_terminal_option = click.option(
    FLAG,
    is_flag=True,
    help="Show the screen in browser tabs, not in this terminal: prints an address of this "
    "machine.",
)
"""The option of watch, demo and view."""

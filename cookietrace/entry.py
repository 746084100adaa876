"""The ``cookietrace`` program: Ctrl-C ends it quietly from the start.

What a command imports takes a while, and Ctrl-C would show where Python was.
"""

from __future__ import annotations

from cookietrace import interrupts


def main() -> None:
    """Run the command line."""
    interrupts.quiet()
    from cookietrace.cli import main as run

    run()

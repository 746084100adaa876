"""The ``cookietrace`` program: Ctrl-C ends it quietly from the start.

What a command imports takes a while, and Ctrl-C would show where Python was.
"""

from __future__ import annotations

import gc
from typing import Final

from cookietrace import interrupts

_GC_THRESHOLD: Final = 5_000
"""How many more objects start a search for cycles. Reading a capture makes many and no cycles;
with Python's 700 the searches take a tenth of the time of ``explain --json``."""


def main() -> None:
    """Run the command line."""
    interrupts.quiet()
    gc.set_threshold(_GC_THRESHOLD, 10, 10)
    from cookietrace.cli import main as run

    run()

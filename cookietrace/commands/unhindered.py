"""Reading a whole capture while the garbage collector seldom looks."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_RARELY: Final = (100_000, 20, 100)


@contextmanager
def unhindered() -> Iterator[None]:
    """Let the garbage collector look less often at what is being read: it finds little there."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)

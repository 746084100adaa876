"""Reading a whole capture while the garbage collector does not look."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unhindered() -> Iterator[None]:
    """Keep the garbage collector from looking at what is being read.

    It would search all of it again and again, and find nothing: what a fold drops has no cycles.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

"""Reading a whole capture while the garbage collector does not look."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unhindered() -> Iterator[None]:
    """Keep the garbage collector from looking at what is being read.

    It would search all of it again and again, and find nothing: what a fold drops has no cycles.
    Nor does it search afterwards what is there by then.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()
            gc.enable()


def left_to_the_system(what: object) -> None:
    """Never free an object: at the end of the process, the system frees all at once.

    To free what a large capture was read into, object by object, takes a tenth of a second. Call
    this while the garbage collector does not look.
    """
    circle = [what]
    circle.append(circle)

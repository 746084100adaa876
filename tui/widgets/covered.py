"""A container that is not drawn, because what is in it covers all of it."""

from __future__ import annotations

from textual.containers import Container


class Covered(Container):
    """Has no lines of its own to style, cut and throw away for each key."""

    BLANK = True

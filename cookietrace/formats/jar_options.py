"""Which jar of a capture is written as a file of cookies."""

from __future__ import annotations

import msgspec


class JarOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The choice of one jar; the defaults are the only client's, as it is at the end."""

    at: str | None = None
    """The step, as texts call it, after which the jar is written; None for the last one."""
    client: int | None = None
    """The client by its number; None for the only one that holds cookies."""

"""The selected step, shared by all modes: one frozen value."""

from __future__ import annotations

import msgspec


class Selection(msgspec.Struct, frozen=True):
    """The selected step, and whether it follows live traffic."""

    step: int = 0
    """Counts from 1 inside the focus; 0 while there are no steps."""
    following: bool = True
    """True while the newest step is selected as it arrives."""
    seen: int = 0
    """How many steps there were when following was paused."""
    client_id: str | None = None
    """The client whose jar was asked for; None for the client of the selected step."""

    def at(self, step: int, count: int) -> Selection:
        """Return the selection after the user moved to ``step`` of ``count``, kept in range.

        Moving away from the newest step pauses following.
        """
        step = max(1, min(step, count)) if count else 0
        following = self.following and step == count
        seen = self.seen if not self.following else count
        return msgspec.structs.replace(
            self, step=step, following=following, seen=seen, client_id=None
        )

    def grown(self, count: int) -> Selection:
        """Return the selection after the trace has grown to ``count`` steps."""
        if self.following:
            return msgspec.structs.replace(self, step=count, seen=count)
        return self if self.step or not count else msgspec.structs.replace(self, step=1)

    def follow(self, count: int) -> Selection:
        """Return the selection at the newest step, following again."""
        return msgspec.structs.replace(self, step=count, following=True, seen=count, client_id=None)

    def paused(self, count: int) -> Selection:
        """Return the selection at the same step, no longer following."""
        if not self.following:
            return self
        return msgspec.structs.replace(self, following=False, seen=count)

    def new(self, count: int) -> int:
        """Return how many steps have arrived since following was paused."""
        return 0 if self.following else max(0, count - self.seen)

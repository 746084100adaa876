"""Where a person stands in the trace: one frozen value, shared by all modes."""

from __future__ import annotations

import msgspec


class Selection(msgspec.Struct, frozen=True):
    """The selected step, and whether it goes along with live traffic."""

    step: int = 0
    """1-based inside the focus; 0 while there is no step."""
    following: bool = True
    """True while the newest step selects itself as it comes."""
    seen: int = 0
    """How many steps there were when following was paused."""
    client_id: str | None = None
    """The client whose jar is asked for; None for the one of the selected step."""

    def at(self, step: int, count: int) -> Selection:
        """Return the selection moved by a person to ``step`` of ``count``, held in range.

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
        """Return the selection that goes along with the newest step again."""
        return msgspec.structs.replace(self, step=count, following=True, seen=count, client_id=None)

    def paused(self, count: int) -> Selection:
        """Return the selection that stays where it is."""
        if not self.following:
            return self
        return msgspec.structs.replace(self, following=False, seen=count)

    def new(self, count: int) -> int:
        """Return how many steps came since following was paused."""
        return 0 if self.following else max(0, count - self.seen)

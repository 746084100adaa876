"""Whether two readings of a capture, in two processes, were of the same events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cookietrace.events import Event


class Passed:
    """Knows which events have passed.

    A recording grows at its end, and its beginning may be replaced. So those of two readings are
    the same if they are as many, and if the last one and some others, most of them early, are.
    """

    def __init__(self) -> None:
        self.all: tuple[int, list[Event]] = 0, []
        """How many there were, and those that are compared."""

    def passing(self, events: Iterable[Event]) -> Iterator[Event]:
        """Yield the events; those of an earlier call are forgotten."""
        count, event, some = 0, None, list[Event]()
        for event in events:
            count += 1
            if not count & (count - 1):  # 1, 2, 4, 8 and so on
                some.append(event)
            yield event
        self.all = count, some if event is None else [*some, event]

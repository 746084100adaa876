"""One of two captures that are compared, read once: for its verdicts and for what to hide."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cookietrace.commands.beside import Caller
from cookietrace.events import Event
from cookietrace.fold.exchange import Exchange, TraceUpdate
from cookietrace.follow import judged
from cookietrace.lesson.changes import Asking, Step, TraceJourney
from cookietrace.redact.outgoing import Learning
from cookietrace.secret_names import Names
from cookietrace.trace import Trace

_WHOLE: Final = 50_000
"""How many exchanges stay in memory: to pack and unpack them takes as long as the fold."""


class Side(TraceJourney):
    """A capture in this process."""

    def __init__(
        self,
        events: Iterable[Event],
        browser: str,
        hosts: Mapping[str, str],
        *,
        show_values: bool,
        names: Names,
    ) -> None:
        """Read and fold the events, and get ready what will be asked.

        The other side does so at the same time. ``hosts`` are those for ``asking``. Raises as
        reading the events does.
        """
        learning = Learning(show_values=show_values, names=names)
        trace = judged(events, _nothing, browser, learning.passing, whole=_WHOLE)
        super().__init__(trace)
        self._outgoing = learning.outgoing
        self._asking = super().asking(hosts)

    def prepare(self) -> None:
        """Get ready to hide what is secret in texts, which takes a while."""
        self._outgoing.text("ready for all texts")

    def asking(self, hosts: Mapping[str, str]) -> Asking:  # noqa: ARG002 - those from the start
        """Return what its requests ask."""
        return self._asking

    def text(self, text: str) -> str:
        """Return a text as it may leave the machine."""
        return self._outgoing.text(text)


class SideBeside:
    """A capture in another process."""

    def __init__(self, other: Caller) -> None:
        """``other`` is a ``Side`` there."""
        self._other = other

    def asking(self, hosts: Mapping[str, str]) -> Asking:
        """Return what its requests ask."""
        return Asking(*self._other.call("asking", dict(hosts)))

    def exchanges(self, indices: Sequence[int]) -> list[Exchange]:
        """Return the exchanges at these indices."""
        return list(self._other.call("exchanges", list(indices)))

    def steps(self, exchange_ids: Sequence[str]) -> list[Step]:
        """Return what these exchanges are called."""
        return list(self._other.call("steps", list(exchange_ids)))

    def text(self, text: str) -> str:
        """Return a text as it may leave the machine."""
        return str(self._other.call("text", text))


def _nothing(trace: Trace, update: TraceUpdate) -> None:
    """Look at nothing: the trace is read when it is whole."""
    del trace, update

"""Notes on a trace as a whole, and whether each still applies."""

from __future__ import annotations

from collections import defaultdict

from cookietrace.cookies import Target, canonical_host
from cookietrace.events import Failure
from cookietrace.fold.exchange import Note, NoteKind

CLOCK_STEP_SECONDS = 1.0
"""How far the clock may step back without a note."""

_OVER_TLS = frozenset({"https", "wss"})


class Notes:
    """The notes of one trace, and which of them have ended.

    Both lists only grow, so other threads may read them while events are folded.
    """

    def __init__(self) -> None:
        self.all: list[Note] = []
        self.ended: list[int] = []
        """The indices of the notes that no longer apply, in the order in which they ended."""
        self.behind: set[str | None] = set()
        """The recorders whose clock was set back and has not caught up."""
        self.failed: dict[tuple[str, str], list[int]] = defaultdict(list)
        """Client and host -> indices of the failures since the last request that succeeded."""

    def add(
        self,
        kind: NoteKind,
        position: int,
        message: str,
        *,
        client_id: str | None = None,
        host: str | None = None,
        exchanges: tuple[str, ...] = (),
    ) -> None:
        """Add a note."""
        self.all.append(Note(kind, position, message, client_id, host, exchanges))

    def clock(self, step: float, position: int, recorder: str | None = None) -> None:
        """Add a note if an event is ``step`` seconds behind its recorder's clock.

        There is no note for a step of up to a second, and only one until the clock has
        caught up, that is, until ``step`` is zero or negative.
        """
        if step <= 0:
            if self.behind:
                self.behind.discard(recorder)
            return
        if step <= CLOCK_STEP_SECONDS or recorder in self.behind:
            return
        self.behind.add(recorder)
        self.add(
            NoteKind.CLOCK_STEP,
            position,
            by_recorder(
                recorder,
                f"The recorder's clock was set back by {step:.1f} s here; "
                "lifetimes are counted from the later time.",
            ),
        )

    def connection_failed(self, event: Failure, position: int) -> None:
        """Add a note on a connection that failed before any exchange."""
        host = _canonical(event.host)
        if event.client_id is not None and host is not None:
            self.failed[event.client_id, host].append(len(self.all))
        self.add(
            NoteKind.CONNECTION_FAILURE,
            position,
            event.message,
            client_id=event.client_id,
            host=event.host,
        )

    def connected(self, client_id: str, target: Target) -> None:
        """End the notes on failures between a client and a host, since a request succeeded.

        Only requests over TLS count: plain http needs neither a tunnel nor a trusted CA.
        """
        if target.scheme in _OVER_TLS and target.host is not None:
            self.ended += self.failed.pop((client_id, target.host), ())


def by_recorder(name: str | None, message: str) -> str:
    """Return a message about a recorder, with the name that it has among several."""
    return message if name is None else f"{name}: {message}"


def _canonical(host: str | None) -> str | None:
    """Return the host of a failure as a ``Target`` spells it.

    A failure has an IPv6 address without brackets.
    """
    if host is None:
        return None
    return canonical_host(f"[{host}]" if ":" in host else host)

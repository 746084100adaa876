"""What a person should know about a trace as a whole, and whether it still holds."""

from __future__ import annotations

from collections import defaultdict

from cookietrace.cookies import Target, canonical_host
from cookietrace.events import Failure
from cookietrace.fold.exchange import Note, NoteKind

CLOCK_STEP_SECONDS = 1.0
"""How far the clock may step back without a note (DESIGN 3)."""

_OVER_TLS = frozenset({"https", "wss"})


class Notes:
    """The notes of one trace; a note is over when what it says has ended.

    Both lists only grow: others may read them while events are folded in.
    """

    def __init__(self) -> None:
        self.all: list[Note] = []
        self.ended: list[int] = []
        """The indices of those that are over, in the order in which they ended."""
        self._behind = False
        self._unreached: dict[tuple[str, str], list[int]] = defaultdict(list)
        """Client and host -> the indices of the failures since the last request that came."""

    def add(
        self,
        kind: NoteKind,
        position: int,
        message: str,
        *,
        client_id: str | None = None,
        host: str | None = None,
    ) -> Note:
        """Add a note and return it."""
        note = Note(kind, position, message, client_id=client_id, host=host)
        self.all.append(note)
        return note

    def clock(self, step: float, position: int) -> Note | None:
        """Return a note where an event is ``step`` seconds older than the one before it.

        Once until that is made up for: a ``step`` that is not positive says so. A
        step of up to a second is none (DESIGN 3).
        """
        if step <= 0:
            self._behind = False
            return None
        if step <= CLOCK_STEP_SECONDS or self._behind:
            return None
        self._behind = True
        return self.add(
            NoteKind.CLOCK_STEP,
            position,
            f"The recorder's clock was set back by {step:.1f} s here; "
            "lifetimes are counted from the later time.",
        )

    def unreached(self, event: Failure, position: int) -> Note:
        """Add a note on a connection that never came to an exchange."""
        host = _canonical(event.host)
        if event.client_id is not None and host is not None:
            self._unreached[event.client_id, host].append(len(self.all))
        return self.add(
            NoteKind.CONNECTION_FAILURE,
            position,
            event.message,
            client_id=event.client_id,
            host=event.host,
        )

    def came(self, client_id: str, target: Target) -> None:
        """End the notes on what stood between a client and a host: a request came through.

        Only one over TLS shows it; plain http makes no tunnel and asks for no trust.
        """
        if self._unreached and target.scheme in _OVER_TLS and target.host is not None:
            self.ended += self._unreached.pop((client_id, target.host), ())


def _canonical(host: str | None) -> str | None:
    """Return the host of a failure, an IPv6 address without brackets, as a ``Target`` has it."""
    if host is None:
        return None
    return canonical_host(f"[{host}]" if ":" in host else host)
